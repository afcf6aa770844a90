import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { errorMessages } from '../../../handlers/error-messages.ts';
import type { MessageGroup } from '../../../web/src/api/schema.ts';
import { browserFixture } from '../../support/browser-fixture.ts';
import { choose, composer, linkTo, messageOn, storedMessage, write } from '../../support/client-page.ts';
import { inboxOf, twoNewUsers } from '../../support/new-user.ts';

const { stack, visitAs } = browserFixture();

test('what a user edits and deletes changes on the page of the other, too, although the user leaves at once', async () => {
  const [ada, bo] = await twoNewUsers(stack);
  const { message_group_uuid } = await bo.sends(ada, 'hello');
  const path = `/messages/${message_group_uuid}`;
  const [adas, bos] = await Promise.all([visitAs(path, ada.email), visitAs(path, bo.email)]);
  await storedMessage(adas, 'hello');
  await write(adas, 'frist');
  await write(adas, 'second');
  await storedMessage(adas, 'second');
  await storedMessage(bos, 'second');

  await composer(adas).press('ArrowUp');
  const field = adas.getByRole('textbox', { name: 'Edit message' });
  expect(await field.inputValue()).toBe('second');
  await field.press('Escape');
  await choose(adas, 'Message options', 'Edit', messageOn(adas, 'frist').locator('..'));
  await field.fill('first');
  await field.press('Enter');
  await messageOn(adas, 'first').getByText('edited').waitFor();
  await expect.poll(() => composer(adas).evaluate((element) => element === document.activeElement)).toBe(true);
  await messageOn(bos, 'first').getByText('edited').waitFor();

  await messageOn(adas, 'second').getByText('Seen').waitFor();
  await choose(adas, 'Message options', 'Delete', messageOn(adas, 'second').locator('..'));
  await adas.getByRole('button', { name: 'Undo' }).click();
  await storedMessage(adas, 'second');
  await choose(adas, 'Message options', 'Delete', messageOn(adas, 'second').locator('..'));
  await messageOn(adas, 'Message deleted').waitFor();
  await adas.goto('about:blank');
  await messageOn(bos, 'Message deleted').waitFor();
  await linkTo(bos, ada.handle).getByText('Message deleted').waitFor();
});

test('a conversation is muted, marked as unread and cleared for its user alone', async () => {
  const [ada, bo] = await twoNewUsers(stack);
  const { message_group_uuid } = await bo.sends(ada, 'hello');
  const page = await visitAs(`/messages/${message_group_uuid}`, ada.email);
  await storedMessage(page, 'hello');
  await choose(page, 'Conversation options', 'Mute');
  await page.getByRole('heading', { name: bo.handle }).getByRole('img', { name: 'Muted' }).waitFor();
  await linkTo(page, bo.handle).getByRole('img', { name: 'Muted' }).waitFor();
  await choose(page, 'Conversation options', 'Mark as unread');
  await page.waitForURL('**/messages');
  await linkTo(page, bo.handle).getByText('Marked as unread').waitFor();
  const marked = { muted: true, marked_unread: true };
  await expect.poll(async () => (await inboxOf(ada))[0]).toMatchObject(marked);
  await linkTo(page, bo.handle).click();
  await expect.poll(async () => (await inboxOf(ada))[0]).toMatchObject({ ...marked, marked_unread: false });

  await choose(page, 'Conversation options', 'Clear …');
  await page.getByRole('button', { name: 'Clear for me' }).click();
  await page.getByText('No conversations yet').waitFor();
  expect(await inboxOf(ada)).toEqual([]);
  expect(await bo.gets<MessageGroup[]>('/api/message_groups')).toMatchObject([{ message: 'hello' }]);
  await page.goto(`/messages/${message_group_uuid}`);
  await page.getByText('You have cleared this conversation.').waitFor();
  await bo.sends({ message_group_uuid }, 'and again');
  await storedMessage(page, 'and again');
  await linkTo(page, bo.handle).getByText('and again').waitFor();
  expect(await page.getByRole('article').count()).toBe(1);
});

test('the time of a conversation ends where the search field does, and gives way to the menu without moving', async () => {
  const [ada, bo] = await twoNewUsers(stack);
  await bo.sends(ada, 'hello');
  const page = await visitAs('/messages', ada.email);
  const row = page.locator('.entry-row');
  const [time, badge, menu] = [row.locator('.when'), row.locator('.badge'), row.locator('.menu-button')];
  await badge.waitFor();
  const boxes = () => Promise.all([row, time, badge, menu].map((each) => each.boundingBox()));
  const opacities = () =>
    Promise.all([time, badge, menu].map((each) => each.evaluate((element) => getComputedStyle(element).opacity)));
  const before = await boxes();
  const field = await page.getByRole('searchbox').boundingBox();
  for (const box of [before[1], before[2]]) expect(endOf(box)).toBeCloseTo(endOf(field), 0);
  expect(await opacities()).toEqual(['1', '1', '0']);
  await row.hover();
  await expect.poll(opacities).toEqual(['0', '0', '1']);
  expect(await boxes()).toEqual(before);
  await page.mouse.move(0, 0);
  await linkTo(page, bo.handle).focus();
  await expect.poll(opacities).toEqual(['0', '0', '1']);
  await row.getByRole('link', { name: /1 unread/ }).waitFor(); // screen readers still read it
});

const endOf = (box: { x: number; width: number } | null | undefined) => (box ? box.x + box.width : Number.NaN);

test('the menu opens within the window, and the day stays at the top of the scrolled list', async () => {
  const [ada, bo] = await twoNewUsers(stack);
  const { message_group_uuid } = await bo.sends(ada, 'line\n'.repeat(60));
  const page = await visitAs(`/messages/${message_group_uuid}`, ada.email, { viewport: { width: 360, height: 480 } });
  await write(page, 'mine');
  await storedMessage(page, 'mine');
  await messageOn(page, 'mine').hover();
  await messageOn(page, 'mine').locator('..').getByRole('button', { name: 'Message options' }).click();
  const box = await page.getByRole('menu').boundingBox();
  expect(box?.x).toBeGreaterThanOrEqual(0);
  expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(480);
  await page.keyboard.press('Escape');

  const list = page.getByRole('region', { name: 'Messages with' });
  await list.evaluate((element) => element.scrollTo(0, 300));
  const day = page.locator('.at-top time');
  await expect.poll(() => day.textContent()).toBe('Today');
  const distance = async () => ((await day.boundingBox())?.y ?? 0) - ((await list.boundingBox())?.y ?? 0);
  const before = await distance();
  await list.evaluate((element) => element.scrollTo(0, 500));
  expect(Math.abs((await distance()) - before)).toBeLessThan(1);
  expect(before).toBeLessThan(30);
});

test('after a block neither can write, and the blocked user is not told why; unblocking ends it', async () => {
  const [ada, bo] = await twoNewUsers(stack);
  const { message_group_uuid } = await bo.sends(ada, 'hello');
  await ada.sends({ message_group_uuid }, 'hi');
  const path = `/messages/${message_group_uuid}`;
  const [adas, bos] = await Promise.all([visitAs(path, ada.email), visitAs(path, bo.email)]);
  await storedMessage(adas, 'hi');
  await storedMessage(bos, 'hi');
  await choose(adas, 'Conversation options', 'Block …');
  await adas.getByRole('button', { name: 'Block' }).click();
  await adas.getByText('You block Bo South').waitFor();
  expect(await composer(adas).count()).toBe(0);
  await write(bos, 'are you there?');
  const refused = messageOn(bos, 'are you there?');
  await refused.getByText(`Not sent: ${errorMessages.recipient_unavailable}`).waitFor();
  await linkTo(bos, ada.handle).getByText('Not sent').waitFor();

  // What a page that is loaded later shows.
  await adas.reload();
  await adas.getByText('You block Bo South').waitFor();
  await adas.getByRole('link', { name: 'Settings' }).click();
  const downloading = adas.waitForEvent('download');
  await adas.getByRole('button', { name: 'Download your data' }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe(`${ada.handle}.jsonl`);
  const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ type: 'user', email: ada.email }),
      expect.objectContaining({ type: 'block', handle: bo.handle }),
      expect.objectContaining({ type: 'message_group', handle: bo.handle }),
    ]),
  );
  await adas.getByRole('button', { name: `Unblock @${bo.handle}` }).click();
  await adas.getByText('You have not blocked any user').waitFor();
  await refused.getByRole('button', { name: 'Send again' }).click();
  await storedMessage(bos, 'are you there?');
  await adas.getByRole('link', { name: 'Back to your messages' }).click();
  await linkTo(adas, bo.handle).click();
  await storedMessage(adas, 'are you there?');
  await composer(adas).waitFor();
});
