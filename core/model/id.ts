import * as z from 'zod';
import type { ErrorCode } from '../errors.ts';
import { code } from './parse.ts';

/** A UUID in lower case. */
export type Uuid = z.output<ReturnType<typeof uuid>>;

/** A schema for a UUID in upper or lower case, which callers may have from any source. */
export function uuid(error: ErrorCode) {
  return z.guid(code(error)).toLowerCase().brand<'Uuid'>();
}
