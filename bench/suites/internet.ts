import type { Figure, Suite } from '../harness/suite.ts';
import { doors } from '../internet/attack.ts';
import { monthlyCost, total } from '../internet/cost.ts';
import { attackBlocks, costOf, withoutToken } from '../internet/report/attack.ts';
import { costBlocks, deployment } from '../internet/report/cost.ts';
import { type Day, dayBlocks, summaryOf } from '../internet/report/day.ts';
import { limitBlocks, limitsOf } from '../internet/report/limits.ts';
import { sourceBlocks } from '../internet/report/sources.ts';
import { scenes } from '../internet/scenes.ts';
import { readSettings } from '../internet/settings.ts';
import { simulate } from '../internet/simulation/simulate.ts';

/** Measures nothing: it computes costs and limits, and simulates a day. So its results are the same on every machine. */
export const internet: Suite = {
  name: 'internet',
  title: 'From ten thousand users to a billion',
  async run({ progress }) {
    const settings = readSettings();
    const days: Day[] = [];
    for (const scene of scenes(settings)) {
      progress(`simulates the day "${scene.name}"`);
      days.push({ scene, outcome: simulate(scene) });
    }
    const cost = (users: number, client: 'polling' | 'realtime') =>
      total(monthlyCost(users, deployment(settings, client)));
    const limits = limitsOf(settings, 'polling');
    const firstQuota = limits.find(({ kind, id }) => kind === 'account' && id !== 'warm');
    const open = withoutToken(doors(settings));
    const figures: Figure[] = [
      { id: 'cost-1e6', what: 'a month of a million users, clients poll', value: cost(1e6, 'polling'), unit: '$' },
      { id: 'cost-1e6-realtime', what: 'the same with realtime', value: cost(1e6, 'realtime'), unit: '$' },
      {
        id: 'first-limit',
        what: `users who meet the first limit on New Year’s Eve (${limits[0]?.what})`,
        value: limits[0]?.newYearUsers ?? 0,
        unit: '',
      },
      {
        id: 'first-quota',
        what: `users who meet the first quota of AWS then (${firstQuota?.what})`,
        value: firstQuota?.newYearUsers ?? 0,
        unit: '',
      },
      {
        id: 'attack',
        what: 'a day of an attacker without a token, at all limits at once',
        value: costOf(open, 'now', settings),
        unit: '$',
      },
      {
        id: 'attack-before',
        what: 'the same with one limit for every route',
        value: costOf(open, 'before', settings),
        unit: '$',
      },
      ...days.map(({ scene, outcome }) => ({
        id: `waiting-${scene.name.replaceAll(' ', '-')}`,
        what: `messages waiting at their clients on New Year’s Eve, at most: ${scene.name}`,
        value: summaryOf(outcome).mostWaiting,
        unit: '' as const,
      })),
    ];
    return {
      heading: 'computed',
      figures,
      blocks: [
        ...costBlocks(settings),
        ...attackBlocks(settings),
        ...limitBlocks(settings),
        ...dayBlocks(days),
        ...sourceBlocks(),
      ],
    };
  },
};
