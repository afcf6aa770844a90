import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Message } from '../../../web/src/api/schema.ts';
import { ReportDialog } from '../../../web/src/parts/report-dialog.tsx';
import { group, json, message, newClient, noContent, type SeenRequest, serve, within } from './service.tsx';
import './setup.ts';

let requests: SeenRequest[];
let answers: Parameters<typeof serve>[0];
const onClose = vi.fn();
beforeEach(() => {
  onClose.mockReset();
  answers = { 'POST /api/reports': () => json({ uuid: 'r' }, 201), 'PUT /api/blocks/reef': noContent };
  requests = serve(answers);
});
const show = (more: { message?: Message; isBlocked?: boolean } = {}) =>
  render(within(newClient(), <ReportDialog group={group()} isBlocked={false} onClose={onClose} {...more} />));
const report = () => fireEvent.click(screen.getByRole('button', { name: 'Report' }));
const choose = (name: string) => fireEvent.click(screen.getByRole('radio', { name }));
const note = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Note (optional)' });
const enter = (value: string) => fireEvent.change(note(), { target: { value } });

test('a report of a conversation needs a reason, and no note', async () => {
  show();
  screen.getByRole('dialog', { name: 'Report Wriggle Reef' });
  screen.getByText(/^The last 20 messages/);
  report();
  expect(screen.getByRole('alert').textContent).toBe('Choose what is wrong.');
  expect(requests).toEqual([]);
  choose('Spam or advertising');
  enter(' \n');
  report();
  await screen.findByRole('dialog', { name: 'Thank you for the report' });
  expect(requests).toMatchObject([{ call: 'POST /api/reports', body: { message_group_uuid: 'g', reason: 'spam' } }]);
  expect(requests[0]?.body).not.toHaveProperty('note');
});

test('a report of a message names it, and may have a note', async () => {
  show({ message: message({ message: 'Buy now' }) });
  screen.getByRole('dialog', { name: 'Report this message' });
  screen.getByText('Buy now');
  choose('Something else');
  enter('Look.\n');
  report();
  await screen.findByRole('dialog', { name: 'Thank you for the report' });
  const body = { message_group_uuid: 'g', created_at: message().created_at, reason: 'other', note: 'Look.\n' };
  expect(requests[0]?.body).toEqual(body);
});

test.each([
  ['Spam or advertising', 'spam'],
  ['Insults or harassment', 'harassment'],
  ['Threats or violence', 'violence'],
  ['Unwanted sexual content', 'sexual'],
  ['Pretends to be someone else', 'impersonation'],
  ['Something else', 'other'],
])('“%s” is the reason %s', async (label, reason) => {
  show();
  choose(label);
  report();
  await waitFor(() => expect(requests[0]?.body).toMatchObject({ reason }));
});

test('a note of more than 1,024 code points is not sent', async () => {
  show();
  choose('Something else');
  enter('😀'.repeat(1_025));
  expect(screen.getByRole('alert').textContent).toContain('1 character too long');
  report();
  expect(requests).toEqual([]);
  enter('😀'.repeat(1_024));
  report();
  await screen.findByRole('dialog', { name: 'Thank you for the report' });
});

test.each([
  ['60', 'in a minute'],
  ['61', 'in 2 minutes'],
  ['17281', 'in 5 hours'],
])(
  'a limit of %s seconds leaves what was entered, and says when the next report is possible: %s',
  async (after, text) => {
    const problem = { detail: 'Too many reports.', errors: [{ code: 'too_many_reports' }] };
    answers['POST /api/reports'] = () =>
      new Response(JSON.stringify(problem), { status: 429, headers: { 'retry-after': after } });
    show();
    choose('Something else');
    enter('Look.');
    report();
    await screen.findByText(`You can report again ${text}.`);
    screen.getByText('Too many reports.');
    expect(note().value).toBe('Look.');
    expect(screen.getByRole<HTMLInputElement>('radio', { name: 'Something else' }).checked).toBe(true);
  },
);

test('blocks the user afterwards, if they are not blocked already', async () => {
  show();
  choose('Something else');
  report();
  fireEvent.click(await screen.findByRole('button', { name: 'Block Wriggle Reef' }));
  await waitFor(() => expect(onClose).toHaveBeenCalledOnce());
  expect(requests[1]?.call).toBe('PUT /api/blocks/reef');
});

test('does not offer to block a user who is blocked', async () => {
  show({ isBlocked: true });
  choose('Something else');
  report();
  fireEvent.click(await screen.findByRole('button', { name: 'Close' }));
  expect(screen.queryByRole('button', { name: /^Block/ })).toBeNull();
  expect(onClose).toHaveBeenCalledOnce();
});
