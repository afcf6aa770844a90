import * as z from 'zod';
import type { ErrorCode } from '../errors.ts';
import { code } from './parse.ts';

/** A UUID in lower case. */
export type Uuid = z.output<ReturnType<typeof uuid>>;

/** Reads a UUID in either case; whoever names a conversation or a person may have it from anywhere. */
export function uuid(error: ErrorCode) {
  return z.guid(code(error)).toLowerCase().brand<'Uuid'>();
}
