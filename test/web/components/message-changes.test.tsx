import type { QueryClient } from '@tanstack/react-query';
import { act, fireEvent, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Message } from '../../../web/src/api/schema.ts';
import { forget, keep, kept } from '../../../web/src/api/storage.ts';
import { useInbox } from '../../../web/src/data/inbox.ts';
import { completeDeletions, lastEditable, undoDeletion } from '../../../web/src/data/message-changes.ts';
import { useThread } from '../../../web/src/data/thread.ts';
import { MessageRow } from '../../../web/src/parts/message-row.tsx';
import { group, json, message, newClient, noContent, refusal, type SeenRequest, serve, within } from './service.tsx';
import './setup.ts';

const now = () => new Date().toISOString().replace('Z', '000+00:00');
let mine: Message;
let client: QueryClient;
let requests: SeenRequest[];
let answers: Parameters<typeof serve>[0];
let leave = () => {};
const setEdited = vi.fn();

/** A conversation with one message of one's own, and its row in the inbox. */
function Page({ isEdited = false }: { isEdited?: boolean }) {
  const { data: messages } = useThread('g');
  const { data: rows } = useInbox();
  const row = {
    uuid: 'g',
    me: 'me',
    isFirstOfDay: false,
    isFirstOfGroup: true,
    isNewest: true,
    receipt: 'seen' as const,
    isFirstUnread: false,
    report: () => undefined,
    setEdited,
  };
  return (
    <>
      <div className="scroller" tabIndex={-1} data-testid="list">
        {messages?.map((each) => (
          <MessageRow key={each.uuid} {...row} message={each} isEdited={isEdited} />
        ))}
      </div>
      <p>Inbox: {rows?.[0]?.message}</p>
    </>
  );
}

async function open(isEdited = false) {
  render(within(client, <Page isEdited={isEdited} />));
  await screen.findByText(isEdited ? 'Save' : /^hello/);
  await screen.findByText('Inbox: hello');
  requests.length = 0;
}
const path = () => `/api/messages/g/${encodeURIComponent(mine.created_at)}`;
const choose = async (name: string) => {
  fireEvent.click(screen.getByRole('button', { name: 'Message options' }));
  fireEvent.click(screen.getByRole('menuitem', { name }));
};

beforeEach(() => {
  setEdited.mockReset();
  client = newClient();
  mine = message({ user_uuid: 'me', created_at: now() });
  answers = {
    'GET /api/messages/g': () => json([mine]),
    'GET /api/message_groups': () => json([group({ created_at: mine.created_at })]),
  };
  requests = serve(answers);
  leave = completeDeletions(client);
});
afterEach(() => {
  leave();
  undoDeletion(mine.uuid);
  forget('me');
  vi.useRealTimers();
});

describe('editing', () => {
  const field = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Edit message' });

  test('begins in the menu, for 24 hours', async () => {
    await open();
    await choose('Edit');
    expect(setEdited.mock.calls).toEqual([[mine]]);
  });

  test.each([
    ['older', { created_at: '2026-01-01T00:00:01.000000+00:00' }],
    ['of the other user', { user_uuid: 'reef' }],
    ['deleted', { deleted_at: now() }],
  ])('is not offered for a message that is %s, nor by the ↑ key', async (name, change) => {
    mine = { ...mine, ...change };
    if (name !== 'deleted') await open();
    expect(lastEditable([mine], 'me')).toBeUndefined();
    if (name === 'deleted') expect(screen.queryByRole('button', { name: 'Message options' })).toBeNull();
    else fireEvent.click(screen.getByRole('button', { name: 'Message options' }));
    expect(screen.queryAllByRole('menuitem')).toHaveLength(name === 'deleted' ? 0 : 1); // to delete it, or to report it
    expect(screen.queryByRole('menuitem', { name: 'Edit' })).toBeNull();
  });

  test('by the ↑ key is that of the last own message that is not deleted', () => {
    const other = message({ uuid: 'm2' });
    const gone = { ...mine, uuid: 'm3', deleted_at: now() };
    expect(lastEditable([{ ...mine, uuid: 'm0' }, mine, other, gone], 'me')).toBe(mine);
  });

  test('Enter saves the text, which the conversation and the inbox then show', async () => {
    answers.PATCH = ({ body }) => json({ ...mine, ...(body as object), revision: 1, edited_at: now() });
    await open(true);
    expect(field().value).toBe('hello');
    expect(document.activeElement).toBe(field());
    await userEvent.type(field(), ' there{Enter}');
    await waitFor(() => expect(setEdited).toHaveBeenCalledWith(undefined));
    expect(requests).toEqual([{ call: `PATCH ${path()}`, body: { message: 'hello there' }, keepalive: false }]);
    screen.getByText('Inbox: hello there');
  });

  test('Escape and the same text leave the message as it is', async () => {
    await open(true);
    await userEvent.type(field(), ' there{Escape}');
    expect(setEdited.mock.calls).toEqual([[undefined]]);
    fireEvent.change(field(), { target: { value: 'hello' } });
    await userEvent.type(field(), '{Enter}');
    expect(setEdited).toHaveBeenCalledTimes(2);
    expect(requests).toEqual([]);
  });

  test('keeps the text when the service refuses it', async () => {
    answers.PATCH = () => refusal('Too late.', 'edit_window_over');
    await open(true);
    await userEvent.type(field(), ' there{Enter}');
    expect((await screen.findByText(/Too late/)).textContent).toBe('Not saved: Too late.');
    expect(field().value).toBe('hello there');
    expect(setEdited).not.toHaveBeenCalled();
  });

  test('a blank text is not saved', async () => {
    await open(true);
    fireEvent.change(field(), { target: { value: ' ' } });
    await userEvent.type(field(), '{Enter}');
    screen.getByText('Write a message first.');
    expect(requests).toEqual([]);
  });
});

describe('deleting', () => {
  const later = (milliseconds: number) => act(() => vi.advanceTimersByTimeAsync(milliseconds));
  const openAndDelete = async () => {
    await open();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    await choose('Delete');
  };
  const isShown = (text: string) => screen.getByRole('article').textContent?.includes(text);

  test('is requested after 5 seconds, in which the message shows as deleted', async () => {
    answers.DELETE = noContent;
    await openAndDelete();
    expect(isShown('Message deleted')).toBe(true);
    expect(isShown('Seen')).toBe(false);
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Undo' }));
    await later(4_900);
    expect(requests).toEqual([]);
    await later(100);
    expect(requests).toEqual([{ call: `DELETE ${path()}`, body: undefined, keepalive: false }]);
    expect(isShown('Message deleted')).toBe(true);
    expect(screen.queryByRole('button')).toBeNull();
    expect(document.activeElement).toBe(screen.getByTestId('list')); // the button had the focus
    await vi.waitFor(async () => {
      await later(1);
      expect(screen.getByText(/^Inbox/).textContent).toBe('Inbox: ');
    });
    expect(kept('me', '')).toEqual([]);
  });

  test('can be undone until then', async () => {
    await openAndDelete();
    fireEvent.click(screen.getByRole('button', { name: 'Undo' }));
    expect(isShown('hello')).toBe(true);
    expect(isShown('Seen')).toBe(true);
    await later(10_000);
    expect(requests).toEqual([]);
    expect(kept('me', '')).toEqual([]);
  });

  test('is requested at once when the page is left, by a request that outlives it', async () => {
    answers.DELETE = noContent;
    await openAndDelete();
    dispatchEvent(new Event('pagehide'));
    await later(0);
    await later(10_000);
    expect(requests).toEqual([{ call: `DELETE ${path()}`, body: undefined, keepalive: true }]);
  });

  test('that never reached the service is completed by the next visit, but not before it is due', async () => {
    answers.DELETE = noContent;
    await open();
    const left = { message_group_uuid: 'g', uuid: 'm9', created_at: 'then', due: Date.now() + 1_000 };
    keep('me', 'deletion:m9', left);
    completeDeletions(client)();
    expect(kept('me', 'deletion:')).toHaveLength(1);
    expect(requests).toEqual([]);
    keep('me', 'deletion:m9', { ...left, due: Date.now() });
    completeDeletions(client)();
    await waitFor(() => expect(kept('me', 'deletion:')).toEqual([]));
    expect(requests.map(({ call }) => call)).toEqual(['DELETE /api/messages/g/then']);
  });

  test('is tried again until the service answers', async () => {
    const results = [() => Promise.reject(new TypeError('no connection')), () => json({}, 503), noContent];
    answers.DELETE = () => (results.shift() ?? noContent)();
    await openAndDelete();
    for (let round = 0; round < 40 && results.length > 0; round++) await later(500);
    await later(0);
    expect(requests).toHaveLength(3);
    expect(isShown('Message deleted')).toBe(true);
    expect(kept('me', '')).toEqual([]);
  });

  test('that the service refuses shows the message again, and why', async () => {
    answers.DELETE = () => refusal('There is no such message.', 'message_unknown', 404);
    await openAndDelete();
    await later(5_000);
    expect(screen.getByRole('alert').textContent).toContain('Not deleted: There is no such message.');
    expect(isShown('hello')).toBe(true);
    fireEvent.click(screen.getByRole('button', { name: 'Keep' }));
    expect(screen.queryByRole('alert')).toBeNull();
  });
});
