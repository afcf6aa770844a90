import * as z from 'zod/mini';
import type { ErrorCode } from '../errors.ts';
import { code } from './parse.ts';

/**
 * A time as it is stored and shown, `2023-03-24T09:45:01.561513+00:00`: UTC, with microseconds, always 32 characters,
 * so that alphabetical order is the order of time. Only this file creates and validates timestamps.
 */
export type Timestamp = z.output<ReturnType<typeof timestamp>>;

/** The form of a timestamp; `timestamp` also checks that the day exists. */
export const timestampPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/;
const lastMicro = Number.MAX_SAFE_INTEGER; // 2255-06-05: up to then, JavaScript represents every microsecond exactly

/**
 * A schema for a time in exactly the stored form. It accepts no other spelling of the same instant, since that would
 * be another sort key.
 */
export function timestamp(error: ErrorCode) {
  return z
    .string(code(error))
    .check(z.regex(timestampPattern, { ...code(error), abort: true }), z.refine(isTime, code(error)))
    .brand<'Timestamp'>();
}

function isTime(text: string): boolean {
  const micros = toMicros(text as Timestamp); // NaN for a month 13; 30 February becomes 2 March
  return isInRange(micros) && fromMicros(micros) === text;
}

/**
 * @param micros whole microseconds since 1970
 * @returns the timestamp
 * @throws RangeError before 1970 or after 2255
 */
export function fromMicros(micros: number): Timestamp {
  if (!isInRange(micros)) throw new RangeError(`${micros} µs is outside the range of timestamps (1970–2255).`);
  const millis = Math.floor(micros / 1000);
  const rest = String(micros % 1000).padStart(3, '0');
  return `${new Date(millis).toISOString().slice(0, 23)}${rest}+00:00` as Timestamp;
}

const isInRange = (micros: number) => micros >= 0 && micros <= lastMicro;

/** @returns whole microseconds since 1970 */
export function toMicros(time: Timestamp): number {
  return Date.parse(`${time.slice(0, 23)}Z`) * 1000 + Number(time.slice(23, 26));
}

/** @returns the time one microsecond later */
export function justAfter(time: Timestamp): Timestamp {
  return fromMicros(toMicros(time) + 1);
}

/** @returns whole seconds since 1970, the unit of DynamoDB's TTL */
export function toSeconds(time: Timestamp): number {
  return Math.floor(toMicros(time) / 1_000_000);
}
