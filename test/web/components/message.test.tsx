import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, test, vi } from 'vitest';
import { toSignInError } from '../../../web/src/api/cognito-errors.ts';
import { SignInError } from '../../../web/src/api/errors.ts';
import type { UnsentMessage } from '../../../web/src/data/outbox.ts';
import { MessageRow, UnsentRow } from '../../../web/src/parts/message-row.tsx';
import './setup.ts';

const shown = (text: string) => {
  const message = {
    uuid: 'm1',
    user_uuid: 'u1',
    handle: 'reef',
    display_name: 'Wriggle Reef',
    message: text,
    created_at: '2023-03-24T09:45:01.561513+00:00',
    seq: 1,
  };
  render(<MessageRow message={message} isMine={false} beginsDay={true} />);
  return screen.getByRole('article');
};

describe('a message', () => {
  test('says whose it is and when it was sent, below the name of its day', () => {
    const article = shown('hello');
    expect(article.textContent).toMatch(/^Wriggle Reef: hello/);
    expect(article.querySelector('time')?.getAttribute('datetime')).toBe('2023-03-24T09:45:01.561513+00:00');
    expect(screen.getByText(/24.*2023/)).toBeTruthy();
  });

  test.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    'javascript:alert(1)',
    'JaVaScRiPt://example.com/%0aalert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:msgbox(1)',
    'ftp://example.com',
    'mailto:me@example.com',
    'www.example.com',
    '//example.com',
  ])('%s stays letters', (text) => {
    const article = shown(text);
    expect(article.querySelector('p')?.textContent).toBe(text);
    expect(article.querySelectorAll('p *')).toHaveLength(0);
  });

  test.each(['http://example.com/', 'https://example.com/a?b=c#d', 'HTTPS://EXAMPLE.COM/x'])('%s is a link', (text) => {
    const link = shown(`see ${text}, please`).querySelector('a');
    expect(link?.textContent).toBe(text);
    expect(link?.getAttribute('href')).toBe(text);
    expect(link?.getAttribute('target')).toBe('_blank');
    expect(link?.getAttribute('rel')?.split(' ')).toEqual(expect.arrayContaining(['noopener', 'noreferrer']));
  });
});

describe('a message that has not arrived', () => {
  const unsent = (state: UnsentMessage['state'], error: Error | null = null) => {
    const actions = { retry: vi.fn(), discard: vi.fn() };
    render(<UnsentRow unsent={{ to: { handle: 'reef' }, message: 'hello', key: 'k', state, error, ...actions }} />);
    return actions;
  };

  test('says what it waits for', () => {
    unsent('sending');
    expect(screen.getByRole('article').textContent).toContain('Sending');
    unsent('waiting');
    expect(screen.getAllByRole('article')[1]?.textContent).toContain('Waiting for the connection');
    expect(screen.queryByRole('button')).toBeNull();
  });

  test('and cannot says why, and can be sent again or thrown away', async () => {
    const { retry, discard } = unsent('failed', new Error('The octopus is asleep.'));
    expect(screen.getByRole('alert').textContent).toContain('Not sent: The octopus is asleep.');
    await userEvent.click(screen.getByRole('button', { name: 'Send again' }));
    await userEvent.click(screen.getByRole('button', { name: 'Discard' }));
    expect(retry).toHaveBeenCalledOnce();
    expect(discard).toHaveBeenCalledOnce();
  });
});

describe('a refusal of Cognito, in words', () => {
  const refused = (name: string, message: string) =>
    toSignInError(Object.assign(new Error(message), { name, $fault: 'client' }));

  test('our own, of a trigger, with its field', () => {
    const error = refused(
      'UserLambdaValidationException',
      'PreSignUp failed with error handle_taken: Another user has this handle. Choose a different one. (handle).',
    );
    expect(error).toBeInstanceOf(SignInError);
    expect(error).toMatchObject({
      code: 'handle_taken',
      field: 'handle',
      message: 'Another user has this handle. Choose a different one.',
    });
  });

  test('of a wrong password, without telling whether the address is known', () => {
    const wrong = refused('NotAuthorizedException', 'Incorrect username or password.').message;
    expect(refused('UserNotFoundException', 'User does not exist.').message).toBe(wrong);
    expect(refused('NotAuthorizedException', 'Invalid session for the user.').message).not.toBe(wrong);
  });

  test('of a code, at the code; of what is not known here, in its own words', () => {
    expect(refused('CodeMismatchException', 'x')).toMatchObject({ field: 'code' });
    expect(refused('InvalidPasswordException', 'Password not long enough')).toMatchObject({
      field: 'password',
      message: 'Password not long enough.',
    });
    expect(refused('SomethingNewException', 'As it says').message).toBe('As it says.');
  });

  test('and when nothing answers', () => {
    expect(toSignInError(new TypeError('Failed to fetch')).message).toMatch(/cannot be reached/);
  });
});
