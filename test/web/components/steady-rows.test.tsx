import { act, fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { MessageGroup } from '../../../web/src/api/schema.ts';
import { useSteadyRows } from '../../../web/src/parts/steady-rows.ts';
import './setup.ts';

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
});
afterEach(() => {
  vi.useRealTimers();
});

function List({ rows }: { rows: MessageGroup[] }) {
  const { rows: shown, handlers } = useSteadyRows(rows);
  return (
    <div {...handlers}>
      {shown?.map(({ uuid, message }) => (
        <a key={uuid} href="/" data-uuid={uuid}>
          {message}
        </a>
      ))}
      <p>below</p>
    </div>
  );
}

/** A row of the inbox. @param minute of its last message */
const row = (uuid: string, minute: number) =>
  ({
    uuid,
    message: `${uuid} ${minute}`,
    created_at: `2026-01-01T00:${String(minute).padStart(2, '0')}`,
  }) as MessageGroup;
const before = [row('a', 30), row('b', 20), row('c', 10)];
const after = [row('new', 50), row('c', 40), row('a', 30), row('b', 20), row('older', 5)];
const held = ['a 30', 'b 20', 'c 40', 'older 5'];
const current = ['new 50', 'c 40', 'a 30', 'b 20', 'older 5'];
const shown = () => screen.getAllByRole('link').map(({ textContent }) => textContent);
const mouse = { pointerType: 'mouse' };

function open() {
  const { rerender } = render(<List rows={before} />);
  return { arrives: () => rerender(<List rows={after} />) };
}

test('rows keep their order while a pointer is over one, and say what is current; then they take the current order', () => {
  const { arrives } = open();
  fireEvent.pointerMove(screen.getByText('b 20'), mouse);
  arrives();
  expect(shown()).toEqual(held);
  fireEvent.pointerMove(screen.getByText('below'), mouse);
  act(() => vi.advanceTimersByTime(1));
  expect(shown()).toEqual(current);
});

test('rows keep their order while a finger presses one, until the tap has become a click', () => {
  const { arrives } = open();
  fireEvent.pointerDown(screen.getByText('b 20'), { pointerType: 'touch' });
  arrives();
  fireEvent.pointerOut(screen.getByText('b 20'), { pointerType: 'touch', relatedTarget: document.body });
  expect(shown()).toEqual(held);
  act(() => vi.advanceTimersByTime(1_000));
  expect(shown()).toEqual(current);
});

test('a pointer that has rested for half a minute holds nothing', () => {
  const { arrives } = open();
  fireEvent.pointerMove(screen.getByText('b 20'), mouse);
  arrives();
  act(() => vi.advanceTimersByTime(29_000));
  expect(shown()).toEqual(held);
  act(() => vi.advanceTimersByTime(1_000));
  expect(shown()).toEqual(current);
});

test('rows keep their order, and one its focus, while the keyboard is on one', async () => {
  const { arrives } = open();
  const b = screen.getByText('b 20');
  await userEvent.tab();
  await userEvent.tab();
  expect(document.activeElement).toBe(b);
  arrives();
  expect(document.activeElement).toBe(b);
  await userEvent.tab();
  expect(shown()).toEqual(held);
  act(() => (document.activeElement as HTMLElement).blur());
  expect(shown()).toEqual(current);
});

test('a list that was replaced is shown in its own order, also under a pointer', () => {
  const { rerender } = render(<List rows={before} />);
  fireEvent.pointerMove(screen.getByText('b 20'), mouse);
  rerender(<List rows={[row('d', 50), row('b', 40)]} />);
  expect(shown()).toEqual(['d 50', 'b 40']);
});
