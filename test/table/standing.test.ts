import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { setStanding } from '../../admin/users/standing.ts';
import { newMemory } from '../../core/deps.ts';
import { defaultLimits } from '../../core/model/limits.ts';
import type { Timestamp } from '../../core/model/time.ts';
import type { User } from '../../core/model/user.ts';
import type { Table } from '../../core/table/client.ts';
import { systemRuntime } from '../../core/table/runtime.ts';
import { updateProfile } from '../../core/update-profile.ts';
import { whoAmI } from '../../core/who-am-i.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { freshToken } from '../support/fresh-token.ts';
import { unlimited } from '../support/limits.ts';
import { type Scenario, scenario } from '../support/scenario.ts';
import { dump, newTable } from '../support/table.ts';

let table: Table;
let s: Scenario;
let ada: User;
let bob: User;
let now = Date.now();
/** Whose time passes when the test says so. */
const runtime = { ...systemRuntime, millis: () => now };
const process = (more = {}) => scenario(table, { memory: newMemory(runtime), ...more });

beforeAll(async () => {
  table = await newTable(dynamodbEndpoint);
  s = process();
});
beforeEach(async () => {
  [ada, bob] = [await s.given.user(), await s.given.user()];
});

const subOf = async ({ user_uuid }: User) => String((await dump(table, `USR#${user_uuid}`))[0]?.cognito_user_id);
const at = '2024-02-29T12:00:00.000000+00:00' as Timestamp;
const suspend = ({ user_uuid }: User, suspended_at: Timestamp | undefined = at) =>
  setStanding(s.deps, user_uuid, { suspended_at });
const restore = ({ user_uuid }: User) => setStanding(s.deps, user_uuid, { suspended_at: undefined });
const unavailable = /^recipient_unavailable$/;

describe('a suspended user', () => {
  test('is refused within a minute, and answered again a minute after they are restored', async () => {
    const sub = await subOf(ada);
    const warm = process();
    await whoAmI(warm.deps, sub, freshToken);
    await suspend(ada);
    await expect(whoAmI(process().deps, sub, freshToken)).rejects.toThrow(/^user_suspended$/);
    now += 61_000;
    await expect(whoAmI(warm.deps, sub, freshToken)).rejects.toThrow(/^user_suspended$/);
    await restore(ada);
    now += 61_000;
    expect(await whoAmI(warm.deps, sub, freshToken)).toMatchObject(ada);
  });

  test('gets no message, as soon as a process reads them anew, and gets them again', async () => {
    const { message_group_uuid } = await s.when.sends(ada, bob, 'first', 'key');
    await suspend(bob);
    const p = process();
    await expect(p.when.sendsIn(ada, message_group_uuid, 'no')).rejects.toThrow(unavailable);
    await expect(p.when.sends(ada, bob, 'no')).rejects.toThrow(unavailable);
    expect((await p.when.sends(ada, bob, 'first', 'key')).message).toBe('first');
    await restore(bob);
    await p.when.sendsIn(ada, message_group_uuid, 'the process remembers the suspension');
    expect(await s.then.conversation(ada, message_group_uuid)).toHaveLength(2);
  });

  test('gets none in a process where they have just changed their name', async () => {
    const { message_group_uuid } = await s.when.sends(bob, ada, 'first');
    const p = process();
    const caller = await whoAmI(p.deps, await subOf(ada), freshToken);
    await suspend(ada);
    await updateProfile(p.deps, caller, { display_name: 'Ada Reborn' });
    await expect(p.when.sendsIn(bob, message_group_uuid, 'no')).rejects.toThrow(unavailable);
  });

  test('starts no conversation, and gets no first message', async () => {
    await suspend(bob);
    await expect(s.when.sends(ada, bob, 'no')).rejects.toThrow(unavailable);
    await expect(s.when.sends(bob, ada, 'no')).rejects.toThrow(/^user_suspended$/);
    expect(await s.then.inbox(ada)).toEqual([]);
    await restore(bob);
    await s.when.sends(ada, bob, 'yes');
  });
});

test('a user whom an operator trusts is known as such, until the trust is taken back', async () => {
  const sub = await subOf(ada);
  await setStanding(s.deps, ada.user_uuid, { trusted: true });
  const caller = await whoAmI(process().deps, sub, freshToken);
  const limits = { ...unlimited, messages_before_reply: 1, conversations: defaultLimits.conversations };
  const p = process({ limits });
  const { message_group_uuid } = await p.when.sends(caller, bob, '1');
  await p.when.sendsIn(caller, message_group_uuid, '2');
  await setStanding(s.deps, ada.user_uuid, { trusted: undefined });
  const distrusted = await whoAmI(process().deps, sub, freshToken);
  await expect(p.when.sendsIn(distrusted, message_group_uuid, '3')).rejects.toThrow(/^awaiting_reply$/);
});

test('nothing is said of a user who does not exist', async () => {
  const nobody = { ...ada, user_uuid: '00000000-0000-4000-8000-000000000000' as User['user_uuid'] };
  await expect(suspend(nobody)).rejects.toThrow(/^handle_unknown$/);
  expect(await dump(table, `USR#${nobody.user_uuid}`)).toEqual([]);
});
