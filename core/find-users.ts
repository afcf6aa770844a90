import * as z from 'zod/mini';
import { type Deps, deadlineOf } from './deps.ts';
import { domainError, overLimit } from './errors.ts';
import { knownUsers } from './known-users.ts';
import { limitOf } from './model/paging.ts';
import { code, parse } from './model/parse.ts';
import { leastCodePoints, matches, mostKeys, wordsOf } from './model/search.ts';
import { codePoints } from './model/text.ts';
import { toHandle, type User } from './model/user.ts';
import { getUsersByPrefix, getUsersByWord, type Page } from './table/reads.ts';

/** Few results and no further page: a search is for users whose name the caller knows, not for a list of all. */
export const inputSchema = z.object({
  prefix: z.string(code('prefix_invalid')).check(
    z.refine((text) => text.isWellFormed() && codePoints(text) <= 80, code('prefix_invalid')),
    // For the OpenAPI document, since a schema's refinements cannot be converted.
    z.meta({ minLength: leastCodePoints, maxLength: 80 }),
  ),
  limit: limitOf({ most: 10, usual: 10 }),
});

/**
 * Finds the users whose handle, or a word of whose display name, begins with a text, whatever its case and accents. Several words find the
 * users who have all of them, among the first who have the longest.
 * @param input `{prefix, limit?}`, unchecked; the prefix has a word of two code points or more, or is the beginning of a handle, with or
 *   without the `@`
 * @returns the first users, those found by their handle before others, and whether more may match: a longer prefix finds them
 * @throws DomainError `prefix_invalid`, `prefix_too_short`, `limit_invalid`, `too_many_searches`, `throttled`
 */
export async function findUsers(deps: Deps, me: User, input: unknown): Promise<Page<User>> {
  const { prefix, limit } = parse(inputSchema, input);
  const words = wordsOf(prefix);
  const longest = words.reduce((one, other) => (codePoints(other) > codePoints(one) ? other : one), '');
  if (codePoints(longest) < leastCodePoints) throw domainError('prefix_too_short');
  countSearch(deps, me);

  const handle = toHandle(prefix.trim());
  const [byHandle, byWord] = await Promise.all([
    handle ? getUsersByPrefix(deps.table, handle, limit) : { rows: [], more: false },
    getUsersByWord(deps.table, longest, limit * mostKeys),
  ]);
  const ids = [...new Set([...byHandle.rows.map(({ user_uuid }) => user_uuid), ...byWord.rows])];
  const shown = ids.slice(0, limit);
  const users = await knownUsers(deps, shown, deadlineOf(deps));
  const found = shown.flatMap((id) => users.get(id) ?? byHandle.rows.filter(({ user_uuid }) => user_uuid === id));
  return {
    rows: words.length > 1 ? found.filter((user) => matches(user, words)) : found,
    more: byHandle.more || byWord.more || ids.length > limit,
  };
}

const minute = 60_000; // milliseconds

/** @throws DomainError `too_many_searches` when the user has made as many in the last minute as they may, in this process */
function countSearch({ table, limits, memory: { searches } }: Deps, { user_uuid }: User): void {
  const now = table.runtime.millis();
  const recent = (searches.get(user_uuid) ?? []).filter((at) => at > now - minute);
  const [first] = recent;
  if (first !== undefined && recent.length >= limits.searches_per_minute)
    throw overLimit('too_many_searches', Math.ceil((first + minute - now) / 1_000));
  searches.set(user_uuid, [...recent, now]);
}
