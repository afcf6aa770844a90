import { act, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Frame, setConnected } from '../../../web/src/data/connection-state.ts';
import { beginTyping, endTyping, tellTyping, useTyping } from '../../../web/src/data/typing.ts';
import './setup.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  setConnected(undefined);
  vi.useRealTimers();
});

test('the other user types until four seconds after the last frame, in that conversation only', () => {
  const here = renderHook(() => useTyping('here'));
  const elsewhere = renderHook(() => useTyping('elsewhere'));
  expect(here.result.current).toBe(false);
  act(() => beginTyping('here'));
  expect(here.result.current).toBe(true);
  expect(elsewhere.result.current).toBe(false);
  act(() => vi.advanceTimersByTime(3_000));
  act(() => beginTyping('here'));
  act(() => vi.advanceTimersByTime(3_900));
  expect(here.result.current).toBe(true);
  act(() => vi.advanceTimersByTime(200));
  expect(here.result.current).toBe(false);
});

test('the end of typing shows at once, and the old timer does not end what begins again', () => {
  const { result } = renderHook(() => useTyping('here'));
  act(() => beginTyping('here'));
  act(() => vi.advanceTimersByTime(3_000));
  act(() => endTyping('here'));
  expect(result.current).toBe(false);
  act(() => beginTyping('here'));
  act(() => vi.advanceTimersByTime(2_000));
  expect(result.current).toBe(true);
});

test('typing is told at most once every two seconds in a conversation, and never later than it happens', () => {
  const sent: Frame[] = [];
  tellTyping('mine'); // no connection: it is lost
  setConnected((frame) => sent.push(frame));
  expect(sent).toEqual([]);
  tellTyping('mine');
  tellTyping('mine');
  tellTyping('another');
  const frame = (message_group_uuid: string) => ({ action: 'typing', message_group_uuid });
  expect(sent).toEqual([frame('mine'), frame('another')]);
  vi.advanceTimersByTime(2_000);
  expect(sent).toHaveLength(2);
  tellTyping('mine');
  expect(sent).toHaveLength(3);
});
