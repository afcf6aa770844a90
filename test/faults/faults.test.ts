import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamodbEndpoint } from '../support/database.ts';
import { type Fault, faults, noFaults, onCall, type Plan } from '../support/faults.ts';
import { withoutRows } from '../support/without-rows.ts';
import { openEnvironment } from './environment.ts';
import { type Environment, Run } from './run-schedule.ts';
import { processes, type Schedule, type Step } from './schedule.ts';

let environment: Environment & { close: () => Promise<void> };

beforeAll(async () => {
  environment = await openEnvironment(dynamodbEndpoint);
});
afterAll(() => environment.close());

const step = (action: Step['action'], more: Partial<Step> = {}): Step => ({
  action,
  user: 0,
  recipient: 0,
  message: 0,
  key: undefined,
  process: 0,
  clock: 1,
  fault: undefined,
  ...more,
});
const once: Schedule['stream'] = { order: 'as read', copies: [1], sizes: [100], overlap: 1, faultRate: 0, seed: 1 };
const withoutFaults: Plan = () => undefined;
const cold = { process: processes - 1 }; // a process whose memory is empty

interface Operation {
  before: (run: Run) => Promise<void>;
  /** The operation under faults. */
  act: (run: Run, plan: Plan) => Promise<void>;
  /** How the client repeats the operation. `drain` repeats sends with a key. */
  repeat?: (run: Run) => Promise<void>;
}
const twoMessages = async (run: Run) => {
  await run.step(step('sendToUser', { user: 1 }));
  await run.step(step('sendInConversation', { user: 1 }));
};
const unprojected = async (run: Run) => {
  await twoMessages(run);
  for (const { user_uuid } of run.users) await withoutRows(environment.table, user_uuid);
};
const operations: Record<string, Operation> = {
  'a send in a conversation with a key': {
    before: twoMessages,
    act: (run, plan) => run.step(step('sendInConversation', { key: 0, ...cold }), plan),
  },
  'a send in a conversation without a key': {
    before: twoMessages,
    act: (run, plan) => run.step(step('sendInConversation', cold), plan),
  },
  'a send by handle into an existing conversation': {
    before: twoMessages,
    act: (run, plan) => run.step(step('sendToUser', { key: 0, ...cold }), plan),
  },
  'a first message with a key': {
    before: async () => {},
    act: (run, plan) => run.step(step('sendToUser', { key: 0 }), plan),
  },
  'marking as read': {
    before: async (run) => {
      await twoMessages(run);
      await run.project(withoutFaults);
    },
    act: (run, plan) => run.step(step('markRead', { message: 0 }), plan),
    repeat: (run) => run.step(step('markRead', { message: 0, ...cold })),
  },
  'marking as read before the first projection': {
    before: unprojected,
    act: (run, plan) => run.step(step('markRead', { message: 1 }), plan),
    repeat: (run) => run.step(step('markRead', { message: 1, ...cold })),
  },
  'a first projection': { before: unprojected, act: (run, plan) => run.project(plan) },
  'a projection that moves the rows': {
    before: async (run) => {
      await twoMessages(run);
      await run.project(withoutFaults);
      await run.step(step('sendInConversation'));
    },
    act: (run, plan) => run.project(plan),
  },
};

/** Runs an operation under faults, repeats it, and checks all invariants. */
async function runOperation({ before, act, repeat }: Operation, plan: Plan) {
  const counts = noFaults();
  const run = new Run({ ...environment, counts });
  let calls = 0;
  await run.createUsers(2);
  try {
    await before(run);
    await act(run, (call) => {
      calls = Math.max(calls, call.n);
      return plan(call);
    });
    await run.layer.settled();
    await repeat?.(run);
    await run.drain(once, true);
  } finally {
    run.release();
  }
  for (const fault of faults) environment.counts[fault] += counts[fault];
  return { calls, injected: Object.values(counts).reduce((sum, count) => sum + count, 0) };
}

describe('every invariant holds after each fault at each call of', () => {
  const possibleAtEveryCall: Fault[] = faults.filter((fault) => !['throttled', 'conflict', 'stale'].includes(fault));

  test.each(Object.entries(operations))('%s', async (_, operation) => {
    const { calls } = await runOperation(operation, withoutFaults);
    // Once, and so often that the SDK's three attempts do not help.
    const cases = Array.from({ length: calls }, (_, index) => index + 1).flatMap((n) =>
      faults.flatMap((fault) => (fault.startsWith('crash') ? [1] : [1, 4]).map((times) => ({ n, fault, times }))),
    );
    let injected = 0;
    const lane = async () => {
      for (let next = cases.shift(); next; next = cases.shift()) {
        const { n, fault, times } = next;
        const outcome = await runOperation(operation, onCall(n, fault, times)).catch((error) => {
          throw new Error(`${fault} at call ${n} of ${calls}, ${times} times:\n${error.message}`, { cause: error });
        });
        if (possibleAtEveryCall.includes(fault)) expect(outcome.injected, `${fault} at call ${n}`).toBeGreaterThan(0);
        if (outcome.injected > 0) injected++;
      }
    };
    await Promise.all(Array.from({ length: 8 }, lane));
    expect(calls).toBeGreaterThan(1);
    console.log(`${calls} calls, ${injected} runs with a fault`);
  });

  // The transaction is the last call of each operation, so the next call is its retry.
  test.each([
    'a send in a conversation with a key',
    'a send in a conversation without a key',
    'a projection that moves the rows',
  ])('%s, with a second fault at the retry', async (name) => {
    const operation = operations[name] as Operation;
    const { calls } = await runOperation(operation, withoutFaults);
    const possible = faults.filter((fault) => fault !== 'stale'); // a transaction cannot be stale; a crash has no retry
    const pairs = possible
      .filter((first) => !first.startsWith('crash'))
      .flatMap((first) => possible.map((second) => [first, second] as const));
    const lane = async () => {
      for (let pair = pairs.shift(); pair; pair = pairs.shift()) {
        const [first, second] = pair;
        await runOperation(operation, ({ n }) =>
          n < calls ? undefined : n === calls ? first : n === calls + 1 ? second : undefined,
        ).catch((error) => {
          throw new Error(`${first}, then ${second}:\n${error.message}`, { cause: error });
        });
      }
    };
    await Promise.all(Array.from({ length: 8 }, lane));
  });
});

test('a send whose answer is lost and whose retries are throttled is not reported as rejected', async () => {
  const lostThenThrottled: Plan = ({ n }) => (n < 2 ? undefined : n === 2 ? 'lost after' : 'throttled call');
  await runOperation(operations['a send in a conversation without a key'] as Operation, lostThenThrottled);
});

test('the tests above injected every fault at least once', () => {
  console.log(JSON.stringify(environment.counts));
  for (const fault of faults) expect(environment.counts[fault], fault).toBeGreaterThan(0);
});

test('a burst of a hundred messages in one conversation needs fewer than fifty projections', async () => {
  const run = new Run(environment, 10_000);
  await run.createUsers(2);
  await run.step(step('sendToUser'));
  let sent = false;
  const steps = Array.from({ length: 99 }, (_, n) =>
    run.step(step('sendInConversation', { user: n % 2, process: n % processes })),
  );
  const burst = Promise.all(steps).finally(() => {
    sent = true;
  });
  // The projector runs without pauses. On AWS it runs less often: it waits for the next poll of the stream.
  let invocations = 0;
  for (; !sent; invocations++) await run.project(withoutFaults);
  await burst;
  await run.drain(once, false);
  const { conversations } = await run.check();
  const projections = Number(conversations[0]?.head?.rows_rev);
  console.log(`100 messages in a burst: ${projections} projections in ${invocations + 1} invocations`);
  expect(conversations[0]?.messages).toHaveLength(100);
  expect(projections).toBeLessThan(50);
  run.release();
});
