/** Work on a stream, several items at a time, its results in the stream's order. */

/**
 * Takes the next items while `work` is still busy with earlier ones, `ahead` of them in all. Where
 * one fails, so does the stream, in its turn.
 */
export async function* mapAhead<T, R>(
  items: AsyncIterable<T>,
  ahead: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<[T, R]> {
  const busy: [T, Promise<R>][] = [];
  for await (const item of items) {
    const result = work(item);
    result.catch(() => undefined); // thrown where it is awaited, if it still is by then
    busy.push([item, result]);
    if (busy.length >= ahead) yield* settled(busy.splice(0, 1));
  }
  yield* settled(busy);
}

async function* settled<T, R>(busy: readonly [T, Promise<R>][]): AsyncGenerator<[T, R]> {
  for (const [item, result] of busy) yield [item, await result];
}
