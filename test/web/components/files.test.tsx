import { createEvent, fireEvent, render } from '@testing-library/react';
import { expect, test } from 'vitest';
import { FilesNotice } from '../../../web/src/parts/files-notice.tsx';
import './setup.ts';

const notice = () => document.querySelector('[aria-live="assertive"]')?.textContent;

test('a dropped file does not replace the page, and the page says that it cannot be sent', () => {
  render(<FilesNotice />);
  const dataTransfer = { types: ['Files'] };
  expect(fireEvent.dragOver(document.body, { dataTransfer })).toBe(false); // false: the browser does nothing by itself
  expect(notice()).toBe('');
  expect(fireEvent.drop(document.body, { dataTransfer })).toBe(false);
  expect(notice()).toMatch(/cannot be sent/);
  fireEvent.keyDown(document.body, { key: 'a' });
  expect(notice()).toBe('');
});

const pastes = (types: string[]) => {
  const event = createEvent.paste(document.body);
  Object.defineProperty(event, 'clipboardData', { value: { types } });
  return fireEvent(document.body, event);
};

test('a pasted picture gets the same notice; text is pasted, even if a picture is on the clipboard beside it', () => {
  render(<FilesNotice />);
  expect(pastes(['text/plain'])).toBe(true);
  expect(pastes(['text/html', 'text/plain', 'Files'])).toBe(true);
  expect(fireEvent.drop(document.body, { dataTransfer: { types: ['text/plain'] } })).toBe(true);
  expect(notice()).toBe('');
  expect(pastes(['Files'])).toBe(false);
  expect(notice()).toMatch(/cannot be sent/);
});
