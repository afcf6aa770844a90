import { render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Message } from '../../../web/src/api/schema.ts';
import { Announcements } from '../../../web/src/parts/announcements.tsx';
import './setup.ts';

const upTo = (last: number) =>
  Array.from({ length: last }, (_, n) => ({
    uuid: `m${n + 1}`,
    seq: n + 1,
    user_uuid: n % 2 === 0 ? 'reef' : 'me',
    display_name: 'Reef',
    message: `number ${n + 1}`,
  })) as Message[];

test('screen readers hear the new messages of the other user, and how many there are if only the last are read out', () => {
  const { rerender } = render(<Announcements messages={upTo(2)} me="me" />);
  expect(screen.getByRole('status').textContent).toBe('');
  rerender(<Announcements messages={upTo(4)} me="me" />);
  expect(screen.getByRole('status').textContent).toBe('Reef: number 3');
  rerender(<Announcements messages={upTo(30)} me="me" />);
  const texts = [...screen.getByRole('status').children].map(({ textContent }) => textContent);
  expect(texts).toHaveLength(11);
  expect(texts[0]).toBe('13 new messages, of which the last 10 are:');
  expect(texts.at(-1)).toBe('Reef: number 29');
});
