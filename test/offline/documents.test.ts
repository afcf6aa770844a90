import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seedConversationUuid } from '../../seeds/index.ts';
import { commandsTagged } from '../support/documents.ts';
import { expectEnd } from '../support/leftovers.ts';
import { environmentOf, type Stack, startStack } from '../support/stack.ts';

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
    /Both cups\.[\s\S]*mira now signs in with this Cognito id\.\nmira is suspended: [^\n]+\nmira is not suspended: [^\n]+\nmira is trusted: [^\n]+\nmira is not trusted: [^\n]+\n(There is no open report\.\n){2}Checked \d+ items: no violations\.\n/,
  );
});

test('a flooded user takes the measures of docs/control.md', { timeout: 120_000 }, async () => {
  const commands = commandsTagged('control');
  expect(commands).toHaveLength(9);
  const api = `API=http://localhost:${stack.ports.http}/api`;
  const mark = '--- next ---';
  const printed = await run([api, ...commands].join(`\necho '${mark}'\n`), environmentOf(stack.ports));
  const [, flood = '', limits = '', reported = '', shown = '', muted = '', blocked = '', cleared = '', ...last] =
    printed.split(mark);
  const [unblocked, resolved] = last;
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
  expect(resolved).toMatch(/is resolved\.\n[\s\S]*grahams +reef +spam +resolved$/m);
});

test('one test runs as CONTRIBUTING.md says', async () => {
  const commands = commandsTagged('contribute').join('');
  const printed = await run(commands, { VITEST: undefined });
  expect(printed.match(/Tests +.*\b1 passed/g)).toHaveLength(1);
});

// One of the ways to end a stack; start-stop.test.ts has the others.
test('SIGTERM ends the stack, and leaves nothing', async () => {
  await expectEnd(stack, () => process.kill(stack.pid, 'SIGTERM'), 0);
});
