import type { Deps } from './deps.ts';
import type { Limits } from './model/limits.ts';

/** @returns the limits of this stage */
export const getLimits = ({ limits }: Pick<Deps, 'limits'>): Limits => limits;
