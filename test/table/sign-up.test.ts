import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { checkSignUp } from '../../core/check-sign-up.ts';
import { completeSignUp } from '../../core/complete-sign-up.ts';
import { createProfile } from '../../core/create-profile.ts';
import { DomainError } from '../../core/errors.ts';
import { findUser } from '../../core/find-user.ts';
import type { RegisteredUser, User } from '../../core/model/user.ts';
import { openTable } from '../../core/table/client.ts';
import { userItems } from '../../core/table/items.ts';
import type { UserPool } from '../../core/user-pool/client.ts';
import { whoAmI } from '../../core/who-am-i.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { lambdaContext, signUpEvent } from '../support/events.ts';
import { FaultLayer } from '../support/faults.ts';
import { stubLambdaEnvironment } from '../support/lambda-environment.ts';
import { serve } from '../support/recorder.ts';
import { dump, localConfig, newTable } from '../support/table.ts';
import { world } from '../support/world.ts';

const table = await newTable(dynamodbEndpoint);
const { deps, given } = world(table);
/** Another process, with its own connection and its own memory. */
const elsewhere = (config: object = {}) =>
  world(openTable(table.name, { ...localConfig(dynamodbEndpoint), ...config })).deps;

let count = 0;
/** Somebody who signs up, with a handle of their own. */
function newcomer(more: object = {}) {
  const handle = `new_${++count}`;
  const email = `${handle}@example.com`;
  return { handle, display_name: `New ${count}`, email, cognito_user_id: randomUUID() as string, ...more };
}

const spelled = (item: object) => JSON.stringify(Object.entries(item).sort());
const sorted = (items: object[]) => items.map(spelled).sort();
const issuesOf = (outcome: unknown) => (outcome as DomainError).issues;
const handleTaken = [{ code: 'handle_taken', field: 'handle' }];

/** What is there more after a deed than before; all that was there must still be. */
async function addedBy(deed: () => Promise<unknown>): Promise<object[]> {
  const before = sorted(await dump(table));
  await deed();
  const after = await dump(table);
  expect(sorted(after)).toEqual(expect.arrayContaining(before));
  return after.filter((item) => !before.includes(spelled(item)));
}

describe('whoever wants to sign up', () => {
  const wish = ({ handle, display_name, email } = newcomer()) => ({ handle, display_name, email });

  test('with a free handle may, and nothing is stored', async () => {
    const asked = wish();
    const added = await addedBy(async () => {
      expect(await checkSignUp(deps, { ...asked, handle: `@${asked.handle.toUpperCase()}` })).toEqual(asked);
      const { display_name: _, ...nameless } = asked;
      expect(await checkSignUp(deps, nameless)).toEqual({ ...asked, display_name: asked.handle });
    });
    expect(added).toEqual([]);
  });

  test('with somebody’s handle may not, however it is spelled', async () => {
    const { handle } = await given.user();
    for (const spelling of [handle, handle.toUpperCase(), `@${handle}`]) {
      const rejected = await checkSignUp(deps, { ...wish(), handle: spelling }).catch((error: unknown) => error);
      expect(issuesOf(rejected), spelling).toEqual(handleTaken);
    }
  });

  test.each([
    ['handle', { handle: 'no blanks' }],
    ['handle', { handle: undefined }],
    ['display_name', { display_name: '' }],
    ['email', { email: 'nobody' }],
  ])('with a bad %s is told so: %j', async (field, more) => {
    const rejected = await checkSignUp(deps, { ...wish(), ...more }).catch((error: unknown) => error);
    expect(issuesOf(rejected)).toEqual([{ code: 'person_invalid', field }]);
  });
});

describe('whoever has shown that the address is theirs', () => {
  test('is three items, written at once', async () => {
    const asked = newcomer();
    const late = elsewhere();
    const calls = new FaultLayer().on(late.table, () => undefined);
    let person: unknown;
    const added = await addedBy(async () => {
      person = await completeSignUp(late, asked);
    });
    expect(person).toEqual({ ...asked, user_uuid: expect.any(String) });
    expect(sorted(added)).toEqual(sorted(userItems(person as RegisteredUser)));
    expect(calls.map(({ command }) => command)).toEqual(['TransactWriteItemsCommand']);
    expect(await whoAmI(deps, asked.cognito_user_id)).toMatchObject({ handle: asked.handle });
    expect(await findUser(deps, asked.handle)).toMatchObject({ display_name: asked.display_name });
  });

  test('and gave no display name goes by the handle', async () => {
    const asked = newcomer({ display_name: undefined });
    expect(await completeSignUp(deps, asked)).toMatchObject({ display_name: asked.handle });
  });

  test('is the same the second time, and nothing changes', async () => {
    const asked = newcomer();
    const person = await completeSignUp(deps, asked);
    const again = elsewhere();
    const calls = new FaultLayer().on(again.table, () => undefined);
    const added = await addedBy(async () => {
      expect(await completeSignUp(again, { ...asked, display_name: 'Another' })).toEqual(person);
    });
    expect(added).toEqual([]);
    const reads = calls.filter(({ command }) => command !== 'TransactWriteItemsCommand');
    expect(reads.map(({ command, input }) => [command, input.ConsistentRead])).toEqual([
      ['GetItemCommand', true],
      ['GetItemCommand', true],
    ]);
  });

  test('eight times at once is one', async () => {
    const asked = newcomer();
    let people: unknown[] = [];
    const added = await addedBy(async () => {
      people = await Promise.all(Array.from({ length: 8 }, () => completeSignUp(elsewhere(), asked)));
    });
    for (const person of people) expect(person).toEqual(people[0]);
    expect(sorted(added)).toEqual(sorted(userItems(people[0] as RegisteredUser)));
  });

  test('of two who want one handle at once, one gets it, and nothing is left of the other', async () => {
    const asked = newcomer();
    let outcomes: unknown[] = [];
    const added = await addedBy(async () => {
      const two = [asked, newcomer({ handle: asked.handle })];
      outcomes = await Promise.all(two.map((each) => completeSignUp(elsewhere(), each)));
    });
    const rejected = outcomes.filter((outcome) => outcome instanceof DomainError);
    expect(rejected.map(issuesOf)).toEqual([handleTaken]);
    const [person] = outcomes.filter((outcome) => !rejected.includes(outcome as DomainError));
    expect(sorted(added)).toEqual(sorted(userItems(person as RegisteredUser)));
  });

  test.each([
    ['a write', 'TransactWriteItemsCommand'],
    ['a read', 'GetItemCommand'],
  ])('is told when %s is throttled, and soon', async (_, busy) => {
    const asked = newcomer();
    await completeSignUp(deps, asked);
    const hurried = { ...elsewhere({ maxAttempts: 1 }), retryBudget: 0 };
    new FaultLayer().on(hurried.table, ({ command }) => (command === busy ? 'throttled call' : undefined));
    const began = performance.now();
    await expect(completeSignUp(hurried, asked)).rejects.toThrow(/^throttled$/);
    expect(performance.now() - began).toBeLessThan(4_000);
  });
});

describe('whoever can sign in and is nobody', () => {
  const address = 'shown@example.com';
  const pool: Pick<UserPool, 'addressOf'> = { addressOf: async () => address };
  const forgetful: Pick<UserPool, 'addressOf'> = { addressOf: async () => undefined };
  const signedIn = (cognito_user_id: string = randomUUID()) => ({ cognito_user_id, accessToken: 'token' });

  test('because the handle is somebody else’s by now, chooses another', async () => {
    const { handle } = await given.user();
    const late = newcomer({ handle });
    const { cognito_user_id: sub } = late;
    const added = await addedBy(async () => {
      const outcome = await completeSignUp(deps, late);
      expect(outcome).toBeInstanceOf(DomainError);
      expect(issuesOf(outcome)).toEqual(handleTaken);
    });
    expect(added).toEqual([]);
    await expect(whoAmI(deps, sub)).rejects.toThrow(/^person_unknown$/);

    const other = newcomer().handle;
    const person = await createProfile({ ...deps, userPool: pool }, signedIn(sub), {
      handle: other.toUpperCase(),
      display_name: 'Late Riser',
    });
    expect(person).toMatchObject({ handle: other, display_name: 'Late Riser', email: address });
    expect(await whoAmI(deps, sub)).toMatchObject({ user_uuid: person.user_uuid, handle: other });
  });

  test('joins once, and stays who they are', async () => {
    const me = signedIn();
    const { handle } = newcomer();
    const joins = (wish: object) => createProfile({ ...deps, userPool: pool }, me, wish);
    let person: User | undefined;
    const added = await addedBy(async () => {
      person = await joins({ handle });
    });
    expect(person).toMatchObject({ handle, display_name: handle });
    expect(sorted(added)).toEqual(sorted(userItems(person as RegisteredUser)));
    const after = await addedBy(async () => {
      expect(await joins({ handle, display_name: 'Another' })).toEqual(person);
      await expect(joins({ handle: newcomer().handle })).rejects.toThrow(/^identity_taken$/);
    });
    expect(after).toEqual([]);
  });

  test('joins with the address that the pool has, whatever they say', async () => {
    const { handle, email } = newcomer();
    expect(await createProfile({ ...deps, userPool: pool }, signedIn(), { handle, email })).toMatchObject({
      email: address,
    });
  });

  test('is refused a handle that is somebody’s or nobody’s, and a token that the pool does not take', async () => {
    const { handle } = await given.user();
    const added = await addedBy(async () => {
      await expect(createProfile({ ...deps, userPool: pool }, signedIn(), { handle })).rejects.toMatchObject({
        issues: handleTaken,
      });
      await expect(
        createProfile({ ...deps, userPool: pool }, signedIn(), { handle: 'no blanks' }),
      ).rejects.toMatchObject({
        issues: [{ code: 'person_invalid', field: 'handle' }],
      });
      await expect(createProfile({ ...deps, userPool: forgetful }, signedIn(), newcomer())).rejects.toThrow(
        /^token_invalid$/,
      );
    });
    expect(added).toEqual([]);
  });
});

describe('Cognito’s triggers', () => {
  let stalled: Awaited<ReturnType<typeof serve>>;
  let asked = 0;
  let lines: string[];

  beforeAll(async () => {
    stalled = await serve(() => {
      asked++; // and there is no answer
    });
    stubLambdaEnvironment(table, dynamodbEndpoint);
  });

  afterAll(() => stalled.stop());

  beforeEach(() => {
    asked = 0;
    lines = [];
    for (const stream of [process.stdout, process.stderr]) {
      vi.spyOn(stream, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
    }
  });

  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** Both functions as Lambda loads them, and a database. */
  async function functionsAt(endpoint: string) {
    vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', endpoint);
    vi.resetModules();
    const check = (await import('../../handlers/sign-up/check-sign-up.ts')).handler;
    const complete = (await import('../../handlers/sign-up/complete-sign-up.ts')).handler;
    type Call = ReturnType<typeof signUpEvent>;
    return {
      checks: (event: Call) => check(event, lambdaContext('check-sign-up')),
      completes: (event: Call) => complete(event, lambdaContext('complete-sign-up')),
    };
  }
  const attributes = ({ handle, display_name, email, cognito_user_id } = newcomer()) => ({
    sub: cognito_user_id,
    email,
    preferred_username: handle,
    name: display_name,
  });
  const asks = (who?: ReturnType<typeof newcomer>) => signUpEvent('PreSignUp_SignUp', attributes(who));
  const confirms = (who?: ReturnType<typeof newcomer>) =>
    signUpEvent('PostConfirmation_ConfirmSignUp', attributes(who));

  test('give the event back as it came, and make the person', async () => {
    const { checks, completes } = await functionsAt(dynamodbEndpoint);
    const who = newcomer();
    for (const [call, event] of [
      [checks, asks(who)],
      [completes, confirms(who)],
    ] as const) {
      const before = structuredClone(event);
      expect(await call(event)).toBe(event);
      expect(event).toEqual(before);
    }
    const { handle, display_name } = who;
    expect(await whoAmI(deps, who.cognito_user_id)).toMatchObject({ handle, display_name });
  });

  test('say why not, its code first', async () => {
    const { checks } = await functionsAt(dynamodbEndpoint);
    const { handle } = await given.user();
    await expect(checks(asks(newcomer({ handle })))).rejects.toThrow(/^handle_taken: \w/);
    await expect(checks(asks(newcomer({ handle: 'no blanks' })))).rejects.toThrow(/^person_invalid: .*\(handle\)$/);
  });

  test('end a sign-up whose handle is gone without an error, and without a person', async () => {
    const { completes } = await functionsAt(dynamodbEndpoint);
    const { handle } = await given.user();
    const event = confirms(newcomer({ handle }));
    const before = structuredClone(event);
    const added = await addedBy(async () => {
      expect(await completes(event)).toEqual(before);
    });
    expect(added).toEqual([]);
    await expect(whoAmI(deps, event.request.userAttributes.sub as string)).rejects.toThrow(/^person_unknown$/);
  });

  test('let everything pass that is no sign-up, and ask nobody', async () => {
    const { checks, completes } = await functionsAt(stalled.endpoint);
    for (const [call, source] of [
      [checks, 'PreSignUp_AdminCreateUser'],
      [completes, 'PostConfirmation_ConfirmForgotPassword'],
    ] as const) {
      const event = signUpEvent(source, attributes());
      const before = structuredClone(event);
      expect(await call(event)).toBe(event);
      expect(event).toEqual(before);
    }
    expect(asked).toBe(0);
  });

  test('end long before Cognito gives up, when the database does not answer', async () => {
    const { checks, completes } = await functionsAt(stalled.endpoint);
    const timed = async (call: () => Promise<unknown>) => {
      const began = performance.now();
      await expect(call()).rejects.toThrow(/^Something went wrong/);
      return performance.now() - began;
    };
    const took = await Promise.all([timed(() => checks(asks())), timed(() => completes(confirms()))]);
    expect(asked).toBeGreaterThan(1);
    expect(Math.max(...took)).toBeLessThan(4_000); // of the five seconds that Cognito waits
  });

  test('keep names and addresses to themselves, whatever happens', async () => {
    const wanda = { email: 'wanda.whisper@example.com', display_name: 'Wanda Whisper' };
    const who = newcomer(wanda);
    const taken = newcomer({ ...wanda, handle: (await given.user()).handle });
    const bad = newcomer({ ...wanda, handle: 'no blanks' });
    for (const endpoint of [dynamodbEndpoint, stalled.endpoint]) {
      const { checks, completes } = await functionsAt(endpoint);
      for (const each of [who, taken, bad]) {
        await Promise.allSettled([checks(asks(each)), completes(confirms(each))]);
      }
    }
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.join('')).not.toMatch(/wanda|whisper/i);
  });
});
