import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { storedMeasurements, toJson } from '../../../bench/harness/files.ts';
import { dayCost, doors, sizes } from '../../../bench/internet/attack.ts';
import {
  type Behaviour,
  behaviour,
  messagesPerProjection,
  pingInterval,
  pollInterval,
  pollsPerSession,
  slowPoll,
  stateAge,
  statesPerSession,
} from '../../../bench/internet/behaviour.ts';
import { monthlyCost, runningCost, services, total } from '../../../bench/internet/cost.ts';
import { tieredCost } from '../../../bench/internet/facts.ts';
import { limits } from '../../../bench/internet/limits.ts';
import { dailyLoad, dailyUse, idleHour } from '../../../bench/internet/load.ts';
import { functionLogs, httpRequest, prices, storage } from '../../../bench/internet/prices.ts';
import { quotas } from '../../../bench/internet/quotas.ts';
import { attackBlocks } from '../../../bench/internet/report/attack.ts';
import { costBlocks } from '../../../bench/internet/report/cost.ts';
import { limitBlocks } from '../../../bench/internet/report/limits.ts';
import { sourceBlocks } from '../../../bench/internet/report/sources.ts';
import { scenes } from '../../../bench/internet/scenes.ts';
import { readSettings } from '../../../bench/internet/settings.ts';
import { busyness, daySeconds, midnight, ordinary } from '../../../bench/internet/simulation/day.ts';
import { Outbox } from '../../../bench/internet/simulation/outbox.ts';
import { randomFrom } from '../../../bench/internet/simulation/random.ts';
import { type Scene, simulate } from '../../../bench/internet/simulation/simulate.ts';
import { Table } from '../../../bench/internet/simulation/table.ts';
import { TokenBucket } from '../../../bench/internet/simulation/token-bucket.ts';
import { internet } from '../../../bench/suites/internet.ts';

// A user who sends ten messages a day, each for itself, reads once, and does nothing else.
const writer: Behaviour = {
  ...behaviour,
  activeDaily: 1,
  messagesPerDay: 10,
  firstContactsPerDay: 0,
  sessionsPerDay: 0,
  searchesPerDay: 0,
  renewalsPerDay: 0,
  newUsersPerDay: 0,
  burst: 10,
  burstGap: Number.POSITIVE_INFINITY,
  dailyPeak: 2,
  newYearPeak: 4,
};
const settings = readSettings();
const plan = { behaviour: writer, client: 'polling', window: 0.25, memory: 0.5 } as const;

describe('costs', () => {
  test('each tier of a price holds for the units in it', () => {
    expect(tieredCost(httpRequest, 350e6)).toBeCloseTo(300 * 1 + 50 * 0.9);
    expect(tieredCost(storage, 25)).toBe(0);
    expect(tieredCost(storage, 125)).toBeCloseTo(100 * 0.25);
    expect(tieredCost(functionLogs, 60_000)).toBeCloseTo(5_000 + 5_000 + 2_000 + 500);
  });

  test('a thousand users who write ten messages a day', () => {
    const cost = monthlyCost(1_000, plan);
    const userDays = 1_000 * 30;
    // Ten sends of 6 units, ten projections of 10 and one reading of 4.
    expect(cost['DynamoDB writes']).toBeCloseTo((userDays * (60 + 100 + 4) * 0.625) / 1e6);
    // Ten sends and a reading are requests; each costs a dollar a million.
    expect(cost['API Gateway']).toBeCloseTo((userDays * 11 * 1) / 1e6);
    expect(cost.Cognito).toBe(0); // the first 10,000 users are free
  });

  test('110,000 users cost Cognito’s price of 100,000', () => {
    expect(monthlyCost(110_000, plan).Cognito).toBeCloseTo(100_000 * 0.015);
  });

  test('renewals above Cognito’s quota cost extra, at the peak of the year', () => {
    const renewing = { ...writer, renewalsPerDay: 86_400 / 1_000 }; // a user renews a thousandth of the time
    const peak = 200_000 * (1 / 1_000) * 2 * Math.sqrt(4);
    const cost = monthlyCost(200_000, { ...plan, behaviour: renewing });
    expect(cost.Cognito).toBeCloseTo(190_000 * 0.015 + (peak - 120) * 20);
  });

  test('the total is the sum of the services', () => {
    const cost = monthlyCost(1e6, { ...plan, behaviour });
    expect(total(cost)).toBeCloseTo(services.reduce((sum, name) => sum + cost[name], 0));
  });

  test('realtime replaces most polls, and adds connections', () => {
    const polling = dailyLoad(behaviour, 'polling', 0.25);
    const realtime = dailyLoad(behaviour, 'realtime', 0.25);
    expect(realtime.requests.pollInbox).toBeLessThan(polling.requests.pollInbox / 5);
    expect(polling.sockets).toEqual({ connections: 0, minutes: 0, pings: 0, posts: 0 });
    expect(realtime.sockets.minutes).toBeCloseTo((behaviour.sessionsPerDay * behaviour.session) / 60);
    expect(dailyUse(realtime).reads).toBeLessThan(dailyUse(polling).reads);
  });

  test('a connected tab in the background pings, and connects once an hour with a new token', () => {
    const hour = idleHour(false, 1);
    const { runs, requests, writes } = dailyUse(hour);
    // 15 pings, three runs of connecting, the ticket and the renewal.
    expect({ runs, requests, writes }).toEqual({ runs: 15 + 3 + 2, requests: 2, writes: 1 + 5 + 1 });
    // 60 minutes, each ping with its answer, and two requests.
    expect(runningCost(1e6, hour, 0.5)['API Gateway']).toBeCloseTo(60 * 0.25 + 30 + 2);
    expect(dailyUse(idleHour(true, 1)).requests).toBe(2 + 3 * 60); // inbox, messages and state, once a minute
  });
});

describe('an attacker', () => {
  const day = 86_400;

  test('costs the requests, the runs, the logs and the traffic of a day, beyond the free allowances', () => {
    const request = { http: 1, runs: 1, duration: 10, bytes: 100_000 };
    const requests = 10 * day;
    const logs = ((900 + 350) * requests) / 1e9;
    const traffic = (100_000 * requests) / 1e9;
    expect(dayCost(10, request, 0.5)).toBeCloseTo(
      requests * (1e-6 + 0.2e-6 + 0.05 * 5e-6 + 0.01 * 0.5 * 0.0000133334) + logs * 0.5 + traffic * 0.09,
    );
    expect(dayCost(1, { signUps: 1 }, 0.5)).toBeCloseTo(day * (0.015 + 0.0001));
    expect(dayCost(1, { writes: 8, reads: 8 }, 0.5)).toBeCloseTo(day * (8 * 0.625e-6 + 8 * 0.125e-6));
    expect(dayCost(1, { frames: 2 }, 0.5)).toBeCloseTo(day * 2e-6);
  });

  test('finds each route that needs no token among the ways in, at its limit', () => {
    const ways = doors(settings);
    const open = settings.routes.filter(({ needsToken }) => !needsToken).map(({ route }) => route);
    const gets = open.filter((route) => !route.startsWith('HEAD '));
    expect(gets.length).toBeGreaterThan(3);
    for (const route of gets) {
      const way = ways.find(({ what }) => what.startsWith(`\`${route}\``));
      expect(way?.now, route).toBe(settings.limitOf(route).rate);
    }
    const heads = open.filter((route) => route.startsWith('HEAD '));
    const ofHeads = heads.reduce((sum, route) => sum + settings.limitOf(route).rate, 0);
    expect(ways.find(({ id }) => id === 'head')?.now).toBe(ofHeads);
    expect(ways.find(({ id }) => id === 'no-token')?.now).toBe(200 * (settings.routes.length - open.length));
  });

  test('gets answers as large as the model takes them to be', () => {
    const yaml = readFileSync(resolve(import.meta.dirname, '../../../docs/openapi.yaml'), 'utf8');
    const document = Buffer.byteLength(JSON.stringify(parse(yaml)));
    expect(document).toBeLessThanOrEqual(sizes.document);
    expect(document).toBeGreaterThan(0.75 * sizes.document);
  });

  test('cannot cost as much by a large answer as by a small one at the limit that all routes share', () => {
    const ways = doors(settings);
    const cost = (id: string) => {
      const { now = 0, request = {} } = ways.find((door) => door.id === id) ?? {};
      return dayCost(now, request, settings.memory);
    };
    expect(sizes.largestFile).toBeGreaterThan(100 * sizes.page);
    for (const id of ['assets', 'document']) expect(cost(id), id).toBeLessThan(2 * cost('page'));
  });
});

describe('behaviour', () => {
  test('the intervals between polls are those of the web client', async () => {
    const client = resolve(import.meta.dirname, '../../../web/src/data/polling.ts');
    const polling: { pollInterval: (emptyPolls: number) => number } = await import(client);
    for (let emptyPolls = 0; emptyPolls < 12; emptyPolls++)
      expect(pollInterval(emptyPolls) * 1_000).toBe(polling.pollInterval(emptyPolls));
  });

  test('the state of a conversation is as old as in the web client', async () => {
    const client = resolve(import.meta.dirname, '../../../web/src/data/thread.ts');
    const thread: { stateAge: number } = await import(client);
    expect(stateAge * 1_000).toBe(thread.stateAge);
    expect(statesPerSession({ session: 100, changeEvery: 50 })).toBe(6);
  });

  test('pings, and polls beside a connection, are as frequent as in the web client', async () => {
    const data = resolve(import.meta.dirname, '../../../web/src/data');
    const { whileConnected } = (await import(`${data}/polling.ts`)) as { whileConnected: number };
    const connection = (await import(`${data}/connection.ts`)) as { pingInterval: number };
    expect([slowPoll * 1_000, pingInterval * 1_000]).toEqual([whileConnected, connection.pingInterval]);
  });

  test('a page polls at 0, 2, 5, 9.5 … seconds until something changes, and then as often again', () => {
    expect(pollsPerSession({ session: 9, changeEvery: 1_000 })).toBe(3);
    expect(pollsPerSession({ session: 10, changeEvery: 1_000 })).toBe(4);
    expect(pollsPerSession({ session: 10, changeEvery: 1 })).toBe(5);
  });

  test('a batch covers one message of a burst at once, and the whole burst if it waits long enough', () => {
    expect(messagesPerProjection({ burst: 3, burstGap: 6 }, 0)).toBe(1);
    expect(messagesPerProjection({ burst: 3, burstGap: 6 }, 1e6)).toBeCloseTo(3);
    // Two thirds of the messages are followed by another, of which 1 − 1/e come within the window.
    expect(messagesPerProjection({ burst: 3, burstGap: 6 }, 6)).toBeCloseTo(1 / (1 - (2 / 3) * (1 - 1 / Math.E)));
  });
});

describe('limits', () => {
  const of = (changes: Partial<Behaviour>, rate = 100) =>
    limits({
      behaviour: { ...writer, ...changes },
      client: 'polling',
      settings: {
        ...settings,
        limitOf: (route) => (route === 'POST /api/messages' ? { rate, burst: rate } : settings.limitOf(route)),
      },
      window: 0.25,
    });

  test('432,000 users who send ten messages a day send a hundred a second in the busiest hour', () => {
    const sending = of({}).find(({ id }) => id === 'route-send');
    expect(sending?.users).toBeCloseTo(432_000);
    expect(sending?.newYearUsers).toBeCloseTo(108_000);
  });

  test('the first limit is our own while it is low, and the table’s when it is not', () => {
    expect(of({})[0]?.id).toBe('route-send');
    // 164 write units a day: 4,000 a second are reached by 263,415 users on New Year's Eve, 40,000 by ten times as many.
    const others = of({}, 1e9).filter(({ id }) => id !== 'warm');
    expect(of({}, 1e9)[0]?.id).toBe('warm');
    expect(of({}, 1e9)[0]?.newYearUsers).toBeCloseTo((4_000 * 86_400) / (164 * 2 * 4));
    expect(others.find(({ id }) => id === 'table-writes')?.newYearUsers).toBeCloseTo((40_000 * 86_400) / (164 * 2 * 4));
  });

  test('limits are listed in the order in which they are met', () => {
    const users = of(behaviour).map(({ newYearUsers }) => newYearUsers);
    expect(users).toEqual(users.toSorted((a, b) => a - b));
  });
});

describe('the day', () => {
  test('an ordinary day has a mean of 1 and its peak in the evening', () => {
    const minutes = Array.from({ length: 1_440 }, (_, minute) => ordinary(minute * 60, behaviour));
    expect(minutes.reduce((sum, busy) => sum + busy, 0) / 1_440).toBeCloseTo(1);
    expect(Math.max(...minutes)).toBeCloseTo(behaviour.dailyPeak);
    expect(minutes.indexOf(Math.max(...minutes)) / 60 + 12).toBeCloseTo(20.5);
  });

  test('at midnight it is as busy as the assumptions say, and at noon as on another day', () => {
    expect(busyness(midnight, behaviour).messages).toBeCloseTo(behaviour.dailyPeak * behaviour.newYearPeak);
    expect(busyness(0, behaviour).messages).toBeCloseTo(ordinary(0, behaviour));
  });
});

describe('the parts of the simulation', () => {
  test('random numbers have the mean that they are asked for', () => {
    const random = randomFrom(7);
    for (const mean of [0.3, 8, 400]) {
      const numbers = Array.from({ length: 40_000 }, () => random.poisson(mean));
      const ratio = numbers.reduce((sum, number) => sum + number, 0) / 40_000 / mean;
      expect(ratio).toBeGreaterThan(0.97);
      expect(ratio).toBeLessThan(1.03);
    }
  });

  test('a token bucket lets through its burst once, and then its rate', () => {
    const bucket = new TokenBucket({ rate: 10, burst: 5 });
    expect([bucket.take(100), bucket.take(100), bucket.take(4), bucket.take(100)]).toEqual([15, 10, 4, 15]);
  });

  test('a table takes twice what it took half an hour before, up to its quota', () => {
    const table = new Table({ writes: 50_000, reads: 50_000 }, { writes: 20_000, reads: 50_000 });
    const wanted = { writes: 40_000, reads: 0 };
    expect(table.take(0, wanted)).toEqual({ writes: 0.5, reads: 1 });
    expect(table.take(1_799, wanted).writes).toBe(0.5);
    expect(table.take(1_800, wanted).writes).toBe(1);
    expect(table.writes).toBe(40_000);
    table.take(3_600, wanted);
    expect(table.writes).toBe(50_000);
    expect(table.partitions).toBe(50);
  });

  test('a refused message is sent again after pauses of up to 1, 2, 4 … 30 seconds', () => {
    const outbox = new Outbox(randomFrom(1));
    const sentAt: number[] = [];
    outbox.refuse(0, 1, 1);
    for (let second = 1; sentAt.length < 8; second++) {
      if (outbox.due(second) === 0) continue;
      sentAt.push(second);
      outbox.refuse(second, 1, 0);
    }
    const pauses = sentAt.map((second, index) => second - (sentAt[index - 1] ?? 0));
    expect(outbox.waiting).toBe(1);
    pauses.forEach((pause, refusals) => {
      const bound = Math.min(30, 2 ** refusals);
      expect(pause).toBeGreaterThanOrEqual(Math.floor(bound / 2));
      expect(pause).toBeLessThanOrEqual(bound);
    });
  });
});

describe('the simulation', () => {
  const asDeployed = scenes(settings)[0] as Scene;
  const party = { from: midnight - 300, until: midnight + 900 };
  const night = (changes: Partial<Scene['capacity']>, maximumAge = 300, seed = 1) =>
    simulate(
      {
        ...asDeployed,
        seed,
        capacity: { ...asDeployed.capacity, ...changes },
        stream: { ...asDeployed.stream, maximumAge },
      },
      party,
    );
  const ample = { sending: { rate: 1e9, burst: 1e9 }, warmWrites: 40_000, warmReads: 40_000 };

  test.each([
    ['API Gateway', {}],
    ['Lambda', { ...ample, concurrency: 6 }],
    ['the table', { ...ample, warmWrites: 2_000 }],
    ['nothing', ample],
  ])('no message is lost when %s refuses', (_, capacity) => {
    for (const maximumAge of [300, 20]) {
      const { written, stored, waiting, projected, queued, expired, minutes } = night(capacity, maximumAge);
      expect(written).toBeGreaterThan(100_000);
      expect(stored + waiting).toBe(written);
      expect(projected + queued + expired).toBe(stored);
      expect(minutes.at(-1)).toMatchObject({ waiting, queued });
    }
  });

  test('what refuses is what is too small', () => {
    const refusals = (capacity: Partial<Scene['capacity']>) =>
      night(capacity).minutes.reduce(
        (sum, { refusedByGateway, refusedByLambda, refusedByTable }) => ({
          gateway: sum.gateway || refusedByGateway > 1,
          lambda: sum.lambda || refusedByLambda > 1,
          table: sum.table || refusedByTable > 1,
        }),
        { gateway: false, lambda: false, table: false },
      );
    expect(refusals(ample)).toEqual({ gateway: false, lambda: false, table: false });
    expect(refusals({ ...ample, sending: { rate: 100, burst: 0 } })).toMatchObject({ gateway: true, table: false });
    expect(refusals({ ...ample, concurrency: 6 })).toMatchObject({ lambda: true, table: false });
    expect(refusals({ ...ample, warmWrites: 2_000 })).toMatchObject({ lambda: false, table: true });
  });

  test('a projector without write units falls behind, and old records go to the failure queue', () => {
    const starved = { ...ample, warmWrites: 2_000 };
    const patient = night(starved, 6 * 3_600);
    expect(Math.max(...patient.minutes.map(({ age }) => age))).toBeGreaterThan(20);
    expect(patient.expired).toBe(0);
    const hasty = night(starved, 20);
    expect(Math.max(...hasty.minutes.map(({ age }) => age))).toBeLessThanOrEqual(20);
    expect(hasty.expired).toBeGreaterThan(0);
  });

  test('with enough of everything, nothing waits and inboxes follow within a second', () => {
    const { waiting, attempts, written, minutes } = night(ample);
    expect(waiting).toBe(0);
    expect(attempts).toBe(written);
    expect(Math.max(...minutes.map(({ age }) => age))).toBeLessThanOrEqual(1);
  });

  test('a seed repeats a day exactly, another one does not', () => {
    expect(night({}, 300, 5)).toEqual(night({}, 300, 5));
    expect(night({}, 300, 5)).not.toEqual(night({}, 300, 6));
  });

  test('the scenes simulate whole days', () => {
    expect(daySeconds / 60).toBe(1_440);
    expect(scenes(settings).map(({ name }) => name)).toEqual([...new Set(scenes(settings).map(({ name }) => name))]);
  });
});

test('the settings are those of the files that are deployed', () => {
  const { rate } = settings.limitOf('GET /api/me');
  expect(rate).toBeGreaterThan(0);
  expect(settings.limitOf('POST /api/messages').rate).toBe(rate);
  expect(settings.limitOf('GET /openapi.json').rate).toBeLessThan(rate);
  expect(settings.socketLimit.rate).toBeGreaterThan(0);
  expect(settings.stream).toEqual({
    batchSize: expect.any(Number),
    batchWindow: expect.any(Number),
    parallelization: expect.any(Number),
    maximumAge: expect.any(Number),
  });
  expect(settings.memory).toBeGreaterThan(0);
});

test('what is stored of costs, limits and sources is what the model computes', () => {
  const stored = storedMeasurements([internet]).get('internet');
  const computed = [...costBlocks(settings), ...attackBlocks(settings), ...limitBlocks(settings), ...sourceBlocks()];
  const missing = JSON.parse(toJson(computed)).filter(
    (block: unknown) => !stored?.blocks.some((each) => isDeepStrictEqual(each, block)),
  );
  expect(missing, 'run `npm run bench -- internet`').toEqual([]);
});

test('every price and quota names its source and date', () => {
  for (const { what, source, asOf } of [...prices, ...quotas]) {
    expect(source, what).toMatch(/^https:\/\/([\w-]+\.)*(aws\.amazon|amazonaws)\.com\//);
    expect(asOf, what).toMatch(/^20\d\d-\d\d(-\d\d)?$/);
  }
});
