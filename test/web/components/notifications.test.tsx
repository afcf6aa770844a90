import type { QueryClient } from '@tanstack/react-query';
import { act, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import type { MessageGroup } from '../../../web/src/api/schema.ts';
import { updateInboxRow, useInbox } from '../../../web/src/data/inbox.ts';
import { incoming } from '../../../web/src/data/incoming.ts';
import { changeNotificationSettings } from '../../../web/src/data/notification-settings.ts';
import { NotificationSwitches } from '../../../web/src/parts/notification-switches.tsx';
import { useNotifications } from '../../../web/src/parts/notifications.ts';
import { group, json, message, newClient, serve, within } from './service.tsx';
import './setup.ts';

const playSound = vi.hoisted(() => vi.fn());
vi.mock('../../../web/src/parts/sound.ts', () => ({ playSound }));

class FakeNotification {
  static permission = 'granted';
  static requestPermission = vi.fn(async () => FakeNotification.permission);
  static all: FakeNotification[] = [];
  onclick = () => {};
  close = vi.fn();
  readonly title: string;
  readonly options: NotificationOptions;
  constructor(title: string, options: NotificationOptions) {
    this.title = title;
    this.options = options;
    FakeNotification.all.push(this);
  }
}

/** The locks of all tabs. */
const locks = {
  held: new Set<string>(),
  async request(name: string, _options: object, run: (lock: object | null) => unknown) {
    if (locks.held.has(name)) return run(null);
    locks.held.add(name);
    await run({});
    locks.held.delete(name);
  },
  query: async () => ({ held: [...locks.held].map((name) => ({ name })) }),
};

let client: QueryClient;
let rows: MessageGroup[];
beforeEach(() => {
  localStorage.clear();
  locks.held.clear();
  playSound.mockReset();
  FakeNotification.all = [];
  FakeNotification.permission = 'granted';
  FakeNotification.requestPermission.mockClear();
  vi.stubGlobal('Notification', FakeNotification);
  vi.stubGlobal('navigator', { locks });
  history.replaceState(null, '', '/messages');
  client = newClient();
  rows = [group({ unread_count: 1, created_at: '2026-01-01T00:00:02' })];
  serve({ 'GET /api/message_groups?': () => json(rows) });
});

function Tab({ open }: { open?: string }) {
  useNotifications(open);
  return <p>{useInbox().data?.length} loaded</p>;
}
const arrive = (uuid = crypto.randomUUID() as string) =>
  act(async () => {
    const detail = { message_group_uuid: 'g', message: message({ uuid, created_at: '2026-01-01T00:00:02' }) };
    incoming.dispatchEvent(new CustomEvent('message', { detail }));
  });
const openTab = async (open?: string) => {
  render(within(client, <Tab {...(open && { open })} />));
  await screen.findAllByText('1 loaded');
};
const told = () => FakeNotification.all.map(({ title, options: { body, tag } }) => [title, body, tag]);

test('nothing is shown or heard unless the user has switched it on', async () => {
  await openTab();
  await arrive();
  expect([told(), playSound.mock.calls]).toEqual([[], []]);
  changeNotificationSettings({ sound: true });
  await arrive();
  expect([told(), playSound.mock.calls.length]).toEqual([[], 1]);
});

test('a notification names the sender, and shows the text only if the user wants it', async () => {
  changeNotificationSettings({ notifications: true });
  await openTab();
  await arrive();
  changeNotificationSettings({ text: true });
  await arrive();
  expect(told()).toEqual([
    ['Wriggle Reef', 'New message', 'g'],
    ['Wriggle Reef', 'hello', 'g'],
  ]);
});

test('several tabs of a user tell of a message once', async () => {
  changeNotificationSettings({ notifications: true, sound: true });
  for (let tab = 0; tab < 3; tab++) await openTab();
  await arrive();
  expect([told().length, playSound.mock.calls.length]).toEqual([1, 1]);
});

test('there is nothing for a muted conversation, nor for one that a focused tab shows', async () => {
  changeNotificationSettings({ notifications: true, sound: true });
  await openTab();
  act(() => updateInboxRow(client, 'g', (row) => ({ ...row, muted: true })));
  await arrive();
  act(() => updateInboxRow(client, 'g', (row) => ({ ...row, muted: false })));
  vi.spyOn(document, 'hasFocus').mockReturnValue(true);
  await openTab('g'); // another tab: the first one hears of the message, too
  await arrive();
  expect([told(), playSound.mock.calls]).toEqual([[], []]);
  vi.spyOn(document, 'hasFocus').mockReturnValue(false);
  await act(async () => void dispatchEvent(new Event('blur')));
  await arrive();
  expect([told().length, playSound.mock.calls.length]).toEqual([1, 1]);
});

test('a click opens the conversation; the notification closes when the conversation was read elsewhere', async () => {
  changeNotificationSettings({ notifications: true });
  const focus = vi.spyOn(window, 'focus').mockReturnValue();
  await openTab();
  await arrive();
  const [notification] = FakeNotification.all;
  expect(notification?.close).not.toHaveBeenCalled();
  act(() => notification?.onclick());
  expect([location.pathname, focus.mock.calls.length]).toEqual(['/messages/g', 1]);
  await arrive();
  act(() => updateInboxRow(client, 'g', (row) => ({ ...row, unread_count: 0 })));
  expect(FakeNotification.all[1]?.close).toHaveBeenCalled();
});

test('the switch asks for permission, and says what to do when the browser refuses', async () => {
  render(<NotificationSwitches />);
  const notifications = () => screen.getByRole<HTMLInputElement>('checkbox', { name: 'Notifications' });
  expect(FakeNotification.requestPermission).not.toHaveBeenCalled();
  FakeNotification.permission = 'denied';
  await userEvent.click(notifications());
  expect(notifications().checked).toBe(false);
  expect(screen.getByRole('status').textContent).toContain('Allow them in its settings');
  FakeNotification.permission = 'granted';
  await userEvent.click(notifications());
  expect([notifications().checked, screen.getByRole('status').textContent]).toEqual([true, '']);
  await userEvent.click(screen.getByRole('checkbox', { name: 'Show the text of the message' }));
  await userEvent.click(screen.getByRole('checkbox', { name: 'Sound' }));
  expect(screen.getAllByRole<HTMLInputElement>('checkbox').map(({ checked }) => checked)).toEqual([true, true, true]);
});
