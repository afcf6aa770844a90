import fc from 'fast-check';
import type { Uuid } from '../../core/model/id.ts';
import { fromMicros } from '../../core/model/time.ts';
import type { User } from '../../core/model/user.ts';

export const uuids = fc.uuid().map((text) => text as string as Uuid);
export const micros = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
export const timestamps = micros.map(fromMicros);
export const users: fc.Arbitrary<User> = fc.record({
  user_uuid: uuids,
  handle: fc.stringMatching(/^[a-z0-9_]{1,30}$/).map((text) => text as User['handle']),
  display_name: fc.stringMatching(/^[A-Za-z ]{1,38}x$/),
});
export const pairs = fc.tuple(users, users).filter(([one, other]) => one.user_uuid !== other.user_uuid) as fc.Arbitrary<
  [User, User]
>;
