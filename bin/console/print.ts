import { once } from 'node:events';
import process from 'node:process';
import { styleText } from 'node:util';
import type { Timestamp } from '../../core/model/time.ts';

/** A line of data on stdout. Waits for whoever reads it, so that nothing piles up in memory. */
export async function print(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
}

/** Columns of fixed widths, so that the first line can be printed before the last is known; the last column has no width. */
export function columns(cells: [text: string, width?: number | undefined][]): string {
  return cells
    .map(([text, width = 0]) => text.padEnd(width))
    .join('  ')
    .trimEnd();
}

/**
 * Prints rows as they come: aligned under a header, or one JSON object a line. Nothing is printed before there is an answer, so
 * that a failure is one line.
 */
export async function printRows<Row extends object>(
  rows: AsyncIterable<Row>,
  { json, table }: { json: boolean; table: [title: string, cell: (row: Row) => string, width?: number][] },
): Promise<void> {
  let isFirst = true;
  for await (const row of rows) {
    if (json) await print(JSON.stringify(row));
    else {
      if (isFirst) await print(styled('bold', columns(table.map(([title, , width]) => [title, width]))));
      await print(columns(table.map(([, cell, width]) => [harmless(cell(row)), width])));
    }
    isFirst = false;
  }
}

type Style = Parameters<typeof styleText>[0];

/** Coloured, if stdout is a terminal that wants colours (NO_COLOR, FORCE_COLOR). */
export function styled(style: Style, text: string): string {
  return process.stdout.isTTY && !process.env.NO_COLOR ? styleText(style, text) : text;
}

/**
 * A time for people: `2024-11-03 18:04:11`.
 * @param utc in UTC instead of the time zone of this machine (TZ)
 */
export function readableTime(time: Timestamp, utc: boolean): string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    dateStyle: 'short',
    timeStyle: 'medium',
    ...(utc && { timeZone: 'UTC' }),
  });
  return format.format(Date.parse(`${time.slice(0, 23)}Z`));
}

/** What others wrote, made harmless for a terminal: no control and no direction characters but line breaks. */
export const harmless = (text: string): string =>
  text.replace(/(?!\n)[\p{Cc}\p{Bidi_Control}]/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The beginning of a text on one line, made harmless. */
export function beginning(text: string, characters: number): string {
  const line = [...harmless(text.replaceAll(/\s+/g, ' '))];
  return line.length > characters ? `${line.slice(0, characters).join('')}…` : line.join('');
}
