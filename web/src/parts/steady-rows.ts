import { type FocusEvent, type PointerEvent, useEffect, useRef, useState } from 'react';
import type { MessageGroup } from '../api/schema.ts';

const restLimit = 30_000; // milliseconds after which a pointer that does not move is taken for one that nobody uses
const tapDelay = 500; // milliseconds until a finger's tap has become a click

/** The UUID of the row that an element is in. */
const rowOf = (element: EventTarget | null) =>
  (element as Element | null)?.closest<HTMLElement>('[data-uuid]')?.dataset.uuid;

/**
 * Keeps the rows of the inbox in their order while the user points at one of them, presses one, or has the keyboard focus on one, so that
 * no row moves away under the pointer and none takes the focus with it. What the rows say is always current.
 * @param rows in their current order
 * @returns the rows to show, the index of the one that has the focus, and the handlers for the element around the rows
 */
export function useSteadyRows(rows: MessageGroup[] | undefined) {
  const [isPointedAt, setPointedAt] = useState(false);
  const [focused, setFocused] = useState<string>();
  const [held, setHeld] = useState<MessageGroup[]>();
  const release = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(release.current), []);

  const isSteady = isPointedAt || focused !== undefined;
  const shown = rows && isSteady && held ? inHeldOrder(rows, held) : rows;
  const next = isSteady ? shown : undefined;
  // React renders again at once, before it shows anything.
  if (next?.length !== held?.length || next?.some(({ uuid }, index) => uuid !== held?.[index]?.uuid)) setHeld(next);

  const releaseIn = (milliseconds: number) => {
    clearTimeout(release.current);
    release.current = setTimeout(() => setPointedAt(false), milliseconds);
  };
  const onPointer = (event: PointerEvent) => {
    if (!rowOf(event.target)) return onPointerLeave(event);
    setPointedAt(true);
    releaseIn(restLimit);
  };
  const onPointerLeave = ({ pointerType }: PointerEvent) => releaseIn(pointerType === 'mouse' ? 0 : tapDelay);
  const handlers = {
    onPointerMove: onPointer,
    onPointerDown: onPointer,
    onPointerLeave,
    onFocus: (event: FocusEvent) => setFocused(rowOf(event.target)),
    onBlur: (event: FocusEvent) => setFocused(rowOf(event.relatedTarget)),
  };
  return { rows: shown, focused: shown?.findIndex(({ uuid }) => uuid === focused) ?? -1, handlers };
}

/**
 * @param rows in their current order
 * @param held the rows that were shown before
 * @returns the rows in the order in which they were shown, then the older ones that have been loaded since. New conversations come first,
 * so they are left out. If a shown row is gone, the list has been replaced, and its own order holds.
 */
export function inHeldOrder(rows: MessageGroup[], held: MessageGroup[]): MessageGroup[] {
  const current = new Map(rows.map((row) => [row.uuid, row]));
  const known = held.flatMap(({ uuid }) => current.get(uuid) ?? []);
  if (known.length === 0 || known.length < held.length) return rows;
  const isKnown = new Set(held.map(({ uuid }) => uuid));
  const oldest = held.at(-1)?.created_at ?? '';
  return [...known, ...rows.filter(({ uuid, created_at }) => !isKnown.has(uuid) && created_at < oldest)];
}
