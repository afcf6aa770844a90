import { fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { createRef } from 'react';
import { describe, expect, test, vi } from 'vitest';
import { Composer } from '../../../web/src/parts/composer.tsx';
import './setup.ts';

let drafts = 0;
const newField = () => createRef<HTMLTextAreaElement>();
const open = (handle = `user_${drafts++}`) => {
  const send = vi.fn();
  const editLast = vi.fn();
  const onTyping = vi.fn();
  const actions = { send, editLast, onTyping };
  render(<Composer handle={handle} label="Message to reef" {...actions} field={newField()} />);
  return { ...actions, field: screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Message to reef' }) };
};
const left = () => screen.queryByText(/left$/)?.textContent;

describe('the composer', () => {
  test('tells of each change that leaves text in the field', async () => {
    const { onTyping, field } = open();
    await userEvent.type(field, 'a');
    expect(onTyping).toHaveBeenCalledTimes(1);
    await userEvent.type(field, '{Backspace}');
    expect(onTyping).toHaveBeenCalledTimes(1);
    await userEvent.type(field, 'b{Enter}');
    expect(onTyping).toHaveBeenCalledTimes(2); // the sent text leaves an empty field
  });

  test('Enter sends the text exactly as written and empties the field', async () => {
    const { send, field } = open();
    await userEvent.type(field, '  one{Shift>}{Enter}{/Shift}two {Enter}');
    expect(send.mock.calls).toEqual([['  one\ntwo ']]);
    expect(field.value).toBe('');
    expect(document.activeElement).toBe(field);
  });

  test('on a touch screen Enter begins a new line, and Ctrl+Enter of a keyboard sends', async () => {
    vi.stubGlobal('matchMedia', (query: string) => ({ matches: !/hover: hover|pointer: fine/.test(query) }));
    const { send, field } = open();
    expect(field.getAttribute('enterkeyhint')).toBe('enter');
    await userEvent.type(field, 'one{Enter}two');
    expect(field.value).toBe('one\ntwo');
    expect(send).not.toHaveBeenCalled();
    await userEvent.type(field, '{Control>}{Enter}{/Control}');
    expect(send.mock.calls).toEqual([['one\ntwo']]);
  });

  test('the button sends too', async () => {
    const { send, field } = open();
    await userEvent.type(field, 'hello');
    await userEvent.click(screen.getByRole('button', { name: 'Send' }));
    expect(send.mock.calls).toEqual([['hello']]);
  });

  test('Enter within a Japanese input method does not send', () => {
    const { send, field } = open();
    fireEvent.change(field, { target: { value: 'にほん' } });
    fireEvent.keyDown(field, { key: 'Enter', isComposing: true });
    fireEvent.keyDown(field, { key: 'Enter', keyCode: 229 }); // Safari
    expect(send).not.toHaveBeenCalled();
  });

  test('near the limit the number of code points that are left is shown', () => {
    const { field } = open();
    expect(left()).toBeUndefined();
    fireEvent.change(field, { target: { value: '🐙'.repeat(923) } });
    expect(left()).toBeUndefined();
    fireEvent.change(field, { target: { value: '🐙'.repeat(924) } });
    expect(left()).toBe('100 characters left');
    fireEvent.change(field, { target: { value: '🐙'.repeat(1023) } });
    expect(left()).toBe('1 character left');
    fireEvent.change(field, { target: { value: '🐙'.repeat(1025) } });
    expect(left()).toBeUndefined(); // the error says by how much it is too long
  });

  test('sends 1024 characters, and shows an error for 1025', () => {
    const { send, field } = open();
    fireEvent.change(field, { target: { value: '🐙'.repeat(1025) } });
    expect(screen.getByRole('alert').textContent).toBe('The message is 1 character too long. Shorten it.');
    expect(field.getAttribute('aria-invalid')).toBe('true');
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(send).not.toHaveBeenCalled();
    fireEvent.change(field, { target: { value: '🐙'.repeat(1024) } });
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(send).toHaveBeenCalledOnce();
  });

  test.each(['', '   ', '\u200b\n'])('a blank message (%j) is not sent', (text) => {
    const { send, field } = open();
    fireEvent.change(field, { target: { value: text } });
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(send).not.toHaveBeenCalled();
    expect(screen.getByRole('alert').textContent).toBe('Write a message first.');
  });

  test('↑ edits the last message, in the empty field only', async () => {
    const { editLast, field } = open();
    await userEvent.type(field, 'a{ArrowUp}');
    expect(editLast).not.toHaveBeenCalled();
    await userEvent.type(field, '{Backspace}{ArrowUp}');
    expect(editLast).toHaveBeenCalledOnce();
  });

  test('a draft is restored in its own conversation, and in no other', async () => {
    const here = open('here');
    await userEvent.type(here.field, 'begun');
    render(
      <Composer
        handle="elsewhere"
        label="Another"
        send={vi.fn()}
        editLast={vi.fn()}
        onTyping={vi.fn()}
        field={newField()}
      />,
    );
    expect(screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Another' }).value).toBe('');
    render(
      <Composer handle="here" label="Again" send={vi.fn()} editLast={vi.fn()} onTyping={vi.fn()} field={newField()} />,
    );
    expect(screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Again' }).value).toBe('begun');
  });
});
