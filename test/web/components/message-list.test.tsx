import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { type ReactNode, type Ref, useImperativeHandle } from 'react';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Message } from '../../../web/src/api/schema.ts';
import { firstUnread } from '../../../web/src/data/first-unread.ts';
import type { UnsentMessage } from '../../../web/src/data/outbox.ts';
import { avatarColour, avatarColours } from '../../../web/src/parts/avatar.tsx';
import { MessageList } from '../../../web/src/parts/message-list.tsx';
import { message, newClient, within } from './service.tsx';
import './setup.ts';

// Without a layout, Virtua shows no rows. The test says which one is at the top, and scrolls.
const virtua = vi.hoisted(() => ({ top: 0, scroll: () => {} }));
vi.mock('virtua', () => ({
  Virtualizer: (props: { children: ReactNode; ref: Ref<unknown>; onScroll: () => void }) => {
    useImperativeHandle(props.ref, () => ({ findItemIndex: () => virtua.top }));
    virtua.scroll = props.onScroll;
    return <ol>{props.children}</ol>;
  },
}));

const onDay = (day: number, time: string) => new Date(`2026-03-0${day}T${time}`).toISOString(); // in the reader's time zone
let messages: Message[];
let client: ReturnType<typeof newClient>;
let rerender: ReturnType<typeof render>['rerender'];
let isFocused: boolean;
let hasReceipts: boolean;
const setFocus = (next: boolean) =>
  act(() => {
    isFocused = next;
    dispatchEvent(new Event(next ? 'focus' : 'blur'));
  });
const seenMessages = () => [...new Set(onSeen.mock.calls.map(([{ uuid }]) => uuid))];
beforeEach(() => {
  messages = [];
  report.mockReset();
  onSeen.mockReset();
  client = newClient();
  isFocused = true;
  hasReceipts = true;
  vi.spyOn(document, 'hasFocus').mockImplementation(() => isFocused);
});
const add = (user_uuid: string, created_at: string) => {
  const seq = messages.length + 1;
  messages.push(message({ uuid: `m${seq}`, message: `number ${seq}`, seq, user_uuid, created_at }));
};
const report = vi.fn();
const onSeen = vi.fn();
const list = (seen = 0, firstUnread?: number, unsent: UnsentMessage[] = []) => {
  const props = {
    uuid: 'g',
    me: 'me',
    label: 'Messages',
    unsent,
    seen,
    hasReceipts,
    firstUnread,
    edited: undefined,
    setEdited: () => undefined,
    report,
  };
  return within(client, <MessageList {...props} messages={[...messages]} loadOlder={undefined} onSeen={onSeen} />);
};
const show = (seen?: number, firstUnread?: number) => {
  const shown = render(list(seen, firstUnread));
  rerender = shown.rerender;
  return screen.getByRole('region', { name: 'Messages' });
};

test('the Tab key reaches the menu of the newest own message, and the arrows those of the others', async () => {
  for (const time of ['10:00', '10:01', '10:02']) add('me', onDay(1, time));
  const list = show();
  const menus = screen.getAllByRole('button', { name: 'Message options' });
  await userEvent.tab();
  expect(document.activeElement).toBe(list);
  await userEvent.tab();
  expect(document.activeElement).toBe(menus[2]);
  await userEvent.keyboard('{ArrowUp}');
  expect(document.activeElement).toBe(menus[1]);
  await userEvent.keyboard('{ArrowDown}');
  expect(document.activeElement).toBe(menus[2]);
});

test('the menu of a message of the other user reports it; a deleted one has no menu, and leaves the Tab key to the one before', async () => {
  add('me', onDay(1, '10:00'));
  add('reef', onDay(1, '10:01'));
  add('reef', onDay(1, '10:02'));
  Object.assign(messages[2] as Message, { message: '', deleted_at: onDay(1, '10:03') });
  show();
  const menus = screen.getAllByRole('button', { name: 'Message options' });
  expect(menus).toHaveLength(2);
  await userEvent.tab();
  await userEvent.tab();
  expect(document.activeElement).toBe(menus[1]);
  fireEvent.click(menus[1] as HTMLElement);
  expect(screen.getAllByRole('menuitem').map(({ textContent }) => textContent)).toEqual(['Report …']);
  fireEvent.click(screen.getByRole('menuitem'));
  expect(report.mock.calls).toEqual([[messages[1]]]);
});

test('messages that one user sends within minutes show their sender once', () => {
  add('reef', onDay(1, '10:00'));
  add('reef', onDay(1, '10:04'));
  add('reef', onDay(1, '10:10')); // after a pause
  add('me', onDay(1, '10:11'));
  add('reef', onDay(1, '10:12')); // after another sender
  add('reef', onDay(1, '23:59'));
  add('reef', onDay(2, '00:01')); // on another day
  show();
  const shown = screen.getAllByRole('article').map((article) => article.querySelector('.sender') !== null);
  expect(shown).toEqual([true, false, true, false, true, true, true]);
  expect(document.querySelectorAll('.avatar')).toHaveLength(5);
  // Screen readers hear it with each message.
  for (const article of screen.getAllByRole('article'))
    expect(article.textContent).toMatch(/^(You|Wriggle Reef): number/);
});

test('the own messages that the other user has seen say so, the others that they were sent; without receipts, neither', () => {
  for (const user of ['me', 'me', 'reef', 'me']) add(user, onDay(1, '10:00'));
  for (const [index, sender_seq] of [1, 2, 1, 3].entries()) Object.assign(messages[index] as Message, { sender_seq });
  const shownAs = (seen: number) => {
    show(seen);
    const says = screen
      .getAllByRole('article')
      .map((article) => article.querySelector('.ticks .visually-hidden')?.textContent);
    cleanup();
    return says;
  };
  expect(shownAs(0)).toEqual(['Sent', 'Sent', undefined, 'Sent']);
  expect(shownAs(2)).toEqual(['Seen', 'Seen', undefined, 'Sent']);
  Object.assign(messages[3] as Message, { message: '', deleted_at: onDay(1, '10:01') });
  expect(shownAs(3)).toEqual(['Seen', 'Seen', undefined, undefined]);
  hasReceipts = false;
  expect(shownAs(2)).toEqual([undefined, undefined, undefined, undefined]);
});

test('the day of the topmost message stays at the top of the scrolled list', () => {
  add('me', onDay(1, '10:00'));
  add('me', onDay(2, '10:00'));
  const list = show();
  const atTop = () => list.querySelector('.at-top time')?.getAttribute('datetime');
  const scroll = (scrollTop: number, top: number) =>
    act(() => {
      list.scrollTop = scrollTop;
      virtua.top = top;
      virtua.scroll();
    });
  expect(atTop()).toBeUndefined();
  scroll(100, 0);
  expect(atTop()).toBe(messages[0]?.created_at);
  scroll(300, 1);
  expect(atTop()).toBe(messages[1]?.created_at);
  scroll(500, 2); // a message that is being sent
  expect(atTop()).toBe(messages[1]?.created_at);
  scroll(0, 0);
  expect(atTop()).toBeUndefined();
});

test('a visible window without focus marks nothing as read; with the focus, what is on the screen is marked', () => {
  isFocused = false;
  add('reef', onDay(1, '10:00'));
  show(0);
  add('reef', onDay(1, '10:01'));
  rerender(list());
  expect(seenMessages()).toEqual([]);
  setFocus(true);
  expect(seenMessages()).toEqual(['m2']);
  setFocus(false);
  add('reef', onDay(1, '10:02'));
  rerender(list());
  expect(seenMessages()).toEqual(['m2']);
  setFocus(true);
  expect(seenMessages()).toEqual(['m2', 'm3']);
});

test('a hidden tab marks nothing as read, even if its window has the focus', () => {
  const visibility = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
  add('reef', onDay(1, '10:00'));
  show();
  expect(seenMessages()).toEqual([]);
  visibility.mockRestore();
  act(() => void dispatchEvent(new Event('visibilitychange')));
  expect(seenMessages()).toEqual(['m1']);
});

test('a list that opens at the first unread message marks only what has been on the screen', async () => {
  for (let minute = 10; minute < 20; minute++) add('reef', onDay(1, `10:${minute}`));
  for (const each of messages) each.sender_seq = each.seq;
  const scroller = show(0, 3);
  expect(seenMessages()).toEqual([]);
  const scrollTo = (scrollTop: number, below: number) =>
    act(() => {
      Object.defineProperties(scroller, { scrollHeight: { value: 1_000 }, clientHeight: { value: 200 } });
      scroller.scrollTop = scrollTop;
      virtua.top = below;
      virtua.scroll();
    });
  scrollTo(300, 4); // not by the user: the rows may have no height yet
  expect(screen.queryByRole('button', { name: '5 new messages ↓' })).toBeNull();
  fireEvent.wheel(scroller);
  scrollTo(300, 4);
  await expect.poll(seenMessages).toEqual(['m5']);
  expect(screen.getByRole('button', { name: '5 new messages ↓' })).toBeDefined();
  scrollTo(100, 3); // back up
  scrollTo(800, 9);
  expect(seenMessages()).toEqual(['m5', 'm10']);
});

test('a list that opens before all unread messages are loaded counts all of them', () => {
  for (let minute = 10; minute < 15; minute++) add('reef', onDay(1, `10:${minute}`));
  for (const each of messages) each.sender_seq = each.seq;
  isFocused = false;
  const scroller = show();
  add('reef', onDay(1, '10:15'));
  Object.assign(messages[5] as Message, { sender_seq: 6 });
  Object.defineProperties(scroller, { scrollHeight: { value: 1_000 }, clientHeight: { value: 200 } });
  rerender(list(0, 3));
  fireEvent.wheel(scroller);
  act(() => {
    scroller.scrollTop = 100;
    virtua.scroll();
  });
  act(() => {
    scroller.scrollTop = 50;
    virtua.scroll();
  });
  expect(screen.getByRole('button', { name: '4 new messages ↓' })).toBeDefined();
});

test('a line stands above the first message that was unread, until the user writes', () => {
  for (const user of ['reef', 'me', 'reef', 'reef']) add(user, onDay(1, '10:00'));
  for (const [index, sender_seq] of [1, 1, 2, 3].entries()) Object.assign(messages[index] as Message, { sender_seq });
  show(0, 2);
  const lines = () =>
    [...document.querySelectorAll('[data-message]')].map((row) => row.querySelector('.first-unread')?.textContent);
  expect(lines()).toEqual([undefined, undefined, 'New', undefined]);
  add('reef', onDay(1, '10:01'));
  rerender(list(0, 2));
  expect(lines()).toEqual([undefined, undefined, 'New', undefined, undefined]);
  const unsent: UnsentMessage = {
    key: 'k',
    handle: 'reef',
    message: 'an answer',
    state: 'sending',
    error: null,
    at: 0,
    retry: () => {},
    discard: () => {},
  };
  rerender(list(0, 2, [unsent]));
  expect(lines().filter(Boolean)).toEqual([]);
});

describe('the first unread message', () => {
  const opened = (unread_count: number, created_at: string) => ({ uuid: 'g', unread_count, created_at });
  const thread = ['reef', 'me', 'reef', 'reef'].map((user_uuid, index) =>
    message({ user_uuid, seq: index + 1, sender_seq: [1, 1, 2, 3][index] ?? 0, created_at: `2026-03-01T10:0${index}` }),
  );
  test.each([
    ['is counted from the newest one', opened(2, '2026-03-01T10:03'), 2],
    ['is counted from the newest one that the inbox knew', opened(1, '2026-03-01T10:02'), 2],
    ['follows what the user has written, even if the inbox counts more', opened(3, '2026-03-01T10:03'), 2],
    ['is none when the user wrote last, even if the inbox counts some', opened(1, '2026-03-01T10:01'), undefined],
    ['is none when the user has written since', opened(1, '2026-03-01T10:00'), undefined],
    ['is unknown while newer messages are missing', opened(1, '2026-03-01T10:04'), undefined],
    ['is none when all were read', opened(0, '2026-03-01T10:03'), undefined],
  ])('%s', (_name, row, expected) => {
    expect(firstUnread(thread, 'me', row)).toBe(expected);
  });

  test('may not be loaded', () => {
    expect(firstUnread(thread.slice(2), 'me', opened(3, '2026-03-01T10:03'))).toBe(1);
    const answered = [...thread.slice(2), message({ user_uuid: 'me', seq: 5, created_at: '2026-03-01T10:05' })];
    expect(firstUnread(answered, 'me', opened(3, '2026-03-01T10:03'))).toBeUndefined();
  });
});

const luminance = (colour: string) => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((from) => {
    const part = Number.parseInt(colour.slice(from, from + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const contrast = (a: string, b: string) => {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
};

test.each(avatarColours)('the avatar colour %s is legible in light and dark (WCAG AA)', (colour) => {
  expect(contrast(colour, '#ffffff')).toBeGreaterThanOrEqual(4.5); // its letter, and light pages
  expect(contrast(colour, '#13171f')).toBeGreaterThanOrEqual(3); // dark pages
});

test('the colour of an avatar follows from the user, and users differ', () => {
  const users = Array.from({ length: 200 }, () => crypto.randomUUID());
  const colours = users.map(avatarColour);
  expect(users.map(avatarColour)).toEqual(colours);
  expect(new Set(colours).size).toBe(avatarColours.length);
});
