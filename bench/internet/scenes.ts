import { type Behaviour, behaviour } from './behaviour.ts';
import { type Client, dailyLoad, dailyUse } from './load.ts';
import * as quotas from './quotas.ts';
import type { Settings } from './settings.ts';
import type { Capacity, Scene } from './simulation/simulate.ts';

export const seed = 20_261_231;

/** Seconds of the stream that one batch takes in, apart from the batch window: the time between two polls of a shard. */
export const pollWindow = 1 / quotas.shardPolls.value;

/** A day that is simulated, with what it shows. */
export interface NamedScene extends Scene {
  name: string;
  /** How the deployment differs from the one before. */
  about: string;
}

const unlimited = { rate: 1e9, burst: 1e9 };

/** Five deployments on the same night, each better prepared than the one before. */
export function scenes(settings: Settings): NamedScene[] {
  const stream = {
    batchSize: settings.stream.batchSize,
    parallelization: settings.stream.parallelization,
    window: pollWindow + settings.stream.batchWindow,
    maximumAge: settings.stream.maximumAge,
  };
  const account = {
    gateway: { rate: quotas.gatewayRequests.value, burst: quotas.gatewayBurst.value },
    concurrency: quotas.concurrency.value,
    scaling: { rate: quotas.scaling.value, burst: quotas.scalingBurst.value },
    tableWrites: quotas.tableWrites.value,
    tableReads: quotas.tableReads.value,
  };
  const raised = {
    gateway: { rate: 10 * account.gateway.rate, burst: account.gateway.burst },
    concurrency: 10 * account.concurrency,
    scaling: account.scaling,
    tableWrites: 10 * account.tableWrites,
    tableReads: 10 * account.tableReads,
  };
  const ours = {
    sending: settings.limitOf('POST /api/messages'),
    otherRoutes: settings.limitOf('GET /api/message_groups').rate,
  };
  const open = { sending: unlimited, otherRoutes: unlimited.rate };
  const scene = (
    name: string,
    about: string,
    users: number,
    client: Client,
    capacity: Omit<Capacity, 'warmWrites' | 'warmReads'>,
    changes: { warm?: number; maximumAge?: number } = {},
  ): NamedScene => {
    const warm = warmthOfYesterday(users, behaviour, client, stream.window);
    return {
      name,
      about,
      users,
      behaviour,
      client,
      capacity: { ...capacity, warmWrites: changes.warm ?? warm.writes, warmReads: changes.warm ?? warm.reads },
      stream: { ...stream, maximumAge: changes.maximumAge ?? stream.maximumAge },
      seed,
    };
  };

  return [
    scene('as deployed', '100,000 users; the settings of this repository, default quotas', 1e5, 'polling', {
      ...account,
      ...ours,
    }),
    scene('default quotas', '1,000,000 users; our own rate limits removed', 1e6, 'polling', { ...account, ...open }),
    scene(
      'raised quotas',
      '1,000,000 users, realtime; quotas ten times the default, our own rate limits removed',
      1e6,
      'realtime',
      {
        ...raised,
        ...open,
      },
    ),
    scene(
      'short record age',
      'the same, with `maximumRecordAgeInSeconds` of five minutes',
      1e6,
      'realtime',
      { ...raised, ...open },
      { maximumAge: 300 },
    ),
    scene(
      'prepared',
      'as with raised quotas; besides, the warm throughput of the table is set to 80,000 units a second',
      1e6,
      'realtime',
      { ...raised, ...open },
      { warm: 80_000 },
    ),
  ];
}

/** What the table takes at once: twice the peak of the evening before, and never less than a new table. */
function warmthOfYesterday(users: number, of: Behaviour, client: Client, window: number) {
  const { writes, reads } = dailyUse(dailyLoad(of, client, window));
  const peak = (users * of.activeDaily * of.dailyPeak) / 86_400;
  return {
    writes: Math.max(quotas.newTableWrites.value, quotas.growth.value * peak * writes),
    reads: Math.max(quotas.newTableReads.value, quotas.growth.value * peak * reads),
  };
}

/** How many write units of all are saved when a batch takes in more of the stream. */
export function savedByWindow(seconds: number): number {
  const use = (window: number) => dailyUse(dailyLoad(behaviour, 'polling', window)).writes;
  return 1 - use(pollWindow + seconds) / use(pollWindow);
}
