import { fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { Menu } from '../../../web/src/parts/menu.tsx';
import './setup.ts';

const chosen = vi.fn();
beforeEach(() => {
  chosen.mockReset();
  const items = () => ['One', 'Two', 'Three'].map((name) => ({ name, action: () => chosen(name) }));
  render(
    <>
      <Menu label="Options" items={items} />
      <button type="button">Elsewhere</button>
    </>,
  );
});
const button = () => screen.getByRole('button', { name: 'Options' });
const focused = () => document.activeElement?.textContent;

test('opens at its button, and the chosen entry acts once it is closed', async () => {
  expect(button().getAttribute('aria-expanded')).toBe('false');
  await userEvent.click(button());
  expect(button().getAttribute('aria-expanded')).toBe('true');
  expect(screen.getByRole('menu', { name: 'Options' }).id).toBe(button().getAttribute('aria-controls'));
  await userEvent.click(screen.getByRole('menuitem', { name: 'Two' }));
  expect(chosen.mock.calls).toEqual([['Two']]);
  expect(screen.queryByRole('menu')).toBeNull();
  expect(document.activeElement).toBe(button());
});

test('the keyboard opens it, moves in it, chooses, and closes it', async () => {
  await userEvent.tab();
  await userEvent.keyboard('{Enter}');
  expect(focused()).toBe('One');
  await userEvent.keyboard('{ArrowUp}');
  expect(focused()).toBe('Three');
  await userEvent.keyboard('{ArrowDown}{ArrowDown}');
  expect(focused()).toBe('Two');
  await userEvent.keyboard('{End}');
  expect(focused()).toBe('Three');
  await userEvent.keyboard('{Home}{Enter}');
  expect(chosen.mock.calls).toEqual([['One']]);

  await userEvent.keyboard('{Enter}{Escape}');
  expect(screen.queryByRole('menu')).toBeNull();
  expect(document.activeElement).toBe(button());
  await userEvent.keyboard('{Enter}{Tab}');
  expect(screen.queryByRole('menu')).toBeNull();
  expect(focused()).toBe('Elsewhere');
});

test.each([
  ['a press beside it', () => fireEvent.pointerDown(screen.getByText('Elsewhere'))],
  ['another press of its button', () => fireEvent.click(button())],
])('%s closes it', async (_name, act) => {
  await userEvent.click(button());
  screen.getByRole('menu');
  act();
  expect(screen.queryByRole('menu')).toBeNull();
  expect(chosen).not.toHaveBeenCalled();
});

test('stays at its button when the page scrolls, on the side where there is more space', async () => {
  const at = (left: number, top: number) =>
    vi.spyOn(button(), 'getBoundingClientRect').mockReturnValue(new DOMRect(left, top, 20, 20));
  vi.stubGlobal('innerWidth', 400);
  vi.stubGlobal('innerHeight', 300);
  at(10, 10);
  await userEvent.click(button());
  const { style } = screen.getByRole('menu');
  expect(style).toMatchObject({ top: '30px', left: '10px', right: 'auto', maxHeight: '262px', maxWidth: '382px' });
  at(350, 10);
  fireEvent.scroll(document.body);
  expect(style).toMatchObject({ top: '30px', left: 'auto', right: '30px', maxWidth: '362px' });
  vi.spyOn(screen.getByRole('menu'), 'scrollHeight', 'get').mockReturnValue(100);
  at(350, 250);
  fireEvent.scroll(document.body);
  expect(style).toMatchObject({ top: 'auto', bottom: '50px', maxHeight: '242px' });
});
