import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seedConversationUuid } from '../../seeds/index.ts';
import { blocks, readme } from '../support/readme.ts';
import { environmentOf, type Stack, startStack } from '../support/stack.ts';

const repo = resolve(import.meta.dirname, '../..');
const tour = blocks('tour');

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.stop());

/** Runs a shell script to its end and gives what it printed; it must succeed. */
function run(script: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((done, failed) => {
    const shell = spawn('sh', ['-euc', script], { cwd: repo, env: { ...process.env, ...env } });
    let printed = '';
    let complaints = '';
    shell.stdout.on('data', (text) => {
      printed += text;
    });
    shell.stderr.on('data', (text) => {
      complaints += text;
    });
    shell.on('error', failed);
    shell.on('close', (code) => (code === 0 ? done(printed) : failed(new Error(`exit ${code}: ${complaints}`))));
  });
}

test('the tour with curl does what the README says', async () => {
  expect(tour).toHaveLength(9);
  const mark = '\n--- next ---\n';
  const script = tour
    .join(`printf '${mark.replaceAll('\n', '\\n')}'\n`)
    .replaceAll('localhost:3000', `localhost:${stack.ports.http}`)
    // Between the first message and the look into bayko's inbox a reader takes longer than the projector.
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

test('the operator’s commands do what the README says, in its order', { timeout: 120_000 }, async () => {
  const commands = blocks('operator').join('');
  expect(commands.split('\n').filter(Boolean).length).toBeGreaterThan(12);
  const printed = await run(commands, environmentOf(stack.ports));
  expect(printed).toMatch(
    /Both cups\.[\s\S]*mira now signs in with this Cognito id\.\nChecked \d+ items: no violations\.\n/,
  );
});

test('what the README calls a command of npm is one', () => {
  const { scripts } = JSON.parse(readFileSync(resolve(repo, 'package.json'), 'utf8'));
  const named = new Set(
    [...readme.matchAll(/npm run (?:--silent )?([\w:]+)|npm (start|test)/g)].map(([, a, b]) => a ?? b),
  );
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining([...named]));
});
