import { fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, test, vi } from 'vitest';
import { Composer } from '../../../web/src/parts/composer.tsx';
import './setup.ts';

let places = 0;
const open = (place = `place ${places++}`) => {
  const send = vi.fn();
  render(<Composer place={place} label="Message to reef" send={send} />);
  return { send, field: screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Message to reef' }) };
};
const left = () => screen.getByText(/characters left/).parentElement?.textContent;

describe('a message', () => {
  test('is sent by Enter exactly as it was written, and the field is empty again', async () => {
    const { send, field } = open();
    await userEvent.type(field, '  one{Shift>}{Enter}{/Shift}two {Enter}');
    expect(send.mock.calls).toEqual([['  one\ntwo ']]);
    expect(field.value).toBe('');
    expect(document.activeElement).toBe(field);
  });

  test('is sent by the button as well', async () => {
    const { send, field } = open();
    await userEvent.type(field, 'hello');
    await userEvent.click(screen.getByRole('button', { name: 'Send' }));
    expect(send.mock.calls).toEqual([['hello']]);
  });

  test('is not sent by the Enter that chooses a word of Japanese', () => {
    const { send, field } = open();
    fireEvent.change(field, { target: { value: 'にほん' } });
    fireEvent.keyDown(field, { key: 'Enter', isComposing: true });
    fireEvent.keyDown(field, { key: 'Enter', keyCode: 229 }); // Safari
    expect(send).not.toHaveBeenCalled();
  });

  test('is counted as people count', () => {
    const { field } = open();
    expect(left()).toBe('1024 characters left');
    fireEvent.change(field, { target: { value: '🐙🐙a' } });
    expect(left()).toBe('1021 characters left');
  });

  test('of 1024 characters is sent, and of one more is not, and says why', () => {
    const { send, field } = open();
    fireEvent.change(field, { target: { value: '🐙'.repeat(1025) } });
    expect(screen.getByRole('alert').textContent).toBe('The message is 1 character too long.');
    expect(field.getAttribute('aria-invalid')).toBe('true');
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(send).not.toHaveBeenCalled();
    fireEvent.change(field, { target: { value: '🐙'.repeat(1024) } });
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(send).toHaveBeenCalledOnce();
  });

  test.each(['', '   ', '\u200b\n'])('that nobody could see (%j) is not sent', (text) => {
    const { send, field } = open();
    fireEvent.change(field, { target: { value: text } });
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(send).not.toHaveBeenCalled();
    expect(screen.getByRole('alert').textContent).toBe('Write something first.');
  });

  test('that was begun is there again when somebody comes back, and nowhere else', async () => {
    const here = open('here');
    await userEvent.type(here.field, 'begun');
    render(<Composer place="elsewhere" label="Another" send={vi.fn()} />);
    expect(screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Another' }).value).toBe('');
    render(<Composer place="here" label="Again" send={vi.fn()} />);
    expect(screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Again' }).value).toBe('begun');
  });
});
