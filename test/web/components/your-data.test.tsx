import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RequireSignIn } from '../../../web/src/parts/require-sign-in.tsx';
import { YourData } from '../../../web/src/parts/your-data.tsx';
import { json, newClient, refusal, type SeenRequest, serve, within } from './service.tsx';
import './setup.ts';

const path = 'GET /api/me/export';
const user = '{"type":"user","handle":"ada"}\n';
const page = (text: string, next?: string) =>
  new Response(text, {
    headers: {
      'content-type': 'application/x-ndjson',
      ...(next && { link: `</api/me/export?cursor=${next}>; rel="next"` }),
    },
  });

let requests: SeenRequest[];
let answers: Parameters<typeof serve>[0];
let saved: { name: string; content: Blob }[];
beforeEach(async () => {
  saved = [];
  const made: Blob[] = [];
  vi.spyOn(URL, 'createObjectURL').mockImplementation((content) => {
    made.push(content as Blob);
    return `blob:${made.length - 1}`;
  });
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    saved.push({ name: this.download, content: made[Number(this.href.split(':')[1])] as Blob });
  });
  answers = {
    'GET /api/me': () => json({ uuid: 'me', handle: 'ada', display_name: 'Ada North', read_receipts: true }),
    [path]: () => page(user, 'two'),
    [`${path}?cursor=two`]: () => page('', 'three'),
    [`${path}?cursor=three`]: () => page('{"type":"message"}\n'),
  };
  requests = serve(answers);
  render(
    within(
      newClient(),
      <RequireSignIn>
        <YourData />
      </RequireSignIn>,
    ),
  );
  await screen.findByRole('heading', { name: 'Your data' });
  requests.length = 0;
});
afterEach(() => {
  vi.restoreAllMocks();
});
const press = (name: string) => userEvent.click(screen.getByRole('button', { name }));
const calls = () => requests.map(({ call }) => call.replace(path, ''));
/** Lets the service keep an answer until the test wants it. */
function held(answer: () => Response) {
  let give = () => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { give, answer: () => given.then(answer) };
}

test('all pages of an export are saved as one file', async () => {
  await press('Download your data');
  await screen.findByText(/^The file is complete/);
  expect(saved.map(({ name }) => name)).toEqual(['ada.jsonl']);
  expect(await saved[0]?.content.text()).toBe(`${user}{"type":"message"}\n`);
  expect(calls()).toEqual(['', '?cursor=two', '?cursor=three']);
});

test('while it reads, it shows how far it is, and can be cancelled', async () => {
  const last = held(() => page('{"type":"message"}\n'));
  answers[`${path}?cursor=three`] = last.answer;
  await press('Download your data');
  await screen.findByText('Lines so far: 1');
  await press('Cancel the download');
  last.give();
  await screen.findByText('Cancelled.');
  expect(saved).toEqual([]);
  expect(screen.queryByRole('alert')).toBeNull();
  await press('Download your data'); // from the beginning
  await screen.findByText(/^The file is complete/);
  expect(saved).toHaveLength(1);
  expect(calls().filter((call) => call === '')).toHaveLength(2);
});

test('after an error, trying again goes on with the page that failed', async () => {
  answers[`${path}?cursor=three`] = () => refusal('Too many requests.', 'throttled', 429);
  await press('Download your data');
  expect((await screen.findByRole('alert')).textContent).toContain('Too many requests.');
  expect(saved).toEqual([]);
  answers[`${path}?cursor=three`] = () => page('{"type":"message"}\n');
  await press('Try again');
  await screen.findByText(/^The file is complete/);
  expect(await saved[0]?.content.text()).toBe(`${user}{"type":"message"}\n`);
  expect(calls()).toEqual(['', '?cursor=two', '?cursor=three', '?cursor=three']);
  expect(screen.queryByRole('alert')).toBeNull();
});

test('what is no export is not saved', async () => {
  answers[path] = () => new Response('<p>Sign in to the network</p>', { headers: { 'content-type': 'text/html' } });
  await press('Download your data');
  expect((await screen.findByRole('alert')).textContent).toContain('unexpected answer');
  expect(saved).toEqual([]);
});
