import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, test, vi } from 'vitest';
import { toSignInError } from '../../../web/src/api/cognito-errors.ts';
import { SignInError } from '../../../web/src/api/errors.ts';
import type { Message } from '../../../web/src/api/schema.ts';
import type { UnsentMessage } from '../../../web/src/data/outbox.ts';
import { MessageRow, UnsentRow } from '../../../web/src/parts/message-row.tsx';
import './setup.ts';

const shown = (text: string, more: Partial<Message> = {}) => {
  const message = {
    uuid: 'm1',
    user_uuid: 'u1',
    handle: 'reef',
    display_name: 'Wriggle Reef',
    message: text,
    created_at: '2023-03-24T09:45:01.561513+00:00',
    seq: 1,
    sender_seq: 1,
    revision: 0,
    ...more,
  };
  const setEdited = () => undefined;
  const row = {
    uuid: 'g',
    message,
    me: 'me',
    isFirstOfDay: true,
    isFirstOfGroup: true,
    isNewest: true,
    receipt: undefined,
    isFirstUnread: false,
    report: () => undefined,
    isEdited: false,
    setEdited,
  };
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MessageRow {...row} />
    </QueryClientProvider>,
  );
  return screen.getByRole('article');
};

describe('a message', () => {
  test('that was edited says so, and one that was deleted has no text', () => {
    const edited_at = '2023-03-24T10:00:00.000000+00:00';
    expect(shown('hello', { edited_at }).textContent).toMatch(/^Wriggle Reef: helloedited /);
    cleanup();
    const deleted = shown('', { edited_at, deleted_at: edited_at });
    expect(deleted.textContent).toMatch(/^Wriggle Reef: Message deleted/);
    expect(deleted.textContent).not.toContain('edited');
  });

  test('shows its sender and time, below a day heading', () => {
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
    'example.com',
    '//www.example.com',
    'me@www.example.com',
    'awww.example.com',
    'www.example',
    'www..com',
    'https://',
    'https://exam\u202Eple.com', // no valid host
  ])('%s stays plain text', (text) => {
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

  test('an address that begins with www. is a link', () => {
    const link = shown('see www.example.com.').querySelector('a');
    expect(link?.textContent).toBe('www.example.com');
    expect(link?.getAttribute('href')).toBe('https://www.example.com');
  });

  // The link between < and >.
  test.each([
    '见<https://example.com/a>。好',
    '（<https://example.com/路径>）',
    '<https://example.com>、次',
    '「<https://example.com>！」',
    '<https://example.com/x>，',
    '<https://example.com/x>؟',
    'is it “<https://example.com/x>”?',
    "'<https://example.com/x>'…",
    'see (<https://example.com/x>).',
    '[docs](<https://example.com/x>)',
    '<https://en.wikipedia.org/wiki/Foo_(bar)>',
    '(<https://en.wikipedia.org/wiki/Foo_(bar)>)!!',
    '<https://example.com/?q=a,b;c>; <http://localhost:3000/x>.',
    '<https://a.example/x>,<https://b.example>',
    '<https://例え.jp/あ?い=う#え>',
    '请看<www.example.com>。',
    '<http://example.com:8080/a.b/~c/d-e_f!g@h>',
  ])('in %s the link has the address in <> and nothing of the sentence around it', (marked) => {
    const article = shown(marked.replaceAll(/[<>]/g, ''));
    const links = [...article.querySelectorAll('a')].map(({ textContent }) => textContent);
    expect(links).toEqual([...marked.matchAll(/<(.*?)>/g)].map(([, link]) => link));
    expect(article.querySelector('p')?.textContent).toBe(marked.replaceAll(/[<>]/g, ''));
  });

  test.each(['\u202E', '\u2066', '\u200F', '\u200B', '\u00AD'])('a link with %j shows its real target', (character) => {
    const link = shown(`https://example.com/${character}gpj.exe`).querySelector('a');
    expect(link?.textContent).toBe(`https://example.com/${encodeURIComponent(character)}gpj.exe`);
    expect(new URL(link?.getAttribute('href') ?? '').href).toBe(link?.textContent);
    expect(link?.dir).toBe('ltr'); // whatever surrounds it
  });
});

describe('an unsent message', () => {
  const unsent = (state: UnsentMessage['state'], error: Error | null = null) => {
    const actions = { retry: vi.fn(), discard: vi.fn() };
    const outgoing = { handle: 'reef', message: 'hello', key: 'k', at: 0 };
    render(<UnsentRow unsent={{ ...outgoing, state, error, ...actions }} />);
    return actions;
  };

  test('shows whether it is being sent or waits for a connection', () => {
    unsent('sending');
    expect(screen.getByRole('article').textContent).toContain('Sending');
    unsent('waiting');
    expect(screen.getAllByRole('article')[1]?.textContent).toContain('Waiting for a connection');
    expect(screen.queryByRole('button')).toBeNull();
  });

  test('over a limit says when it goes by itself', () => {
    const show = (until: number) => {
      cleanup();
      const error = new Error('Too many messages.');
      const outgoing = { handle: 'reef', message: 'hello', key: 'k', at: 0, retry: vi.fn(), discard: vi.fn() };
      render(<UnsentRow unsent={{ ...outgoing, state: 'limited', error, until }} />);
      return screen.getByRole('status').textContent;
    };
    expect(show(Date.now() + 4_000)).toBe(
      'Not sent yet: too many messages in a short time. It goes by itself in a moment.',
    );
    expect(show(new Date(2100, 0, 1, 14, 5).getTime())).toMatch(/ goes by itself at 0?2:05/);
  });

  test('shows why it failed, with buttons to send it again and to discard it', async () => {
    const { retry, discard } = unsent('failed', new Error('The octopus is asleep.'));
    expect(screen.getByRole('alert').textContent).toContain('Not sent: The octopus is asleep.');
    await userEvent.click(screen.getByRole('button', { name: 'Send again' }));
    await userEvent.click(screen.getByRole('button', { name: 'Discard' }));
    expect(retry).toHaveBeenCalledOnce();
    expect(discard).toHaveBeenCalledOnce();
  });
});

describe('an error of Cognito', () => {
  const errorOf = (name: string, message: string) =>
    toSignInError(Object.assign(new Error(message), { name, $fault: 'client' }));

  test('an error of our sign-up trigger keeps its code, message and field', () => {
    const error = errorOf(
      'UserLambdaValidationException',
      'PreSignUp failed with error handle_taken: Another user has this handle. (handle).',
    );
    expect(error).toBeInstanceOf(SignInError);
    expect(error).toMatchObject({ code: 'handle_taken', field: 'handle', message: 'Another user has this handle.' });
  });

  test('a wrong password and an unknown address give the same message', () => {
    const wrong = errorOf('NotAuthorizedException', 'Incorrect username or password.').message;
    expect(errorOf('UserNotFoundException', 'User does not exist.').message).toBe(wrong);
    expect(errorOf('NotAuthorizedException', 'Invalid session for the user.').message).not.toBe(wrong);
  });

  test('a wrong code is shown at the code field; an unlisted error keeps its own message', () => {
    expect(errorOf('CodeMismatchException', 'x')).toMatchObject({ field: 'code' });
    expect(errorOf('InvalidPasswordException', 'Password not long enough')).toMatchObject({
      field: 'password',
      message: 'Password not long enough.',
    });
    expect(errorOf('SomethingNewException', 'As it says').message).toBe('As it says.');
  });

  test('a failed connection is reported as such', () => {
    expect(toSignInError(new TypeError('Failed to fetch')).message).toMatch(/cannot be reached/);
  });
});
