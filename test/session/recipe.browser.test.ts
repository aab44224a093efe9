import { beforeEach, expect, test } from 'vitest';
import { RecipeSession } from '../../src/session/recipe.svelte.ts';

beforeEach(() => localStorage.clear());

test('keeps what was changed over a reload, and nothing else', () => {
  const first = new RecipeSession();
  first.set('epochs', 3);
  first.strategy = 'all';
  const again = new RecipeSession();
  expect(again.value('epochs')).toBe(3);
  expect(again.strategy).toBe('all');
  expect(again.value('batchSize')).toBe(32);
  expect(again.changed).toEqual(['epochs']);
});

test.each(['', 'no json', '[1]', '{"strategy":"magic","changed":{"epochs":"many","x":1}}'])(
  'begins with the defaults where %j was kept',
  (kept) => {
    localStorage.setItem('graft.recipe', kept);
    const recipe = new RecipeSession();
    expect(recipe.strategy).toBe('head');
    expect(recipe.value('epochs')).toBe(20);
    expect(recipe.invalid).toEqual([]);
  },
);

test('gives no settings while one of them is wrong', () => {
  const recipe = new RecipeSession();
  recipe.set('learningRate', 2);
  expect(recipe.invalid).toEqual(['learningRate']);
  expect(recipe.config('d')).toBeNull();
  recipe.reset();
  expect(recipe.config('d')).toMatchObject({ datasetId: 'd', learningRate: 1e-3, views: 4 });
});
