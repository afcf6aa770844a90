import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCommon } from '../../bench/others/common.ts';
import { costsOf } from '../../bench/others/compare-costs.ts';
import { type DamageKind, damages } from '../../bench/others/damage.ts';
import type { Design } from '../../bench/others/design.ts';
import { createOriginal } from '../../bench/others/original.ts';
import { createOurs } from '../../bench/others/ours.ts';
import { type HistoryRunner, openRunner } from '../../bench/others/run-schedule.ts';
import { type Fault, scheduleOf } from '../../bench/others/schedule.ts';
import { dynamodbEndpoint } from '../support/database.ts';

const place = { endpoint: dynamodbEndpoint, withStream: false };
let designs: Design[];
let runners: HistoryRunner[];

beforeAll(async () => {
  designs = await Promise.all([createOriginal(place), createCommon(place), createOurs(place)]);
  runners = designs.map((design) => openRunner(design, dynamodbEndpoint));
});
afterAll(() => {
  for (const { close } of runners) close();
});

// Short histories, whose seeds were chosen so that each shows what its fault can do.
test.each<[Fault, { seed: number; original: DamageKind[]; common: DamageKind[] }]>([
  ['a batch is delivered again', { seed: 102, original: [], common: [] }],
  ['records arrive late and out of order', { seed: 205, original: ['wrong newest message'], common: [] }],
  ['the function on the stream dies between two calls', { seed: 306, original: ['lost inbox rows'], common: [] }],
  [
    'two messages at the same instant',
    { seed: 409, original: ['lost messages', 'lost inbox rows'], common: ['wrong newest message'] },
  ],
  [
    'clocks of functions differ',
    {
      seed: 505,
      original: ['messages out of order', 'wrong newest message'],
      common: ['messages out of order', 'wrong newest message'],
    },
  ],
  [
    'an answer is lost, and the client repeats the request',
    { seed: 607, original: ['doubled messages', 'doubled inbox rows'], common: ['doubled messages'] },
  ],
  ['both users start the conversation at once', { seed: 701, original: ['doubled inbox rows'], common: [] }],
])('the same history damages the others as it must, and nothing of ours: %s', async (fault, expected) => {
  const schedule = scheduleOf([fault], expected.seed, 3);
  const outcomes = await Promise.all(runners.map(({ run }) => run(schedule)));
  const [original, common, ours] = outcomes.map((damage) => damages.filter((kind) => damage[kind] > 0));
  expect({ original, common, ours }).toEqual({ original: expected.original, common: expected.common, ours: [] });
});

test('the write units of a message, all in, follow from the designs', async () => {
  const costs = await Promise.all(
    designs.map(async (design) => {
      const variant = { name: design.name, design, withKey: false };
      return (await costsOf(variant, dynamodbEndpoint, ['one message'])).get('one message')?.writeUnits;
    }),
  );
  const original = 1 + 2 * (2 + 2); // the message; for each row a delete and a put, in the table and in its index
  const common = 2 + 2 * (2 + 2); // in a transaction the message and two rows, each of which moves in the index
  const ours = 4 + 5 * 2; // the message and the head; the head and two rows, each of which moves
  expect(costs).toEqual([original, common, ours]);
});
