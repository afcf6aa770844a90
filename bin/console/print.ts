import { once } from 'node:events';
import process from 'node:process';
import { styleText } from 'node:util';
import type { Timestamp } from '../../core/model/time.ts';

/** Prints a line of data to stdout. If the reader is slower, waits, so that output does not accumulate in memory. */
export async function print(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
}

/**
 * Formats a line of columns. Each column but the last has a fixed width, so that a line can be printed before all of
 * the others are known.
 */
export function columns(cells: [text: string, width?: number | undefined][]): string {
  return cells
    .map(([text, width = 0]) => text.padEnd(width))
    .join('  ')
    .trimEnd();
}

/**
 * Prints rows as they arrive: in columns under a header, or as one JSON object per line. The header is printed with the first row, so that
 * a command that fails before prints only its error.
 * @param format.none the line for no rows at all, without which an empty list looks like a command that did nothing
 */
export async function printRows<Row extends object>(
  rows: AsyncIterable<Row>,
  {
    json,
    table,
    none,
  }: { json: boolean; table: [title: string, cell: (row: Row) => string, width?: number][]; none: string },
): Promise<void> {
  let isFirst = true;
  for await (const row of rows) {
    if (json) await print(toJson(row));
    else {
      if (isFirst) await print(styled('bold', columns(table.map(([title, , width]) => [title, width]))));
      await print(columns(table.map(([, cell, width]) => [oneLine(cell(row)), width])));
    }
    isFirst = false;
  }
  if (isFirst && !json) await print(none);
}

type Style = Parameters<typeof styleText>[0];

/** The text in colour if stdout is a terminal and NO_COLOR is not set. */
export function styled(style: Style, text: string): string {
  return process.stdout.isTTY && !process.env.NO_COLOR ? styleText(style, text) : text;
}

/**
 * @param utc whether to show UTC instead of this machine's time zone (TZ)
 * @returns the time like `2024-11-03 18:04:11`
 */
export function readableTime(time: Timestamp, utc: boolean): string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    dateStyle: 'short',
    timeStyle: 'medium',
    ...(utc && { timeZone: 'UTC' }),
  });
  return format.format(Date.parse(`${time.slice(0, 23)}Z`));
}

/**
 * Replaces control characters and characters that change the writing direction by `\uXXXX`, except line breaks: text
 * of users must not control the terminal.
 */
export const escapeControls = (text: string): string =>
  text.replace(/(?!\n)[\p{Cc}\p{Bidi_Control}]/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The text on one line, control characters and line breaks escaped: what users write must not look like another line of the output. */
export const oneLine = (text: string): string => escapeControls(text).replaceAll('\n', '\\n');

/** A value as JSON that is safe to print: JSON leaves some control characters as they are. It parses to the same value. */
export const toJson = (value: object, indent?: number): string => escapeControls(JSON.stringify(value, null, indent));

/** The beginning of a text on one line, with control characters escaped; `…` stands for the rest. */
export function excerpt(text: string, characters: number): string {
  const line = [...escapeControls(text.replaceAll(/\s+/g, ' '))];
  return line.length > characters ? `${line.slice(0, characters).join('')}…` : line.join('');
}
