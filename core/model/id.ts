import * as z from 'zod/mini';
import type { ErrorCode } from '../errors.ts';
import { code } from './parse.ts';

/** A UUID in lower case. */
export type Uuid = z.output<ReturnType<typeof uuid>>;

/** @returns a schema that accepts a UUID in upper or lower case and lowers it */
export function uuid(error: ErrorCode) {
  return z.guid(code(error)).check(z.toLowerCase()).brand<'Uuid'>();
}
