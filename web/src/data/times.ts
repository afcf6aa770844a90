import { differenceInCalendarDays, differenceInMinutes, isSameYear } from 'date-fns';

// The page is in English; the reader's kind of English decides on the clock and the order of a date.
const locale = globalThis.navigator?.languages.find((language) => language.startsWith('en')) ?? 'en';

const minutes = new Intl.NumberFormat(locale, { style: 'unit', unit: 'minute', unitDisplay: 'short' });
const clock = new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat(locale, { weekday: 'short' });
const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' });
const dayAndYear = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' });
const fullDay = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
const daysAgo = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
const full = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'short' });

/** A time in the inbox: `now`, `2 min`, `14:05`, `Tue`, `24 Mar`, `24 Mar 2023`. */
export function shortTime(time: Date, now: Date): string {
  const ago = differenceInMinutes(now, time);
  if (ago < 1) return 'now';
  if (ago < 60) return minutes.format(ago);
  const days = differenceInCalendarDays(now, time);
  if (days < 1) return clock.format(time);
  if (days < 7) return weekday.format(time);
  return (isSameYear(time, now) ? day : dayAndYear).format(time);
}

/** The heading above a day's messages: `Today`, `Yesterday`, `Friday, 24 March 2023`. */
export function dayName(time: Date, now: Date): string {
  const days = differenceInCalendarDays(now, time);
  const name = days === 0 || days === 1 ? daysAgo.format(-days, 'day') : fullDay.format(time);
  return name.charAt(0).toLocaleUpperCase(locale) + name.slice(1);
}

/** The time of day of a message. */
export const clockTime = (time: Date) => clock.format(time);

/** The full date and time, for a tooltip. */
export const fullTime = (time: Date) => full.format(time);
