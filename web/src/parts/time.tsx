import { useSyncExternalStore } from 'react';
import { clockTime, dayName, fullTime, shortTime, timeLanguage } from '../data/times.ts';

const interval = 20_000; // milliseconds
const watchers = new Set<() => void>();
let now = new Date();
let clock: ReturnType<typeof setInterval> | undefined;

/** @returns the current time, updated every 20 seconds by one timer for the whole page */
export function useNow(): Date {
  return useSyncExternalStore(watch, () => now);
}

function watch(watcher: () => void): () => void {
  if (watchers.size === 0) now = new Date();
  watchers.add(watcher);
  clock ??= setInterval(() => {
    now = new Date();
    for (const each of watchers) each();
  }, interval);
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    clearInterval(clock);
    clock = undefined;
  };
}

/** A time in the inbox, as short as possible. @param at in the API's format */
export function ShortTime({ at }: { at: string }) {
  return <Time at={at} text={shortTime(new Date(at), useNow())} />;
}

/** The time of day of a message. @param at in the API's format */
export function ClockTime({ at }: { at: string }) {
  return <Time at={at} text={clockTime(new Date(at))} />;
}

/** The day of a message. @param at in the API's format */
export function DayName({ at }: { at: string }) {
  return <Time at={at} text={dayName(new Date(at), useNow())} />;
}

/** A time in the user's language, whose direction of writing may differ from that of the page. */
function Time({ at, text }: { at: string; text: string }) {
  return (
    <time dateTime={at} title={fullTime(new Date(at))} lang={timeLanguage} dir="auto">
      {text}
    </time>
  );
}
