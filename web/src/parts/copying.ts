import { type RefObject, useEffect, useRef, useState } from 'react';

/** A message of the list, stored or unsent, as it is copied. */
export interface Copied {
  /** The value of `data-message` in its row. */
  id: string;
  text: string;
}

/**
 * Makes the browser copy the text of messages only, one message a line, without names and times; also of those between the ends of the
 * selection that are not in the page, since the list shows only the messages near the visible ones.
 * @param list the element around the list
 * @param messages all messages of the list, in their order
 * @returns the indexes of the messages at the ends of the selection, which must stay in the page or the selection would change
 */
export function useCopying(list: RefObject<HTMLElement | null>, messages: Copied[]): number[] {
  const [ends, setEnds] = useState<string[]>([]);
  const latest = useRef(messages);
  useEffect(() => {
    latest.current = messages;
  });
  useEffect(() => {
    const onSelection = () => {
      const range = list.current && selectedRange(list.current);
      const rows = range ? [rowAround(range.startContainer), rowAround(range.endContainer)] : [];
      const next = rows.flatMap((row) => row?.dataset.message ?? []);
      setEnds((before) => (before.join() === next.join() ? before : next));
    };
    const onCopy = (event: ClipboardEvent) => {
      // A field has a selection of its own. Firefox keeps that of the page beside it.
      const isOfField = event.target instanceof Element && event.target.closest('input, textarea');
      const text = list.current && !isOfField && selectedText(list.current, latest.current);
      if (!text) return;
      event.preventDefault();
      event.clipboardData?.setData('text/plain', text);
    };
    document.addEventListener('selectionchange', onSelection);
    document.addEventListener('copy', onCopy);
    return () => {
      document.removeEventListener('selectionchange', onSelection);
      document.removeEventListener('copy', onCopy);
    };
  }, [list]);
  return messages.flatMap(({ id }, index) => (ends.includes(id) ? index : []));
}

/**
 * @returns the text of the selected messages, of the first and the last one as far as they are selected; undefined if the browser's own
 * copy is right: of a part of one text, or of nothing that is a message
 */
export function selectedText(list: HTMLElement, messages: Copied[]): string | undefined {
  const range = selectedRange(list);
  if (!range || range.collapsed) return undefined;
  const rows = [...list.querySelectorAll<HTMLElement>('[data-message]')];
  const touched = rows.filter((row) => range.intersectsNode(row));
  const [first, last] = [touched[0], touched.at(-1)];
  if (!first || !last) return undefined;
  if (textIn(first).contains(range.startContainer) && textIn(first).contains(range.endContainer)) return undefined;

  // A selection that begins before the rows, or ends after them, holds also those that are not in the page there.
  const ofRows = list.querySelector('ol') as HTMLElement;
  const from = ofRows.contains(range.startContainer) ? indexOf(messages, first) : 0;
  const to = ofRows.contains(range.endContainer) ? indexOf(messages, last) : messages.length - 1;
  const texts = messages.slice(from, to + 1).map(({ id, text }) => {
    const row = [first, last].find(({ dataset }) => dataset.message === id);
    return row ? selectedPart(row, range, text) : text;
  });
  return texts.filter((text) => text !== '').join('\n') || undefined;
}

/** The selection of the page, if it reaches into the list. It may be empty: a click, from which Shift and another click select. */
function selectedRange(list: HTMLElement): Range | undefined {
  const selection = document.getSelection();
  if (!selection || selection.rangeCount === 0) return undefined;
  const range = selection.getRangeAt(0);
  return range.intersectsNode(list) ? range : undefined;
}

/** @returns the selected part of a row's text; all of it exactly as it was sent, since the page may show a link in another way */
function selectedPart(row: HTMLElement, range: Range, text: string): string {
  const part = document.createRange();
  part.selectNodeContents(textIn(row));
  const whole = part.toString();
  if (range.compareBoundaryPoints(Range.START_TO_START, part) > 0)
    part.setStart(range.startContainer, range.startOffset);
  if (range.compareBoundaryPoints(Range.END_TO_END, part) < 0) part.setEnd(range.endContainer, range.endOffset);
  return part.toString() === whole ? text : part.toString();
}

// A message that is being edited has no text of its own.
const textIn = (row: HTMLElement) => row.querySelector<HTMLElement>('[data-text]') ?? row;
const rowAround = (node: Node) =>
  (node instanceof Element ? node : node.parentElement)?.closest<HTMLElement>('[data-message]');
const indexOf = (messages: Copied[], { dataset }: HTMLElement) =>
  messages.findIndex(({ id }) => id === dataset.message);
