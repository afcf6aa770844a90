import { createHash } from 'node:crypto';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, renderHook, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { answers as serviceAnswers } from '../../../web/src/api/fetch.ts';
import type { Message } from '../../../web/src/api/schema.ts';
import { forget } from '../../../web/src/api/storage.ts';
import { draftTo, keepDraft } from '../../../web/src/data/drafts.ts';
import { confirmStored, resumeSending, send, sendAwaitingReply, useOutbox } from '../../../web/src/data/outbox.ts';
import { sign } from '../../support/tokens.ts';
import './setup.ts';

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });

/** The answers to the sends, in order; the last one to all further sends. */
let answers: (() => Response)[];
interface Sent {
  key: string | null;
  body: { message: string };
}
let sends: Sent[];
let client: QueryClient;
const newClient = () => new QueryClient({ defaultOptions: { queries: { retry: false } } });
const stored = ({ key, body }: Sent) =>
  ({
    uuid: key,
    message_group_uuid: 'g',
    seq: sends.length,
    created_at: 'now',
    message: body.message,
    idempotency_key_hash: createHash('sha256')
      .update(key ?? '')
      .digest('hex'),
  }) as Message & { message_group_uuid: string };

beforeEach(() => {
  client = newClient();
  sends = [];
  answers = [];
  vi.stubGlobal('fetch', async (path: string, init: RequestInit = {}) => {
    if (path === '/session') return json({ access_token: sign({ sub: 'me' }), expires_in: 3_600 });
    const sent = { key: new Headers(init.headers).get('idempotency-key'), body: JSON.parse(String(init.body)) };
    sends.push(sent);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    return answer ? answer() : json(stored(sent));
  });
});
afterEach(() => {
  forget('me');
  forget('');
  client.clear();
  vi.useRealTimers();
});

const outbox = (list: Message[] = []) =>
  renderHook(({ messages }: { messages: Message[] }) => useOutbox('bo', messages), {
    initialProps: { messages: list },
    wrapper: ({ children }: { children: ReactNode }) => (
      <QueryClientProvider client={client}>{children}</QueryClientProvider>
    ),
  });
/**
 * Advances the replaced timers by so many half seconds at most, and then waits for what is under way. They stay replaced, because the query
 * client reports each change by a timer.
 */
function timePassesUntil(assertion: () => void, halfSeconds = 50) {
  let passed = 0;
  const options = { timeout: 5_000, interval: 1 };
  return vi.waitFor(async () => {
    await act(() => vi.advanceTimersByTimeAsync(passed++ < halfSeconds ? 500 : 0));
    assertion();
  }, options);
}
const breaks = () => {
  throw new TypeError('Failed to fetch');
};

describe('a message', () => {
  test('is sent again with the same key as soon as the service answers another request', async () => {
    answers = [breaks, () => json(stored(sends[0] as Sent))];
    const { result } = outbox();
    act(() => send(client, { handle: 'bo' }, 'hello'));
    await waitFor(() => expect(sends).toHaveLength(1));
    await waitFor(() => {
      serviceAnswers.dispatchEvent(new Event('answer'));
      expect(sends).toHaveLength(2);
    });
    await waitFor(() => expect(result.current).toEqual([]));
    expect(new Set(sends.map(({ key }) => key)).size).toBe(1);
  });

  test.each([
    ['an error of the service', () => json({ message: 'Internal Server Error' }, 500)],
    ['an answer of another shape', () => json({ errorMessage: 'Task timed out' })],
    ['an answer without a body', () => new Response('')],
  ])('is sent again by itself after %s', async (_, answer) => {
    answers = [answer, answer, () => json(stored(sends[0] as Sent))];
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { result } = outbox();
    act(() => send(client, { handle: 'bo' }, 'hello'));
    await timePassesUntil(() => expect(result.current).toEqual([]));
    expect(sends).toHaveLength(3);
  });

  test('that the service refuses stays with its error until the user discards it', async () => {
    answers = [() => json({ detail: 'Too long.', errors: [{ code: 'message_exceed_max_chars' }] }, 422)];
    const { result } = outbox();
    act(() => send(client, { handle: 'bo' }, 'hello'));
    await waitFor(() => expect(result.current).toMatchObject([{ state: 'failed', error: { message: 'Too long.' } }]));
    act(() => result.current[0]?.discard());
    await waitFor(() => expect(result.current).toEqual([]));
    const later = newClient();
    resumeSending(later);
    expect(later.getMutationCache().getAll()).toEqual([]);
  });

  test('of an earlier visit is sent under the same key, before later ones', async () => {
    answers = [() => json({}, 413)];
    const { result } = outbox();
    act(() => send(client, { handle: 'bo' }, 'one'));
    await waitFor(() => expect(result.current).toMatchObject([{ state: 'failed' }]));
    const [earlier] = sends;
    client = newClient();
    answers = [];
    resumeSending(client);
    send(client, { handle: 'bo' }, 'two');
    await waitFor(() => expect(sends.map(({ body }) => body.message)).toEqual(['one', 'one', 'two']));
    expect(sends[1]?.key).toBe(earlier?.key);
  });

  test('that is among the stored messages is not shown as unsent, and is not sent again on the next visit', async () => {
    answers = [() => json({}, 413)];
    const { result, rerender } = outbox();
    act(() => send(client, { handle: 'bo' }, 'hello'));
    await waitFor(() => expect(result.current).toMatchObject([{ state: 'failed' }]));
    const messages = [stored(sends[0] as Sent)];
    rerender({ messages: [{ ...(messages[0] as Message), idempotency_key_hash: 'another' }] });
    expect(result.current).toHaveLength(1);
    rerender({ messages });
    expect(result.current).toEqual([]);
    act(() => confirmStored(client, { handle: 'bo', message_group_uuid: 'g' }, messages));
    rerender({ messages: [] });
    expect(result.current).toEqual([]);
    const later = newClient();
    resumeSending(later);
    expect(later.getMutationCache().getAll()).toEqual([]);
  });
});

test('a message over a limit says so, keeps the ones behind it, and goes by itself after Retry-After', async () => {
  const problem = { detail: 'Too many messages.', errors: [{ code: 'too_many_messages' }] };
  const refused = () => new Response(JSON.stringify(problem), { status: 429, headers: { 'retry-after': '3' } });
  answers = [refused, () => json(stored(sends[0] as Sent)), () => json(stored(sends[2] as Sent))];
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  const { result } = outbox();
  act(() => send(client, { handle: 'bo' }, 'one'));
  act(() => send(client, { handle: 'bo' }, 'two'));
  const begun = Date.now();
  for (let round = 0; round < 1_000 && result.current[0]?.state !== 'limited'; round++)
    await act(() => vi.advanceTimersByTimeAsync(0));
  expect(result.current).toMatchObject([
    { state: 'limited', until: begun + 3_000, error: { message: 'Too many messages.' } },
    { state: 'sending' },
  ]);
  serviceAnswers.dispatchEvent(new Event('answer')); // does not end the wait
  await act(() => vi.advanceTimersByTimeAsync(2_900));
  expect(sends).toHaveLength(1);
  await timePassesUntil(() => expect(result.current).toEqual([]), 2);
  expect(sends.map(({ body }) => body.message)).toEqual(['one', 'one', 'two']);
});

test('a message that must wait for an answer of the other user is sent again when there is one, and no other', async () => {
  const refused = (code: string) => () => json({ detail: `Refused: ${code}.`, errors: [{ code }] }, 422);
  answers = [refused('awaiting_reply'), refused('message_exceed_max_chars'), () => json(stored(sends[0] as Sent))];
  const { result } = outbox();
  act(() => send(client, { handle: 'bo' }, 'one'));
  await waitFor(() => expect(result.current).toMatchObject([{ state: 'failed' }]));
  act(() => send(client, { handle: 'bo' }, 'two'));
  await waitFor(() => expect(result.current).toMatchObject([{}, { state: 'failed' }]));
  act(() => sendAwaitingReply(client, 'bo'));
  await waitFor(() => expect(result.current).toMatchObject([{ message: 'two', state: 'failed' }]));
  expect(sends.map(({ body }) => body.message)).toEqual(['one', 'two', 'one']);
  expect(sends[2]?.key).toBe(sends[0]?.key);
});

test('a message whose every answer is lost is no longer sent once the list shows it, and the next one is sent', async () => {
  answers = [breaks];
  const { result } = outbox();
  act(() => send(client, { handle: 'bo' }, 'one'));
  await waitFor(() => expect(sends).toHaveLength(1));
  act(() => send(client, { handle: 'bo' }, 'two'));
  const [one] = sends as [Sent];
  answers = [];
  await waitFor(() => {
    confirmStored(client, { handle: 'bo', message_group_uuid: 'g' }, [stored(one)]);
    expect(sends.at(-1)?.body.message).toBe('two');
  });
  await waitFor(() => expect(result.current).toEqual([]));
  expect(sends.filter(({ key }) => key === one.key)).toHaveLength(1);
});

test('a draft is kept for its recipient, and is gone after it was emptied or the user has signed out', () => {
  keepDraft('bo', 'begun');
  keepDraft('bob', 'another');
  expect(draftTo('bo')).toBe('begun');
  keepDraft('bob', '');
  expect(draftTo('bob')).toBe('');
  for (const user of ['me', '']) forget(user);
  expect(draftTo('bo')).toBe('');
});
