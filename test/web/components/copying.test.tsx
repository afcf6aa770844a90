import { fireEvent, render, screen } from '@testing-library/react';
import { useRef } from 'react';
import { beforeEach, expect, test } from 'vitest';
import { useCopying } from '../../../web/src/parts/copying.ts';
import { MessageText } from '../../../web/src/parts/message-text.tsx';
import './setup.ts';

const messages = ['zero', 'one', 'two\nlines', 'three', 'four', 'five'].map((text, n) => ({ id: `m${n}`, text }));
let kept: number[];

/** A list of which the messages 2 and 3 are not in the page. */
function List() {
  const list = useRef<HTMLElement>(null);
  kept = useCopying(list, messages);
  return (
    <>
      <h2>Title</h2>
      <section ref={list}>
        <ol>
          {messages
            .filter((_, n) => n < 2 || n > 3)
            .map(({ id, text }) => (
              <li key={id}>
                <div data-message={id}>
                  <p>Today</p>
                  <span>You: </span>
                  <MessageText text={text} />
                  <small>14:02</small>
                </div>
              </li>
            ))}
        </ol>
      </section>
      <footer>
        <textarea aria-label="Message" />
      </footer>
    </>
  );
}

beforeEach(() => {
  render(<List />);
});
const textNode = (text: string) => screen.getByText(text).firstChild as Text;
const select = (from: [Node, number], to: [Node, number]) => {
  const range = document.createRange();
  range.setStart(...from);
  range.setEnd(...to);
  document.getSelection()?.removeAllRanges();
  document.getSelection()?.addRange(range);
};
/** @returns the copied text; undefined if the copy is left to the browser */
const copyFrom = (element: Element) => {
  let copied: string | undefined;
  const setData = (_type: string, text: string) => {
    copied = text;
  };
  fireEvent.copy(element, { clipboardData: { setData } });
  return copied;
};

test('several messages are copied as their text, with the part of the first and the last that is selected', () => {
  select([textNode('one'), 1], [textNode('four'), 2]);
  expect(copyFrom(document.body)).toBe('ne\ntwo\nlines\nthree\nfo');
});

test('names, times and days beside the text are not copied', () => {
  select([screen.getAllByText('Today')[0] as Node, 0], [screen.getAllByText('14:02')[1] as Node, 1]);
  expect(copyFrom(document.body)).toBe('zero\none');
  select([screen.getAllByText('You:')[1] as Node, 0], [screen.getAllByText('14:02')[1] as Node, 1]);
  expect(copyFrom(document.body)).toBe('one');
});

test('a selection of the whole page is copied as all messages', () => {
  select([document.body, 0], [document.body, document.body.childNodes.length]);
  expect(copyFrom(document.body)).toBe('zero\none\ntwo\nlines\nthree\nfour\nfive');
  select([textNode('five'), 1], [screen.getByLabelText('Message'), 0]);
  expect(copyFrom(document.body)).toBe('ive');
});

test('a selection within one text, outside the list, or in a field is left to the browser', () => {
  select([textNode('one'), 0], [textNode('one'), 2]);
  expect(copyFrom(document.body)).toBeUndefined();
  select([textNode('Title'), 0], [textNode('Title'), 3]);
  expect(copyFrom(document.body)).toBeUndefined();
  select([textNode('one'), 0], [textNode('four'), 2]);
  expect(copyFrom(screen.getByLabelText('Message'))).toBeUndefined();
});

test('the messages at the ends of a selection stay in the page until it ends', () => {
  select([textNode('one'), 1], [textNode('four'), 2]);
  fireEvent(document, new Event('selectionchange'));
  expect(kept).toEqual([1, 4]);
  select([textNode('one'), 1], [textNode('one'), 1]); // a click, before another one with Shift
  fireEvent(document, new Event('selectionchange'));
  expect(kept).toEqual([1]);
  document.getSelection()?.removeAllRanges();
  fireEvent(document, new Event('selectionchange'));
  expect(kept).toEqual([]);
});
