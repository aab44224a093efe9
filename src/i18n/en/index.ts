import { common } from './common.ts';
import { data } from './data.ts';
import { errors } from './errors.ts';
import { evaluate } from './evaluate.ts';
import { model } from './model.ts';
import { profile } from './profile.ts';
import { train } from './train.ts';
import { use } from './use.ts';

export const en = { common, data, model, train, profile, evaluate, use, errors };
