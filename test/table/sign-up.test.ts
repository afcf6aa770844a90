import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { checkSignUp } from '../../core/check-sign-up.ts';
import { completeSignUp as complete } from '../../core/complete-sign-up.ts';
import { createProfile } from '../../core/create-profile.ts';
import type { Deps } from '../../core/deps.ts';
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
import { freshToken } from '../support/fresh-token.ts';
import { stubLambdaEnvironment } from '../support/lambda-environment.ts';
import { bodyOf, serve } from '../support/recorder.ts';
import { scenario } from '../support/scenario.ts';
import { dump, localConfig, newTable } from '../support/table.ts';

const table = await newTable(dynamodbEndpoint);
const { deps, given } = scenario(table);
/** Another process on the same table, with its own connection and memory. */
const anotherProcess = (config: object = {}) =>
  scenario(openTable(table.name, { ...localConfig(dynamodbEndpoint), ...config })).deps;

let count = 0;
/** The attributes of a new user, with a unique handle. */
function newUser(more: object = {}) {
  const handle = `new_${++count}`;
  const email = `${handle}@example.com`;
  return { handle, display_name: `New ${count}`, email, cognito_user_id: randomUUID() as string, ...more };
}

const completeSignUp = (on: Deps, user: ReturnType<typeof newUser>) => complete(on, { ...user, isEmailVerified: true });

const spelled = (item: object) => JSON.stringify(Object.entries(item).sort());
const sorted = (items: object[]) => items.map(spelled).sort();
const issuesOf = (outcome: unknown) => (outcome as DomainError).issues;
const handleTaken = [{ code: 'handle_taken', field: 'handle' }];

/** The items that an action adds. Fails if it changes or removes others. */
async function addedBy(action: () => Promise<unknown>): Promise<object[]> {
  const before = sorted(await dump(table));
  await action();
  const after = await dump(table);
  expect(sorted(after)).toEqual(expect.arrayContaining(before));
  return after.filter((item) => !before.includes(spelled(item)));
}

describe('the check before a sign-up', () => {
  const request = ({ handle, display_name, email } = newUser()) => ({ handle, display_name, email });

  test('accepts a free handle, and stores nothing', async () => {
    const attributes = request();
    const added = await addedBy(async () => {
      expect(await checkSignUp(deps, { ...attributes, handle: `@${attributes.handle.toUpperCase()}` })).toEqual(
        attributes,
      );
      const { display_name: _, ...nameless } = attributes;
      expect(await checkSignUp(deps, nameless)).toEqual({ ...attributes, display_name: attributes.handle });
    });
    expect(added).toEqual([]);
  });

  test('rejects the handle of another user in any spelling', async () => {
    const { handle } = await given.user();
    for (const spelling of [handle, handle.toUpperCase(), `@${handle}`]) {
      const rejected = await checkSignUp(deps, { ...request(), handle: spelling }).catch((error: unknown) => error);
      expect(issuesOf(rejected), spelling).toEqual(handleTaken);
    }
  });

  test.each([
    ['handle', { handle: 'no blanks' }],
    ['handle', { handle: undefined }],
    ['display_name', { display_name: '' }],
    ['email', { email: 'no address' }],
  ])('rejects an invalid %s: %j', async (field, more) => {
    const rejected = await checkSignUp(deps, { ...request(), ...more }).catch((error: unknown) => error);
    expect(issuesOf(rejected)).toEqual([{ code: 'person_invalid', field }]);
  });
});

describe('completing a sign-up', () => {
  test('stores all items of the user in one transaction', async () => {
    const attributes = newUser();
    const late = anotherProcess();
    const calls = new FaultLayer().on(late.table, () => undefined);
    let user: unknown;
    const added = await addedBy(async () => {
      user = await completeSignUp(late, attributes);
    });
    expect(user).toEqual({ ...attributes, user_uuid: expect.any(String), read_receipts: true });
    expect(sorted(added)).toEqual(sorted(userItems(user as RegisteredUser)));
    expect(calls.map(({ command }) => command)).toEqual(['TransactWriteItemsCommand']);
    expect(await whoAmI(deps, attributes.cognito_user_id, freshToken)).toMatchObject({ handle: attributes.handle });
    expect(await findUser(deps, attributes.handle)).toMatchObject({ display_name: attributes.display_name });
  });

  test('stores nothing while the address is unverified', async () => {
    const added = await addedBy(async () => {
      const outcome = await complete(deps, { ...newUser(), isEmailVerified: false });
      expect(issuesOf(outcome)).toEqual([{ code: 'email_unverified', field: 'email' }]);
    });
    expect(added).toEqual([]);
  });

  test('without a display name uses the handle', async () => {
    const attributes = newUser({ display_name: undefined });
    expect(await completeSignUp(deps, attributes)).toMatchObject({ display_name: attributes.handle });
  });

  test('a second time returns the same user, and changes nothing', async () => {
    const attributes = newUser();
    const user = await completeSignUp(deps, attributes);
    const again = anotherProcess();
    const calls = new FaultLayer().on(again.table, () => undefined);
    const added = await addedBy(async () => {
      expect(await completeSignUp(again, { ...attributes, display_name: 'Another' })).toEqual(user);
    });
    expect(added).toEqual([]);
    const reads = calls.filter(({ command }) => command !== 'TransactWriteItemsCommand');
    expect(reads.map(({ command, input }) => [command, input.ConsistentRead])).toEqual([['GetItemCommand', true]]);
  });

  test('eight times concurrently stores one user', async () => {
    const attributes = newUser();
    let users: unknown[] = [];
    const added = await addedBy(async () => {
      users = await Promise.all(Array.from({ length: 8 }, () => completeSignUp(anotherProcess(), attributes)));
    });
    for (const user of users) expect(user).toEqual(users[0]);
    expect(sorted(added)).toEqual(sorted(userItems(users[0] as RegisteredUser)));
  });

  test('twice with one handle concurrently stores one user, and nothing of the other', async () => {
    const attributes = newUser();
    let outcomes: unknown[] = [];
    const added = await addedBy(async () => {
      const two = [attributes, newUser({ handle: attributes.handle })];
      outcomes = await Promise.all(two.map((each) => completeSignUp(anotherProcess(), each)));
    });
    const rejected = outcomes.filter((outcome) => outcome instanceof DomainError);
    expect(rejected.map(issuesOf)).toEqual([handleTaken]);
    const [user] = outcomes.filter((outcome) => !rejected.includes(outcome as DomainError));
    expect(sorted(added)).toEqual(sorted(userItems(user as RegisteredUser)));
  });

  test.each([
    ['a write', 'TransactWriteItemsCommand'],
    ['a read', 'GetItemCommand'],
  ])('fails soon when %s is throttled', async (_, busy) => {
    const attributes = newUser();
    await completeSignUp(deps, attributes);
    const impatient = { ...anotherProcess({ maxAttempts: 1 }), retryBudget: 0 };
    new FaultLayer().on(impatient.table, ({ command }) => (command === busy ? 'throttled call' : undefined));
    const began = performance.now();
    await expect(completeSignUp(impatient, attributes)).rejects.toThrow(/^throttled$/);
    expect(performance.now() - began).toBeLessThan(4_000);
  });

  test('fails while another transaction holds its items', async () => {
    const impatient = { ...anotherProcess(), retryBudget: 0 };
    new FaultLayer().on(impatient.table, () => 'conflict');
    await expect(completeSignUp(impatient, newUser())).rejects.toThrow(/^message_group_busy$/);
  });
});

describe('a signed-in caller without a profile', () => {
  const address = 'shown@example.com';
  const pool: Pick<UserPool, 'emailOf'> = { emailOf: async () => ({ email: address, isVerified: true }) };
  const poolWithoutUser: Pick<UserPool, 'emailOf'> = { emailOf: async () => undefined };
  const signedIn = (cognito_user_id: string = randomUUID()) => ({
    cognito_user_id,
    accessToken: 'token',
    token: freshToken,
  });

  test('whose handle was taken before the sign-up completed can choose another', async () => {
    const { handle } = await given.user();
    const late = newUser({ handle });
    const { cognito_user_id: sub } = late;
    const added = await addedBy(async () => {
      const outcome = await completeSignUp(deps, late);
      expect(outcome).toBeInstanceOf(DomainError);
      expect(issuesOf(outcome)).toEqual(handleTaken);
    });
    expect(added).toEqual([]);
    await expect(whoAmI(deps, sub, freshToken)).rejects.toThrow(/^person_unknown$/);

    const other = newUser().handle;
    const user = await createProfile({ ...deps, userPool: pool }, signedIn(sub), {
      handle: other.toUpperCase(),
      display_name: 'Late Riser',
    });
    expect(user).toMatchObject({ handle: other, display_name: 'Late Riser', email: address });
    expect(await whoAmI(deps, sub, freshToken)).toMatchObject({ user_uuid: user.user_uuid, handle: other });
  });

  test('can create one profile, and cannot change it by creating another', async () => {
    const me = signedIn();
    const { handle } = newUser();
    const creates = (profile: object) => createProfile({ ...deps, userPool: pool }, me, profile);
    let user: User | undefined;
    const added = await addedBy(async () => {
      user = await creates({ handle });
    });
    expect(user).toMatchObject({ handle, display_name: handle });
    expect(sorted(added)).toEqual(sorted(userItems(user as RegisteredUser)));
    const after = await addedBy(async () => {
      expect(await creates({ handle, display_name: 'Another' })).toEqual(user);
      await expect(creates({ handle: newUser().handle })).rejects.toThrow(/^identity_taken$/);
    });
    expect(after).toEqual([]);
  });

  test('cannot create one while the pool has not verified the address: it may be another user’s', async () => {
    const userPool: typeof pool = { emailOf: async () => ({ email: address, isVerified: false }) };
    const added = await addedBy(async () => {
      await expect(createProfile({ ...deps, userPool }, signedIn(), { handle: newUser().handle })).rejects.toThrow(
        /^email_unverified$/,
      );
    });
    expect(added).toEqual([]);
  });

  test('gets the address of the pool, not the one in the request', async () => {
    const { handle, email } = newUser();
    expect(await createProfile({ ...deps, userPool: pool }, signedIn(), { handle, email })).toMatchObject({
      email: address,
    });
  });

  test('cannot create a profile with a taken or invalid handle, or with a token that the pool rejects', async () => {
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
      await expect(createProfile({ ...deps, userPool: poolWithoutUser }, signedIn(), newUser())).rejects.toThrow(
        /^token_invalid$/,
      );
    });
    expect(added).toEqual([]);
  });
});

describe('the Cognito triggers', () => {
  let stalled: Awaited<ReturnType<typeof serve>>;
  let requests = 0;
  let lines: string[];

  beforeAll(async () => {
    stalled = await serve(() => {
      requests++; // and never answers
    });
    stubLambdaEnvironment(table, dynamodbEndpoint);
  });

  afterAll(() => stalled.stop());

  beforeEach(() => {
    requests = 0;
    lines = [];
    for (const stream of [process.stdout, process.stderr]) {
      vi.spyOn(stream, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
    }
  });

  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** Both functions as Lambda loads them, with a database at this endpoint. */
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
  const attributes = ({ handle, display_name, email, cognito_user_id } = newUser()) => ({
    sub: cognito_user_id,
    email,
    email_verified: 'true',
    preferred_username: handle,
    name: display_name,
  });
  const preSignUp = (user?: ReturnType<typeof newUser>) => signUpEvent('PreSignUp_SignUp', attributes(user));
  const postConfirmation = (user?: ReturnType<typeof newUser>) =>
    signUpEvent('PostConfirmation_ConfirmSignUp', attributes(user));

  test('return the event unchanged, and create the user', async () => {
    const { checks, completes } = await functionsAt(dynamodbEndpoint);
    const user = newUser();
    for (const [call, event] of [
      [checks, preSignUp(user)],
      [completes, postConfirmation(user)],
    ] as const) {
      const before = structuredClone(event);
      expect(await call(event)).toBe(event);
      expect(event).toEqual(before);
    }
    const { handle, display_name } = user;
    expect(await whoAmI(deps, user.cognito_user_id, freshToken)).toMatchObject({ handle, display_name });
  });

  test('begin their error message with its code', async () => {
    const { checks } = await functionsAt(dynamodbEndpoint);
    const { handle } = await given.user();
    await expect(checks(preSignUp(newUser({ handle })))).rejects.toThrow(/^handle_taken: \w/);
    await expect(checks(preSignUp(newUser({ handle: 'no blanks' })))).rejects.toThrow(/^person_invalid: .*\(handle\)$/);
  });

  test('if the handle was taken, complete the sign-up without an error but create no user', async () => {
    const { completes } = await functionsAt(dynamodbEndpoint);
    const { handle } = await given.user();
    const event = postConfirmation(newUser({ handle }));
    const before = structuredClone(event);
    const added = await addedBy(async () => {
      expect(await completes(event)).toEqual(before);
    });
    expect(added).toEqual([]);
    await expect(whoAmI(deps, event.request.userAttributes.sub as string, freshToken)).rejects.toThrow(
      /^person_unknown$/,
    );
  });

  test('if an operator confirmed the sign-up and the address is unverified, create no user', async () => {
    const { completes } = await functionsAt(dynamodbEndpoint);
    const { email_verified: _, ...unverified } = attributes();
    const added = await addedBy(async () => {
      for (const more of [{}, { email_verified: 'false' }])
        await completes(signUpEvent('PostConfirmation_ConfirmSignUp', { ...unverified, ...more }));
    });
    expect(added).toEqual([]);
  });

  test('end all sessions of a user who has set a new password, without a request to the database', async () => {
    const asked: unknown[] = [];
    let status = 200;
    const cognito = await serve(async (request, response) => {
      asked.push([request.headers['x-amz-target'], JSON.parse((await bodyOf(request)).toString())]);
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end('{}');
    });
    vi.stubEnv('AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER', cognito.endpoint);
    const { completes } = await functionsAt(stalled.endpoint);
    const event = signUpEvent('PostConfirmation_ConfirmForgotPassword', attributes());
    expect(await completes(event)).toBe(event);
    expect(asked).toEqual([
      [
        'AWSCognitoIdentityProviderService.AdminUserGlobalSignOut',
        { UserPoolId: event.userPoolId, Username: event.userName },
      ],
    ]);
    status = 500;
    await expect(completes(event)).rejects.toThrow(/^Something went wrong/); // the alarm counts it
    expect(asked).toHaveLength(2);
    expect(requests).toBe(0);
    await cognito.stop();
  });

  test('ignore events other than sign-ups, without a request to the database', async () => {
    const { checks, completes } = await functionsAt(stalled.endpoint);
    for (const [call, source] of [
      [checks, 'PreSignUp_AdminCreateUser'],
      [completes, 'PostConfirmation_AnotherEvent'],
    ] as const) {
      const event = signUpEvent(source, attributes());
      const before = structuredClone(event);
      expect(await call(event)).toBe(event);
      expect(event).toEqual(before);
    }
    expect(requests).toBe(0);
  });

  test('fail before Cognito times out when the database does not answer', async () => {
    const { checks, completes } = await functionsAt(stalled.endpoint);
    const timed = async (call: () => Promise<unknown>) => {
      const began = performance.now();
      await expect(call()).rejects.toThrow(/^Something went wrong/);
      return performance.now() - began;
    };
    const took = await Promise.all([timed(() => checks(preSignUp())), timed(() => completes(postConfirmation()))]);
    expect(requests).toBeGreaterThan(1);
    expect(Math.max(...took)).toBeLessThan(4_000); // of the five seconds that Cognito waits
  });

  test('never log names or addresses', async () => {
    const wanda = { email: 'wanda.whisper@example.com', display_name: 'Wanda Whisper' };
    const user = newUser(wanda);
    const taken = newUser({ ...wanda, handle: (await given.user()).handle });
    const bad = newUser({ ...wanda, handle: 'no blanks' });
    for (const endpoint of [dynamodbEndpoint, stalled.endpoint]) {
      const { checks, completes } = await functionsAt(endpoint);
      for (const each of [user, taken, bad]) {
        await Promise.allSettled([checks(preSignUp(each)), completes(postConfirmation(each))]);
      }
    }
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.join('')).not.toMatch(/wanda|whisper/i);
  });
});
