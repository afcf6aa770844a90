import * as z from 'zod';
import type { Deps } from './deps.ts';
import { refusal } from './errors.ts';
import { limit } from './model/paging.ts';
import { code, parse } from './model/parse.ts';
import { type Person, toHandle } from './model/user.ts';
import { handlesStarting } from './table/reads.ts';

const inputSchema = z.object({ prefix: z.string(code('prefix_invalid')), limit });

/**
 * The people whose handle starts with something, in the order of their handles.
 * @param input `{prefix, limit?}`, unchecked; a prefix is the beginning of a handle, one character at least
 * @throws DomainError `prefix_invalid`, `limit_invalid`, `throttled`
 */
export async function findPeople(deps: Deps, input: unknown): Promise<Person[]> {
  const { prefix, limit } = parse(inputSchema, input);
  const start = toHandle(prefix);
  if (!start) throw refusal('prefix_invalid', 'prefix');
  return handlesStarting(deps.table, start, limit);
}
