import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { seedConversationUuid as message_group_uuid } from '../../../seeds/index.ts';
import { browserFixture } from '../../support/browser-fixture.ts';
import { emailOf, gotoLive, storedMessage, whenConnected } from '../../support/client-page.ts';
import { callerWith } from '../../support/new-user.ts';
import { startStack } from '../../support/stack.ts';

// A stack of its own, which can be stopped. It keeps its database and its users.

const folder = mkdtempSync(join(tmpdir(), 'reconnect-'));
const env = { DYNAMODB_PATH: folder };
let stack = await startStack({ env });
afterAll(async () => {
  await stack.stop();
  rmSync(folder, { recursive: true });
});
const { visitAs } = browserFixture(stack);

test('a page is live again when the stack was stopped and started and the user returns, and shows what was sent meanwhile', async () => {
  const reef = callerWith(stack, await stack.tokenFor('reef'));
  const page = await visitAs('about:blank', emailOf('grahams'));
  const socket = await gotoLive(page, `/messages/${message_group_uuid}`);
  await storedMessage(page, 'Both cups.');
  const closed = socket.waitForEvent('close');
  await stack.stop();
  await closed;
  await page.getByText('Retrying').waitFor();

  const again = whenConnected(page, async () => {
    stack = await startStack({ env, ports: stack.ports });
    await reef.sends({ message_group_uuid }, 'after');
    // The user returns; otherwise a pause may last 30 seconds.
    await page.evaluate(() => dispatchEvent(new Event('focus')));
  });
  const frame = (await again).waitForEvent('framereceived', ({ payload }) => String(payload).includes('live again'));
  await storedMessage(page, 'after');
  await reef.sends({ message_group_uuid }, 'live again');
  await storedMessage(page, 'live again');
  await frame;
  await expect.poll(() => page.getByText('Retrying').count()).toBe(0);
});
