import { randomUUID } from 'node:crypto';
import { AdminGetUserCommand, AdminUpdateUserAttributesCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localPool } from '../../bin/console/pool.ts';
import { confirmationCode } from '../../offline/supervisor/sign-in.ts';
import { seedUsers } from '../../seeds/users.ts';
import { jsonLines, lines, runInProcess as run } from '../support/command.ts';
import { fetchByContract } from '../support/contract.ts';
import { expectNothingLeft } from '../support/leftovers.ts';
import { confirm, signUp, signUpNewUser } from '../support/new-user.ts';
import { environmentOf, type Stack, startStack, until } from '../support/stack.ts';
import { claimsOf } from '../support/tokens.ts';

// The operator's commands beside a running stack, with its sign-in.

let stack: Stack;
let env: Record<string, string>;
beforeAll(async () => {
  stack = await startStack({ command: ['npm', 'start'] });
  env = { ...environmentOf(stack.ports), TZ: 'UTC' };
});
afterAll(() => stack?.stop());

const ran = async (...args: string[]) => {
  const { code, stdout, stderr } = await run(args, env);
  expect({ code, stderr }, args.join(' ')).toEqual({ code: 0, stderr: '' });
  return stdout;
};

/** The display name that the pool has of a user. */
async function nameInPool(Username: string): Promise<string | undefined> {
  const { client, userPoolId: UserPoolId } = localPool(String(stack.ports.cognito));
  const { UserAttributes = [] } = await client.send(new AdminGetUserCommand({ UserPoolId, Username }));
  return UserAttributes.find(({ Name }) => Name === 'name')?.Value;
}

async function api(token: string, path: string, body?: object) {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const init = body ? { method: 'POST', body: JSON.stringify(body) } : {};
  const response = await fetchByContract(`${stack.httpUrl}/api${path}`, { headers, ...init });
  // biome-ignore lint/suspicious/noExplicitAny: an answer, looked at by the test
  return { status: response.status, body: (await response.json()) as any };
}

test('setup always leads to the same state, and the running stack goes on with it', { timeout: 120_000 }, async () => {
  const tour = async () => {
    await ran('bin/ddb', 'setup');
    const printed = [
      await ran('bin/ddb', 'patterns', 'get-conversation', '--limit', '100'),
      await ran('bin/ddb', 'patterns', 'list-conversations', 'grahams'),
      lines(await ran('bin/ddb', 'scan'))
        .sort()
        .join('\n'),
      await ran('bin/cognito', 'list-users'),
    ];
    return printed.map((text) => text.replaceAll(/\d{4}-\d\d-\d\d[T ][\d:.+]+/g, '(time)')); // the seeds are dated anew
  };
  const [first] = [await tour()];
  const write = async (text: string) => {
    const sent = await api(await stack.tokenFor('grahams'), '/messages', { handle: 'reef', message: text });
    expect(sent).toMatchObject({ status: 200, body: { seq: 49 } });
    const reef = await stack.tokenFor('reef');
    await until(async () => (await api(reef, '/message_groups')).body[0]?.message === text, 10_000);
  };
  await write('after the first setup');
  expect(await tour()).toEqual(first);
  await write('after the second');
  expect(lines(await ran('bin/ddb', 'doctor'))).toHaveLength(1);
});

test('the users of the pool are listed, for operators or for programs', async () => {
  const users = jsonLines(await ran('bin/cognito', 'list-users', '--json'));
  expect(users).toEqual(
    seedUsers.map(({ cognito_user_id: sub, email, handle }) => ({
      sub,
      email,
      isVerified: true,
      handle,
      status: 'CONFIRMED',
    })),
  );
  expect(lines(await ran('bin/cognito', 'list-users'))).toHaveLength(4);
  const map = Object.fromEntries(seedUsers.map(({ handle, cognito_user_id }) => [handle, cognito_user_id]));
  expect(JSON.parse(await ran('bin/cognito', 'list-users', '--map'))).toEqual(map);
  for (const { email, display_name } of seedUsers) expect(await nameInPool(email)).toBe(display_name);
});

test('a new user signs in, writes, and is added once, however their address is spelled', {
  timeout: 120_000,
}, async () => {
  const add = (...more: string[]) => ran('bin/users', 'add', 'Mira_1', '--email', 'mira@example.com', ...more);
  const [person] = jsonLines(await add('--name', 'Mira Solberg', '--json'));
  expect(person).toMatchObject({ handle: 'mira_1', display_name: 'Mira Solberg' });
  expect(await nameInPool('mira@example.com')).toBe('Mira Solberg');
  expect(jsonLines(await add('--json'))).toEqual([person]);
  const respelled = await ran('bin/users', 'add', 'mira_1', '--email', 'MIRA@Example.com', '--json');
  expect(jsonLines(respelled)).toEqual([person]);
  const token = (await ran('bin/cognito', 'token', '@mira_1')).trim();
  expect(await api(token, '/me')).toMatchObject({ status: 200, body: { handle: 'mira_1', uuid: person.user_uuid } });
  const idToken = (await ran('bin/cognito', 'token', 'mira_1', '--id')).trim();
  expect((await api(idToken, '/me')).status).toBe(401);
  expect((await api(token, '/messages', { handle: 'reef', message: 'hello' })).status).toBe(200);

  // A user who is in the pool but not in the table, or the other way round, is added where they are missing.
  await ran('bin/users', 'link', 'mira_1', 'of a pool that is gone');
  expect(jsonLines(await add('--json'))).toEqual([person]);
  await ran('bin/ddb', 'setup');
  const [anew] = jsonLines(await add('--json'));
  expect(anew).toMatchObject({ handle: 'mira_1', sub: person.sub });
  expect(anew.user_uuid).not.toBe(person.user_uuid);

  const taken = await run(['bin/cognito', 'create-user', 'mira_1', '--email', 'other@example.com'], env);
  expect(taken).toMatchObject({ code: 2, stdout: '' });
  expect(lines(taken.stderr)).toHaveLength(1);
  expect(await ran('bin/cognito', 'list-users')).not.toContain('other@example.com');

  const wrong = await run(['bin/cognito', 'token', 'mira_1'], { ...env, COGNITO_PASSWORD: 'not-it' });
  expect(wrong).toMatchObject({ code: 2, stdout: '' });
  expect(lines(wrong.stderr)).toHaveLength(1);
});

test('a user who has just signed up matches the pool, verified address included', async () => {
  const { handle } = await signUpNewUser(stack);
  const outcomes = jsonLines(await ran('bin/users', 'update-cognito-ids', '--json'));
  expect(outcomes.find((each) => each.handle === handle)).toMatchObject({ outcome: 'unchanged' });
});

test('a token is of the user’s identity, also when another user has their old address', async () => {
  const { handle, email } = await signUpNewUser(stack);
  const before = claimsOf(await ran('bin/cognito', 'token', handle));
  const pool = localPool(String(stack.ports.cognito));
  const moved = [
    { Name: 'email', Value: `moved-${email}` },
    { Name: 'email_verified', Value: 'true' },
  ];
  const { client, userPoolId: UserPoolId } = pool;
  await client.send(new AdminUpdateUserAttributesCommand({ UserPoolId, Username: email, UserAttributes: moved }));
  const other = { email, handle: `other_${handle.slice(0, 20)}`, display_name: 'Other' };
  const sub = await signUp(pool, other);
  await confirm(pool, email, confirmationCode);
  expect(claimsOf(await ran('bin/cognito', 'token', handle)).sub).toBe(before.sub);
  expect(claimsOf(await ran('bin/cognito', 'token', other.handle)).sub).toBe(sub);
});

test('a password of one’s own', async () => {
  const mine = { ...env, COGNITO_PASSWORD: `A-${randomUUID()}` };
  const added = await run(['bin/cognito', 'create-user', 'own', '--email', 'own@example.com'], mine);
  expect(added.code).toBe(0);
  expect(added.stdout).not.toContain(mine.COGNITO_PASSWORD);
  expect((await run(['bin/cognito', 'token', 'own'], mine)).stdout).toMatch(/^eyJ/);
  expect((await run(['bin/cognito', 'token', 'own'], env)).code).toBe(2);
});

test('the ids of the pool come into the table; who is missing is told on either side', {
  timeout: 120_000,
}, async () => {
  await ran('bin/ddb', 'setup');
  await ran('bin/users', 'link', 'bayko', 'not-the-pools');
  await run(['bin/cognito', 'create-user', 'lost', '--email', 'lost@example.com'], env);
  const reset = await ran('bin/ddb', 'setup'); // setup replaces the table; the pool keeps its users
  expect(reset).toContain('Only in the user pool now: lost <lost@example.com>');
  expect(reset).toContain('bin/users add');
  expect(reset).not.toContain('grahams');
  await ran('bin/users', 'link', 'bayko', 'not-the-pools');
  const updated = await run(['bin/users', 'update-cognito-ids', '--json'], env);
  expect(updated).toMatchObject({ code: 1, stderr: '' });
  const outcomes = jsonLines(updated.stdout).map(({ outcome, handle = '-' }) => `${outcome} ${handle}`);
  expect(outcomes).toEqual(expect.arrayContaining(['linked bayko', 'unchanged grahams', 'not_in_table -']));
  expect(updated.stdout).not.toContain('@');
  const again = await run(['bin/users', 'update-cognito-ids'], env);
  expect(again.stdout).toMatch(/^unchanged +bayko/m);
  const bayko = (await ran('bin/cognito', 'token', 'bayko')).trim();
  expect(await api(bayko, '/me')).toMatchObject({ status: 200, body: { handle: 'bayko' } });
});

// One of the ways to end a stack; start-stop.test.ts has the others. npm starts this one, so `stop` would end npm.
test('SIGKILL to npm, which runs `npm start`, ends the stack and leaves nothing', async () => {
  await expectNothingLeft(stack, () => process.kill(stack.pid, 'SIGKILL'));
});
