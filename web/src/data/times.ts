import { differenceInCalendarDays, differenceInMinutes, isSameYear } from 'date-fns';

/**
 * The user's languages, the preferred one first. Dates and times are in the first of them for which the browser knows names of months;
 * all other text of the page is English.
 */
const languages = [...(globalThis.navigator?.languages ?? []), 'en'].filter(isLanguage);

const clock = new Intl.DateTimeFormat(languages, { timeStyle: 'short' });
const weekday = new Intl.DateTimeFormat(languages, { weekday: 'short' });
const day = new Intl.DateTimeFormat(languages, { day: 'numeric', month: 'short' });
const dayAndYear = new Intl.DateTimeFormat(languages, { day: 'numeric', month: 'short', year: 'numeric' });
const fullDay = new Intl.DateTimeFormat(languages, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
const full = new Intl.DateTimeFormat(languages, { dateStyle: 'full', timeStyle: 'short' });
const relative = new Intl.RelativeTimeFormat(languages, { numeric: 'auto' });
const minutes = new Intl.NumberFormat(languages, { style: 'unit', unit: 'minute', unitDisplay: 'short' });

/** The language of dates and times, which decides the voice in which a screen reader reads them. */
export const timeLanguage = clock.resolvedOptions().locale;

/** Whether Intl accepts a language. Some systems give the browser one that it refuses, such as `en-US@posix`. */
function isLanguage(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length > 0;
  } catch {
    return false;
  }
}

/** A time in the inbox; in British English `now`, `2 min`, `14:05`, `Tue`, `24 Mar`, `24 Mar 2023`. */
export function shortTime(time: Date, now: Date): string {
  const ago = differenceInMinutes(now, time);
  if (ago < 1) return relative.format(0, 'second');
  if (ago < 60) return minutes.format(ago);
  const days = differenceInCalendarDays(now, time);
  if (days < 1) return clock.format(time);
  if (days < 7) return weekday.format(time);
  return (isSameYear(time, now) ? day : dayAndYear).format(time);
}

/** The heading above a day's messages; in British English `Today`, `Yesterday`, `Friday, 24 March 2023`. */
export function dayName(time: Date, now: Date): string {
  const days = differenceInCalendarDays(now, time);
  const name = days === 0 || days === 1 ? relative.format(-days, 'day') : fullDay.format(time);
  return name.charAt(0).toLocaleUpperCase(timeLanguage) + name.slice(1);
}

/** The time of day of a message. */
export const clockTime = (time: Date) => clock.format(time);

/** The full date and time, for a tooltip. */
export const fullTime = (time: Date) => full.format(time);
