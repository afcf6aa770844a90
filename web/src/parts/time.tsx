import { useSyncExternalStore } from 'react';
import { clockTime, fullTime, shortTime } from '../data/times.ts';

const every = 20_000; // milliseconds
const watchers = new Set<() => void>();
let now = new Date();
let clock: ReturnType<typeof setInterval> | undefined;

/** The present time, kept up to date: one clock for the whole page. */
export function useNow(): Date {
  return useSyncExternalStore(watch, () => now);
}

function watch(watcher: () => void): () => void {
  if (watchers.size === 0) now = new Date();
  watchers.add(watcher);
  clock ??= setInterval(() => {
    now = new Date();
    for (const each of watchers) each();
  }, every);
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    clearInterval(clock);
    clock = undefined;
  };
}

/** When somebody last wrote: as short as it can be. @param at as the API says it */
export function ShortTime({ at }: { at: string }) {
  const now = useNow();
  const time = new Date(at);
  return (
    <time dateTime={at} title={fullTime(time)}>
      {shortTime(time, now)}
    </time>
  );
}

/** The time of day of a message. @param at as the API says it */
export function ClockTime({ at }: { at: string }) {
  const time = new Date(at);
  return (
    <time dateTime={at} title={fullTime(time)}>
      {clockTime(time)}
    </time>
  );
}
