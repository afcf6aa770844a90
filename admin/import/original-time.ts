import { fromMicros, type Timestamp, timestamp, toMicros } from '../../core/model/time.ts';

// ISO 8601 as Python writes it: a fraction of any length or none, `Z`, an offset or none.
const form = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/;
const minute = 60_000_000; // microseconds
const utcTime = timestamp('created_at_invalid');

/** The offset of a place's clock from UTC, in microseconds, at a time in microseconds since 1970. */
export type ZoneOffset = (micros: number) => number;

/**
 * @param timeZone a name of the IANA database such as `Europe/Berlin`, or an offset such as `+02:00`
 * @throws RangeError when there is no such time zone
 */
export function zoneOffset(timeZone: string): ZoneOffset {
  const fixed = offsetIn(timeZone); // Node.js 20 knows no time zones of this form
  if (fixed !== undefined) return () => fixed;
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, timeZoneName: 'longOffset' });
  return (micros) => {
    const shown = format.formatToParts(micros / 1000).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    return offsetIn(shown.replace('GMT', '')) ?? 0; // UTC is shown as a plain GMT
  };
}

/**
 * Reads a time of the original service, which stored the offset of the writer's clock, or none.
 * @param offsetOf the offset of a time that names none
 * @returns the instant in UTC; digits below a microsecond are cut off. Undefined for anything else than an existing time since 1970
 */
export function readTime(text: string, offsetOf: ZoneOffset): Timestamp | undefined {
  const [, date, time, fraction = '', zone] = form.exec(text) ?? [];
  const local = `${date}T${time}.${fraction.padEnd(6, '0').slice(0, 6)}+00:00`;
  if (!utcTime.safeParse(local).success) return undefined;
  const micros = toMicros(local as Timestamp);
  // The offset at the instant itself is what counts: around a change of clocks, the first guess may be on the wrong side of it.
  const offset = zone === undefined ? offsetOf(micros - offsetOf(micros)) : zone === 'Z' ? 0 : offsetIn(zone);
  if (offset === undefined) return undefined;
  try {
    return fromMicros(micros - offset);
  } catch {
    return undefined; // outside the years of our timestamps
  }
}

/** @returns microseconds; undefined for a text that is no offset */
function offsetIn(text: string): number | undefined {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)(?::\d\d)?$/.exec(text) ?? [];
  if (sign === undefined || Number(hours) > 23 || Number(minutes) > 59) return undefined;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * minute;
}
