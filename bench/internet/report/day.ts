import { shown } from '../../harness/numbers.ts';
import type { Block, Plot } from '../../harness/suite.ts';
import { behaviour } from '../behaviour.ts';
import type { NamedScene } from '../scenes.ts';
import { busyness, daySeconds, midnight } from '../simulation/day.ts';
import type { Minute, Outcome } from '../simulation/simulate.ts';

/** A simulated day. */
export interface Day {
  scene: NamedScene;
  outcome: Outcome;
}

/** What a scene came to, in the numbers that matter. */
export interface DaySummary {
  mostWaiting: number;
  /** Mean wait of a message at its client in the worst minute, in seconds. */
  longestWait: number;
  oldest: number;
  /** Minutes from midnight until nothing waits and the projector has caught up. */
  over: number;
  refusedReads: number;
  attemptsPerMessage: number;
}

export function summaryOf({ minutes, attempts, written }: Outcome): DaySummary {
  const most = (of: (minute: Minute) => number) => Math.max(...minutes.map(of));
  const isBehind = ({ waiting, stored, age }: Minute) => waiting > stored || age > 2;
  const afterMidnight = minutes.slice(midnight / 60);
  return {
    mostWaiting: most(({ waiting }) => waiting),
    longestWait: most(({ waiting, stored }) => (stored > 0 ? waiting / stored : 0)), // Little's law
    oldest: most(({ age }) => age),
    over: afterMidnight.findLastIndex(isBehind) + 1,
    refusedReads: most(({ unanswered }) => unanswered),
    attemptsPerMessage: attempts / written,
  };
}

const seconds = (count: number) => (count < 1 ? 'under 1 s' : `${shown(count)} s`);

export function dayBlocks(days: Day[]): Block[] {
  return [
    {
      kind: 'text',
      text: `### New Year's Eve

From noon on 31 December to noon on 1 January, second by second. A message is written, passes API Gateway, gets a function and write units,
and is stored; a refused one waits at its client and is sent again after the client's own pauses. A stored message is in the stream until the
projector has brought both inboxes up to date, or until it is older than \`maximumRecordAgeInSeconds\` and goes to the failure queue. All
users live in one time zone. In the minute after midnight they write ${shown(busyness(midnight, behaviour).messages / behaviour.dailyPeak)} times as much as in the busiest hour of another
day. On none of these days is a message lost.`,
    },
    {
      kind: 'table',
      title: 'The days',
      columns: ['day', 'what it is'],
      rows: days.map(({ scene }) => [scene.name, scene.about]),
    },
    {
      kind: 'table',
      title: 'What happens',
      columns: [
        'day',
        'messages',
        'most messages waiting at clients',
        'mean wait, worst minute',
        'oldest record of the stream',
        'messages in the failure queue',
        'over, minutes after midnight',
        'reads refused, worst minute',
        'attempts a message',
      ],
      rows: days.map(({ scene, outcome }) => {
        const summary = summaryOf(outcome);
        return [
          scene.name,
          outcome.written,
          summary.mostWaiting,
          seconds(summary.longestWait),
          seconds(summary.oldest),
          outcome.expired,
          summary.over,
          `${Math.round(100 * summary.refusedReads)} %`,
          shown(summary.attemptsPerMessage),
        ];
      }),
    },
    plot('scale-waiting', 'Messages that wait at their clients', 'messages', days, ({ waiting }) => waiting),
    plot('scale-age', 'Age of the oldest record of the stream (IteratorAge)', 'seconds', days, ({ age }) => age),
    unitsPlot(days),
    {
      kind: 'text',
      text: `What the days show:

${days.map((day) => `- **${day.scene.name}**: ${lesson(day)}`).join('\n')}

Before such a night:

1. Raise our rate limits and the quotas of AWS that the table of limits names.
2. Set the table's warm throughput to the expected peak, days before. Without that, higher quotas only move the queue from the clients into
   the stream: inboxes come late, but by themselves, since \`maximumRecordAgeInSeconds\` is hours.

After it, run \`bin/stream redrive\` if the failure queue holds anything. What else would help: each waiting message is tried again every 15
to 30 seconds, and these attempts take the requests and the reads of others. A \`Retry-After\` that grows with the load would spread them.

The simulation leaves out: cold starts, which add some hundred milliseconds to the first run of each environment; the retries inside a
function, which hide short throttling; that a client sends messages to one user one after another, so that fewer attempts come; that
Lambda also gives up on a batch after \`maximumRetryAttempts\`, so that more records may go to the failure queue while the table throttles; and that
DynamoDB may grow faster than it promises.`,
    },
  ];
}

/** What a day shows, in words that follow from its numbers. */
function lesson({ scene, outcome }: Day): string {
  const most = (of: (minute: Minute) => number) => Math.max(...outcome.minutes.map(of));
  const refusals: [who: string, refused: number][] = [
    ['API Gateway', most(({ refusedByGateway }) => refusedByGateway)],
    ['Lambda', most(({ refusedByLambda }) => refusedByLambda)],
    ['the table', most(({ refusedByTable }) => refusedByTable)],
  ];
  const all = refusals.reduce((sum, [, refused]) => sum + refused, 0);
  if (all < 1) return 'nothing is refused, and inboxes follow within a second.';
  const refusing = refusals
    .filter(([, refused]) => refused > all / 100)
    .map(([who, refused]) => `${who} refuses up to ${shown(refused)} sends a second`);
  const { oldest } = summaryOf(outcome);
  const sentences = [
    refusing.join(', and '),
    oldest < 2 ? 'Inboxes follow what is stored within a second or two' : `Inboxes are up to ${seconds(oldest)} behind`,
  ];
  if (outcome.expired > 0)
    sentences.push(
      `${shown(outcome.expired)} messages are older than ${scene.stream.maximumAge} s before their turn comes, and go to the failure queue: both inboxes stay behind until the next message or a redrive`,
    );
  return `${sentences.join('. ')}.`;
}

const from = midnight / 60 - 30; // minutes of the day that the plots show
const to = midnight / 60 + 90;

/** Minutes after midnight and the value of each minute. */
const series = ({ minutes }: Outcome, value: (minute: Minute) => number): [number, number][] =>
  minutes.slice(from, to).map((minute, index) => [from + index + 1 - midnight / 60, Math.round(value(minute))]);

function plot(name: string, title: string, label: string, days: Day[], value: (minute: Minute) => number): Plot {
  return {
    kind: 'plot',
    name,
    title,
    form: 'lines',
    x: { label: 'minutes after midnight' },
    y: { label },
    series: days.map(({ scene, outcome }) => ({ name: scene.name, points: series(outcome, value) })),
  };
}

/** Over the whole day: write units of the worst prepared table and of the best, and what each could take. */
function unitsPlot(days: Day[]): Plot {
  const every = 10; // minutes
  const shownDays = days.filter(({ scene }) => ['raised quotas', 'prepared'].includes(scene.name));
  const points = ({ minutes }: Outcome, value: (minute: Minute) => number): [number, number][] =>
    Array.from({ length: daySeconds / 60 / every }, (_, index) => {
      const part = minutes.slice(index * every, (index + 1) * every);
      return [(index * every - midnight / 60) / 60, Math.round(Math.max(...part.map(value)))];
    });
  return {
    kind: 'plot',
    name: 'scale-units',
    title: 'Write units a second over the day, the most of every ten minutes',
    form: 'lines',
    x: { label: 'hours after midnight' },
    y: { label: 'write units a second' },
    series: shownDays.flatMap(({ scene, outcome }) => [
      { name: `${scene.name}: used`, points: points(outcome, ({ writeUnits }) => writeUnits) },
      { name: `${scene.name}: available`, points: points(outcome, ({ warmWrites }) => warmWrites) },
    ]),
  };
}
