import * as z from 'zod/mini';
import type { Deps } from './deps.ts';
import { domainError } from './errors.ts';
import { limit } from './model/paging.ts';
import { code, parse } from './model/parse.ts';
import { toHandle, type User } from './model/user.ts';
import { getUsersByPrefix, type Page } from './table/reads.ts';

export const inputSchema = z.object({ prefix: z.string(code('prefix_invalid')), limit });

/**
 * Finds the users whose handle begins with a prefix.
 * @param input `{prefix, limit?}`, unchecked; the prefix is 1–30 characters of a handle, in any case, with or without the `@`
 * @returns the first users in the order of their handles, and whether more have such a handle: a longer prefix finds them
 * @throws DomainError `prefix_invalid`, `limit_invalid`, `throttled`
 */
export async function findUsers(deps: Deps, input: unknown): Promise<Page<User>> {
  const { prefix, limit } = parse(inputSchema, input);
  const start = toHandle(prefix);
  if (!start) throw domainError('prefix_invalid', 'prefix');
  return getUsersByPrefix(deps.table, start, limit);
}
