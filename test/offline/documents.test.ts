import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Uuid } from '../../core/model/id.ts';
import { openTable } from '../../core/table/client.ts';
import { getConnections } from '../../core/table/reads.ts';
import { localCredentials } from '../../offline/settings.ts';
import { seedConversationUuid } from '../../seeds/index.ts';
import { seedUsers } from '../../seeds/users.ts';
import { fetchByContract } from '../support/contract.ts';
import { commandsTagged } from '../support/documents.ts';
import { expectEnd } from '../support/leftovers.ts';
import { environmentOf, type Stack, startStack, until } from '../support/stack.ts';

// Runs the commands of the documents against a running stack, in their order.

const repo = resolve(import.meta.dirname, '../..');

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.stop());

/** Runs a shell script to its end, which must be a success. @returns what it printed */
function run(script: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((done, failed) => {
    const shell = spawn('sh', ['-euc', script], { cwd: repo, env: { ...process.env, ...env } });
    let stdout = '';
    let stderr = '';
    shell.stdout.on('data', (text) => {
      stdout += text;
    });
    shell.stderr.on('data', (text) => {
      stderr += text;
    });
    shell.on('error', failed);
    shell.on('close', (code) => (code === 0 ? done(stdout) : failed(new Error(`exit ${code}: ${stderr}`))));
  });
}

test('the tour with curl shows what the README says', async () => {
  const tour = commandsTagged('tour');
  expect(tour).toHaveLength(9);
  const mark = '\n--- next ---\n';
  const script = tour
    .join(`printf '${mark.replaceAll('\n', '\\n')}'\n`)
    .replaceAll('localhost:3000', `localhost:${stack.ports.http}`)
    // A reader takes longer than the projector between the first message and bayko's inbox; a script does not.
    .replace(/^(curl -s "\$API\/message_groups" .*token bayko.*)$/m, 'until $1 | grep "You have read"; do :; done');
  expect(script).toContain('until curl');
  const printed = (await run(script, environmentOf(stack.ports))).split(mark);

  const [, inbox = '', page = '', after = '', read, sent = '', found = '', baykos = '', mistake = ''] = printed;
  const [me, conversations] = inbox.split(/(?<=\})(?=\[)/);
  expect(JSON.parse(me ?? '')).toMatchObject({ handle: 'grahams' });
  expect(JSON.parse(conversations ?? '')).toEqual([
    expect.objectContaining({ uuid: seedConversationUuid, unread_count: 2 }),
  ]);
  expect(page).toMatch(/^HTTP\/1.1 200/);
  expect(page).toMatch(/^link: <\/api\/messages\/.*limit=3.*>; rel="next"/im);
  expect(JSON.parse(page.split('\r\n\r\n')[1] ?? '')).toHaveLength(3);
  expect(JSON.parse(after).map(({ seq }: { seq: number }) => seq)).toEqual([47, 48]);
  expect(read).toBe('');
  const [first, second] = sent.split(/(?<=\})(?=\{)/);
  expect(JSON.parse(first ?? '')).toMatchObject({ seq: 49, message: 'Friday it is. Both cups.' });
  expect(second).toBe(first);
  expect(found.match(/"handle":"bayko"/g)).toHaveLength(2);
  expect(found).toContain('"seq":1');
  expect(JSON.parse(baykos)).toEqual([expect.objectContaining({ handle: 'grahams', unread_count: 1 })]);
  expect(JSON.parse(mistake)).toMatchObject({ status: 422, errors: [{ code: 'message_blank', field: 'message' }] });
});

test('the operator’s commands run as documented', { timeout: 120_000 }, async () => {
  const commands = commandsTagged('operator').join('');
  expect(commands.split('\n').filter(Boolean).length).toBeGreaterThan(12);
  const printed = await run(commands, environmentOf(stack.ports));
  expect(printed).toMatch(
    /Both cups\.[\s\S]*mira now signs in with this Cognito id\.\nmira is suspended: [^\n]+\nmira is not suspended: [^\n]+\nmira is trusted: [^\n]+\nmira is not trusted: [^\n]+\n[\w-]+ is gone for others; [^\n]+\ngrahams.jsonl has \d+ lines\.\n(There is no open report\.\n){2}Checked \d+ items: no violations\.\n/,
  );
});

test('a flooded user takes the measures of docs/control.md', { timeout: 120_000 }, async () => {
  const commands = commandsTagged('control');
  expect(commands).toHaveLength(10);
  const api = `API=http://localhost:${stack.ports.http}/api`;
  const mark = '--- next ---';
  const printed = await run([api, ...commands].join(`\necho '${mark}'\n`), environmentOf(stack.ports));
  const [, flood = '', limits = '', reported = '', shown = '', muted = '', blocked = '', cleared = '', ...last] =
    printed.split(mark);
  const [unblocked, exported, resolved] = last;
  expect(flood).toContain('too_many_messages');
  expect(flood).toMatch(/^retry-after: \d+\r?$/im);
  expect(JSON.parse(limits)).toMatchObject({ messages: { burst: 30, interval_ms: 200 } });
  expect(reported.trim()).toBe('');
  expect(shown).toMatch(/grahams +reef +spam +open$/m);
  expect(shown).toMatch(/^> #\d+ {2}.* {2}grahams\n {4}Read this! \d+$/m);
  expect(JSON.parse(muted)).toMatchObject({ unread_count: 0 });
  expect(blocked).toContain('recipient_unavailable');
  expect(blocked).toContain('"handle":"grahams"');
  expect(JSON.parse(cleared)).toEqual([]);
  expect(unblocked).toContain('200');
  expect(exported).toMatch(/"type":"user"[\s\S]*"type":"message_group"/);
  expect(resolved).toMatch(/is resolved\.\n[\s\S]*grahams +reef +spam +resolved$/m);
});

test('the example client prints each message as it arrives, and catches up after it lost its connection', async () => {
  const [grahams, bayko] = [await stack.tokenFor('grahams'), await stack.tokenFor('bayko')];
  const says = async (message: string): Promise<{ seq: number; message_group_uuid: string }> => {
    const response = await fetchByContract(`${stack.httpUrl}/api/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bayko}`, 'content-type': 'application/json' },
      body: JSON.stringify({ message, handle: 'grahams' }),
    });
    expect(response.status).toBe(200);
    return (await response.json()) as Awaited<ReturnType<typeof says>>;
  };
  const { seq: before, message_group_uuid } = await says('before the client started');
  const client = spawn(
    process.execPath,
    ['--import', 'tsx', 'docs/examples/client.mts', stack.httpUrl, message_group_uuid],
    { cwd: repo, env: { ...process.env, ACCESS_TOKEN: grahams } },
  );
  const ended = once(client, 'exit');
  let printed = '';
  for (const output of [client.stdout, client.stderr]) output.on('data', (text) => (printed += text));
  try {
    await until(() => printed.includes(`#${before} bayko: before the client started\n`), 20_000);
    // It asks when its connection is open, so from now on only events tell it what comes.
    const { seq: live } = await says('while it is connected');
    await until(() => printed.includes(`#${live} bayko: while it is connected\n`), 5_000);

    client.kill('SIGSTOP'); // so that it connects again only after it has missed something
    await endConnections(seedUsers.find(({ handle }) => handle === 'grahams')?.user_uuid as Uuid);
    for (const n of [1, 2, 3, 4]) await says(`missed ${n}`);
    const { seq: missed } = await says('missed 5');
    client.kill('SIGCONT');
    await until(() => printed.includes(`#${missed} bayko: missed 5\n`), 10_000);
    const { seq: last } = await says('connected again');
    await until(() => printed.includes(`#${last} bayko: connected again\n`), 5_000);

    const numbers = [...printed.matchAll(/^#(\d+) /gm)].map(([, seq]) => Number(seq));
    expect(numbers).toEqual(Array.from({ length: last }, (_, n) => n + 1));
    expect(numbers).toContain(before);
    client.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
  } catch (error) {
    throw new Error(`the client printed:\n${printed}`, { cause: error });
  } finally {
    client.kill('SIGKILL');
  }
});

/** Ends all WebSockets of a user, as API Gateway ends each after two hours. */
async function endConnections(user: Uuid): Promise<void> {
  const endpoint = `http://localhost:${stack.ports.dynamodb}`;
  const table = openTable('cruddur-messages', { endpoint, region: 'local', credentials: localCredentials });
  const open = await getConnections(table, user);
  expect(open).toHaveLength(1);
  for (const { connection_id } of open) {
    const url = `http://localhost:${stack.ports.websocket}/@connections/${encodeURIComponent(connection_id)}`;
    expect((await fetch(url, { method: 'DELETE' })).ok).toBe(true);
  }
}

test('one test runs as CONTRIBUTING.md says', async () => {
  const commands = commandsTagged('contribute').join('');
  const printed = await run(commands, { VITEST: undefined });
  expect(printed.match(/Tests +.*\b1 passed/g)).toHaveLength(1);
});

// One of the ways to end a stack; start-stop.test.ts has the others.
test('SIGTERM ends the stack, and leaves nothing', async () => {
  await expectEnd(stack, () => process.kill(stack.pid, 'SIGTERM'), 0);
});
