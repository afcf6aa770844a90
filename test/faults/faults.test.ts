import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamodbEndpoint } from '../support/database.ts';
import { type Fault, faults, noFaults, onCall, type Plan } from '../support/faults.ts';
import { Run, type Stage } from './play.ts';
import { processes, type Script, type Step } from './script.ts';
import { openStage } from './stage.ts';

let stage: Stage & { close: () => Promise<void> };

beforeAll(async () => {
  stage = await openStage(dynamodbEndpoint);
});
afterAll(() => stage.close());

const step = (does: Step['does'], more: Partial<Step> = {}): Step => ({
  does,
  who: 0,
  whom: 0,
  which: 0,
  key: undefined,
  process: 0,
  clock: 1,
  fault: undefined,
  ...more,
});
const once: Script['stream'] = { order: 'as read', copies: [1], sizes: [100], overlap: 1, faultRate: 0, seed: 1 };
const fine: Plan = () => undefined;
const cold = { process: processes - 1 }; // a process that has seen nothing yet

// What happens before, what is disturbed, and what whoever saw it fail does next (a send with a key is sent again anyway).
interface Scenario {
  before: (run: Run) => Promise<void>;
  act: (run: Run, plan: Plan) => Promise<void>;
  after?: (run: Run) => Promise<void>;
}
const talk = async (run: Run) => {
  await run.step(step('to', { who: 1 }));
  await run.step(step('in', { who: 1 }));
};
const scenarios: Record<string, Scenario> = {
  'a send in a group, with a key': {
    before: talk,
    act: (run, plan) => run.step(step('in', { key: 0, ...cold }), plan),
  },
  'a send in a group, without': { before: talk, act: (run, plan) => run.step(step('in', cold), plan) },
  'a send to somebody known': { before: talk, act: (run, plan) => run.step(step('to', { key: 0, ...cold }), plan) },
  'a first contact, with a key': { before: async () => {}, act: (run, plan) => run.step(step('to', { key: 0 }), plan) },
  'marking as read': {
    before: async (run) => {
      await talk(run);
      await run.project(fine);
    },
    act: (run, plan) => run.step(step('read', { which: 0 }), plan),
    after: (run) => run.step(step('read', { which: 0, ...cold })),
  },
  'marking as read before the rows are there': {
    before: talk,
    act: (run, plan) => run.step(step('read', { which: 1 }), plan),
    after: (run) => run.step(step('read', { which: 1, ...cold })),
  },
  'a first projection': { before: talk, act: (run, plan) => run.project(plan) },
  'a projection that moves the rows': {
    before: async (run) => {
      await talk(run);
      await run.project(fine);
      await run.step(step('in'));
    },
    act: (run, plan) => run.project(plan),
  },
};

/** Plays a scenario to its end and checks all that must hold. */
async function played({ before, act, after }: Scenario, plan: Plan) {
  const counts = noFaults();
  const run = new Run({ ...stage, counts });
  let calls = 0;
  await run.join(2);
  try {
    await before(run);
    await act(run, (call) => {
      calls = Math.max(calls, call.n);
      return plan(call);
    });
    await run.layer.settled();
    await after?.(run);
    await run.drain(once, true);
  } finally {
    run.leave();
  }
  for (const fault of faults) stage.counts[fault] += counts[fault];
  return { calls, injected: Object.values(counts).reduce((sum, count) => sum + count, 0) };
}

describe('a failure of every kind at every call', () => {
  const everywhere: Fault[] = faults.filter((fault) => !['throttled', 'conflict', 'stale'].includes(fault));

  test.each(Object.entries(scenarios))('%s', async (_, scenario) => {
    const { calls } = await played(scenario, fine);
    // Once, and so often that the SDK's three tries do not help.
    const cases = Array.from({ length: calls }, (_, index) => index + 1).flatMap((n) =>
      faults.flatMap((fault) => (fault.startsWith('crash') ? [1] : [1, 4]).map((times) => ({ n, fault, times }))),
    );
    let injected = 0;
    const lane = async () => {
      for (let next = cases.shift(); next; next = cases.shift()) {
        const { n, fault, times } = next;
        const outcome = await played(scenario, onCall(n, fault, times)).catch((error) => {
          throw new Error(`${fault} at call ${n} of ${calls}, ${times} times:\n${error.message}`, { cause: error });
        });
        if (everywhere.includes(fault)) expect(outcome.injected, `${fault} at call ${n}`).toBeGreaterThan(0);
        if (outcome.injected > 0) injected++;
      }
    };
    await Promise.all(Array.from({ length: 8 }, lane));
    expect(calls).toBeGreaterThan(1);
    console.log(`${calls} calls, ${injected} disturbed runs`);
  });

  // The transaction is the last call of each, what comes after it is its retry.
  test.each(['a send in a group, with a key', 'a send in a group, without', 'a projection that moves the rows'])(
    '%s: and another at the retry',
    async (name) => {
      const scenario = scenarios[name] as Scenario;
      const { calls } = await played(scenario, fine);
      const possible = faults.filter((fault) => fault !== 'stale'); // of a transaction; and after a crash there is no retry
      const pairs = possible
        .filter((first) => !first.startsWith('crash'))
        .flatMap((first) => possible.map((second) => [first, second] as const));
      const lane = async () => {
        for (let pair = pairs.shift(); pair; pair = pairs.shift()) {
          const [first, second] = pair;
          await played(scenario, ({ n }) =>
            n < calls ? undefined : n === calls ? first : n === calls + 1 ? second : undefined,
          ).catch((error) => {
            throw new Error(`${first}, then ${second}:\n${error.message}`, { cause: error });
          });
        }
      };
      await Promise.all(Array.from({ length: 8 }, lane));
    },
  );

  test('a send that was applied, unheard, and then throttled to the end is not said to be unwritten', async () => {
    const applied: Plan = ({ n }) => (n < 2 ? undefined : n === 2 ? 'lost after' : 'throttled call');
    await played(scenarios['a send in a group, without'] as Scenario, applied);
  });

  test('was really injected, every one', () => {
    console.log(JSON.stringify(stage.counts));
    for (const fault of faults) expect(stage.counts[fault], fault).toBeGreaterThan(0);
  });
});

test('a hundred messages in one conversation in a burst cost far fewer projections', async () => {
  const run = new Run(stage, 10_000);
  await run.join(2);
  await run.step(step('to'));
  let sent = false;
  const steps = Array.from({ length: 99 }, (_, n) => run.step(step('in', { who: n % 2, process: n % processes })));
  const burst = Promise.all(steps).finally(() => {
    sent = true;
  });
  // The projector runs as fast as it can all the while: on AWS it waits for the next poll of the stream.
  let invocations = 0;
  for (; !sent; invocations++) await run.project(fine);
  await burst;
  await run.drain(once, false);
  const { conversations } = await run.check();
  const projections = Number(conversations[0]?.head?.rows_rev);
  console.log(`100 messages in a burst: ${projections} projections in ${invocations + 1} invocations`);
  expect(conversations[0]?.messages).toHaveLength(100);
  expect(projections).toBeLessThan(50);
  run.leave();
});
