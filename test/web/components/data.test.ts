import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { ApiError, toApiError } from '../../../web/src/api/errors.ts';
import { nextLink } from '../../../web/src/api/request.ts';
import type { Message, MessageGroup } from '../../../web/src/api/schema.ts';
import { mergeFirstPage, newestFirst } from '../../../web/src/data/inbox.ts';
import { keepMergedRows } from '../../../web/src/data/paged-list.ts';
import { pollInterval } from '../../../web/src/data/polling.ts';
import { appendNewer, oldestFirst } from '../../../web/src/data/thread.ts';
import { dayName, shortTime } from '../../../web/src/data/times.ts';
import { safeReturnPath } from '../../../web/src/pages/only-signed-out.tsx';
import './setup.ts';

const at = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString();
const group = (uuid: string, n: number, unread_count = 0): MessageGroup => ({
  uuid,
  user_uuid: `user-${uuid}`,
  handle: uuid,
  display_name: uuid,
  message: `message ${n}`,
  created_at: at(n),
  unread_count,
  muted: false,
  marked_unread: false,
  revision: 0,
});
const list = (...pages: MessageGroup[][]) => ({
  pages: pages.map((rows, n) => ({ rows, next: n === pages.length - 1 ? undefined : `page ${n + 1}` })),
  pageParams: pages.map((_, n) => `page ${n}`),
});
const uuids = (groups: MessageGroup[]) => groups.map(({ uuid }) => uuid);

describe('the inbox', () => {
  test('shows a row that moved between pages once, at its new place', () => {
    expect(uuids(newestFirst(list([group('a', 9), group('b', 8)], [group('b', 1), group('c', 2)])))).toEqual([
      'a',
      'b',
      'c',
    ]);
    expect(uuids(newestFirst(list([group('a', 9), group('b', 1)], [group('c', 2), group('b', 8)])))).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  test('merges a new first page and keeps the older rows', () => {
    const known = list([group('a', 9), group('b', 8)], [group('c', 2)]);
    const after = mergeFirstPage(known, { rows: [group('d', 11), group('b', 10, 2)], next: undefined });
    expect(uuids(newestFirst(after))).toEqual(['d', 'b', 'a', 'c']);
    expect(newestFirst(after).find(({ uuid }) => uuid === 'b')?.unread_count).toBe(2);
  });

  test('keeps a sent message that the polled inbox does not show yet', () => {
    const after = mergeFirstPage(list([group('a', 9), group('b', 5)]), {
      rows: [group('b', 5), group('a', 3)],
      next: undefined,
    });
    expect(newestFirst(after)[0]).toMatchObject({ uuid: 'a', created_at: at(9) });
  });

  test('is replaced by a new first page when rows may be missing between them', () => {
    const known = list([group('a', 1)], [group('b', 0)]);
    const fresh = { rows: [group('c', 9), group('d', 8)], next: 'the next page' };
    expect(mergeFirstPage(known, fresh).pages).toEqual([fresh]);
  });

  test('shows every conversation once, newest first, for any pages and any new first page', () => {
    const rows = fc.array(fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd', 'e'), n: fc.nat(20) }), {
      maxLength: 8,
    });
    const toGroups = (each: { name: string; n: number }[]) => each.map(({ name, n }) => group(name, n));
    fc.assert(
      fc.property(fc.array(rows, { minLength: 1, maxLength: 4 }), rows, (pages, fresh) => {
        const shown = newestFirst(
          mergeFirstPage(list(...pages.map(toGroups)), { rows: toGroups(fresh), next: undefined }),
        );
        expect(new Set(uuids(shown)).size).toBe(shown.length);
        expect(new Set(uuids(shown))).toEqual(new Set([...pages.flat(), ...fresh].map(({ name }) => name)));
        expect(shown.map(({ created_at }) => created_at)).toEqual(
          shown
            .map(({ created_at }) => created_at)
            .sort()
            .reverse(),
        );
      }),
    );
  });
});

describe('a conversation', () => {
  const message = (seq: number) =>
    ({ uuid: `m${seq}`, seq, message: `message ${seq}`, created_at: at(seq) }) as Message;
  const pages = (...each: number[][]) => ({
    pages: each.map((seqs) => ({ rows: seqs.map(message), next: undefined })),
    pageParams: [],
  });
  const seqs = (messages: Message[]) => messages.map(({ seq }) => seq);

  test('is shown oldest first, although its pages are fetched newest first', () => {
    expect(seqs(oldestFirst(pages([5, 6], [3, 4], [1, 2])))).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('shows a message once that arrives twice', () => {
    const once = appendNewer(pages([5, 6], [3, 4]), [message(6), message(7)]);
    expect(seqs(oldestFirst(appendNewer(once, [message(7), message(8)])))).toEqual([3, 4, 5, 6, 7, 8]);
    expect(appendNewer(once, [message(7)])).toBe(once); // the same object: React does not render again
  });

  test('has no gap: a message is left out until the one before it arrives', () => {
    const known = pages([5, 6], [3, 4]);
    expect(appendNewer(known, [message(8)])).toBe(known);
    expect(seqs(oldestFirst(appendNewer(known, [message(7), message(9)])))).toEqual([3, 4, 5, 6, 7]);
  });

  test('keeps messages that arrive while an older page is being fetched', () => {
    const page = (rows: number[], next: string | undefined) => ({ rows: rows.map(message), next });
    const first = { pages: [page([5, 6], 'older')], pageParams: ['first'] };
    const meanwhile = appendNewer(first, [message(7)]);
    const answered = { pages: [...first.pages, page([3, 4], 'oldest')], pageParams: ['first', 'older'] };
    expect(keepMergedRows(meanwhile, answered)).toEqual({
      pages: [page([5, 6, 7], 'older'), page([3, 4], 'oldest')],
      pageParams: ['first', 'older'],
    });
    // A page that no longer follows the list is left out.
    const replaced = { pages: [page([9], 'another')], pageParams: ['first'] };
    expect(keepMergedRows(replaced, answered)).toBe(replaced);
    expect(keepMergedRows(undefined, first)).toBe(first);
  });
});

describe('times', () => {
  const now = new Date(2026, 10, 26, 14, 30);
  test.each([
    [new Date(2026, 10, 26, 14, 29, 30), 'now'],
    [new Date(2026, 10, 26, 14, 31), 'now'], // the server's clock is ahead
    [new Date(2026, 10, 26, 14, 28), '2 min'],
    [new Date(2026, 10, 26, 9, 5), /^0?9:05/],
    [new Date(2026, 10, 25, 23, 0), 'Wed'],
    [new Date(2026, 10, 20, 9, 0), 'Fri'],
    [new Date(2026, 10, 19, 9, 0), /^(Nov 19|19 Nov)$/],
    [new Date(2025, 11, 31, 9, 0), /^(Dec 31, 2025|31 Dec 2025)$/],
  ])('%s is %s', (time, text) => {
    expect(shortTime(time, now)).toEqual(typeof text === 'string' ? text : expect.stringMatching(text));
  });

  test('a day heading names today and yesterday, and gives other dates in full', () => {
    expect(dayName(now, now)).toBe('Today');
    expect(dayName(new Date(2026, 10, 25), now)).toBe('Yesterday');
    expect(dayName(new Date(2023, 2, 24), now)).toMatch(/^Friday,? .*24.*2023$/);
  });
});

describe('times in the language of the browser', () => {
  const now = new Date(2026, 10, 26, 14, 30);
  const at = (hours: number, minutes: number, day = 26) => new Date(2026, 10, day, hours, minutes);
  test.each([
    [['de-DE', 'en'], 'jetzt', '2 Min.', '08:51', 'Mi', 'Gestern', 'Freitag, 24. März 2023'],
    [['en-US'], 'now', '2 min', '8:51 AM', 'Wed', 'Yesterday', 'Friday, March 24, 2023'],
    [['en-US@posix', 'fr-FR'], 'maintenant', '2 min', '08:51', 'mer.', 'Hier', 'Vendredi 24 mars 2023'],
    [['pl'], 'teraz', '2 min', '08:51', 'śr.', 'Wczoraj', 'Piątek, 24 marca 2023'],
    [['xx-nowhere'], 'now', '2 min', '8:51 AM', 'Wed', 'Yesterday', 'Friday, March 24, 2023'],
  ])('%j', async (languages, ...expected) => {
    vi.stubGlobal('navigator', { languages });
    vi.resetModules();
    const { dayName, shortTime } = await import('../../../web/src/data/times.ts');
    const texts = [now, at(14, 28), at(8, 51), at(8, 51, 25)].map((time) => shortTime(time, now));
    texts.push(dayName(at(9, 0, 25), now), dayName(new Date(2023, 2, 24), now));
    expect(texts.map((text) => text.replaceAll(/\s/g, ' '))).toEqual(expected); // Intl's narrow spaces
  });
});

describe('a response of the API', () => {
  const errorOf = (status: number, body: string, headers: Record<string, string> = {}) =>
    toApiError(new Response(body, { status, headers }));

  test('problem+json becomes an error with code, field and message', async () => {
    const problem = {
      title: 'x',
      status: 422,
      detail: 'Too long.',
      errors: [{ code: 'message_blank', field: 'message' }],
    };
    expect(await errorOf(422, JSON.stringify(problem))).toMatchObject({
      message: 'Too long.',
      status: 422,
      code: 'message_blank',
      field: 'message',
      isTransient: false,
    });
  });

  test('an error of API Gateway gets a friendly message', async () => {
    const error = await errorOf(429, '{"message":"Too Many Requests"}', { 'retry-after': '2' });
    expect(error).toMatchObject({ status: 429, code: undefined, retryAfter: 2, isTransient: true });
    expect(error.message).toMatch(/^Too many requests\. Wait a moment/);
  });

  test.each(['', '<html>Bad Gateway</html>', 'null', '[]', '"text"', '{"detail":5}'])(
    'an unreadable body becomes a general error: %s',
    async (body) => {
      expect(await errorOf(502, body)).toMatchObject({
        status: 502,
        isTransient: true,
        message: expect.stringMatching(/\.$/),
      });
    },
  );

  test('the Link header leads to the next page', () => {
    expect(nextLink('</api/messages/x?cursor=a%2Cb&limit=3>; rel="next"')).toBe('/api/messages/x?cursor=a%2Cb&limit=3');
    expect(nextLink('</first>; rel="first", </then>; rel=next')).toBe('/then');
    expect(nextLink('</api>; rel="prev"')).toBeUndefined();
    expect(nextLink(null)).toBeUndefined();
  });
});

test('polls slow down while nothing changes, to one every 30 seconds', () => {
  expect(pollInterval(0)).toBe(2_000);
  expect(pollInterval(1)).toBe(3_000);
  expect(pollInterval(100)).toBe(30_000);
  expect(pollInterval(0, new ApiError('busy', { status: 429, retryAfter: 5 }))).toBe(5_000);
});

test('sign-in returns only to pages of this client', () => {
  expect(safeReturnPath('/messages/new/reef')).toBe('/messages/new/reef');
  for (const back of [
    null,
    '',
    '//evil.example.com',
    'https://evil.example.com',
    '/messagesevil',
    'javascript:alert(1)',
  ])
    expect(safeReturnPath(back)).toBe('/messages');
});
