import type { Behaviour } from '../behaviour.ts';
import { type Client, dailyLoad } from '../load.ts';
import { operations, projection } from '../operations.ts';
import { busyness, daySeconds } from './day.ts';
import { Outbox } from './outbox.ts';
import { randomFrom } from './random.ts';
import { otherRequests } from './routes.ts';
import { Stream, type StreamSettings } from './stream.ts';
import { Table } from './table.ts';
import { share, TokenBucket } from './token-bucket.ts';

// A day in steps of one second. A message is written by a client, passes API Gateway, gets a function and write units, and is stored; a
// refused one waits at its client and is sent again. A stored message is in the stream until the projector has brought the inbox rows up
// to date, or until it is too old and goes to the failure queue. Messages are counted one by one and none gets lost; what competes with
// them (reads, polls) is counted on average, and refused polls are not repeated, since the next poll is one.

/** What a deployment can take. */
export interface Capacity {
  /** Requests per second and burst: of API Gateway for the account, and for the route of sending. */
  gateway: { rate: number; burst: number };
  sending: { rate: number; burst: number };
  /** Requests per second of each other route. */
  otherRoutes: number;
  /** Concurrent runs of all functions. */
  concurrency: number;
  /** How many environments a function gains, per second and at once. */
  scaling: { rate: number; burst: number };
  /** Quota of the table, in units per second. */
  tableWrites: number;
  tableReads: number;
  /** Units per second that the table takes when the day begins; it then follows its own peaks. */
  warmWrites: number;
  warmReads: number;
}

export interface Scene {
  users: number;
  behaviour: Behaviour;
  client: Client;
  capacity: Capacity;
  stream: StreamSettings;
  seed: number;
}

/** The state at the end of a minute; rates are the minute's means, per second. */
export interface Minute {
  written: number;
  stored: number;
  /** Messages that wait at their clients. */
  waiting: number;
  /** Messages in the stream. */
  queued: number;
  /** Age of the oldest message in the stream, in seconds: Lambda's metric `IteratorAge`. */
  age: number;
  /** Share of the polls and other reads that were refused. */
  unanswered: number;
  refusedByGateway: number;
  refusedByLambda: number;
  refusedByTable: number;
  writeUnits: number;
  warmWrites: number;
  concurrency: number;
}

export interface Outcome {
  minutes: Minute[];
  /** Messages: `written = stored + waiting`, and `stored = projected + queued + expired`. */
  written: number;
  stored: number;
  waiting: number;
  projected: number;
  queued: number;
  /** In the failure queue: stored, but the inbox rows do not show them before the queue is redriven or another message follows. */
  expired: number;
  projections: number;
  attempts: number;
}

/** @param part the seconds of the day that are simulated, by default all */
export function simulate(
  { users, behaviour, client, capacity, stream: settings, seed }: Scene,
  part = { from: 0, until: daySeconds },
): Outcome {
  const random = randomFrom(seed);
  const load = dailyLoad(behaviour, client, settings.window);
  const daily = (users * behaviour.activeDaily) / daySeconds; // of a user's daily count, per second on average
  const others = otherRequests(load.requests);
  const marks = load.requests.markRead;

  const clients = new Outbox(random);
  const gateway = new TokenBucket(capacity.gateway);
  const sending = new TokenBucket(capacity.sending);
  const table = new Table(
    { writes: capacity.tableWrites, reads: capacity.tableReads },
    { writes: capacity.warmWrites, reads: capacity.warmReads },
  );
  const stream = new Stream(random, settings, behaviour);
  const sendSeconds = operations.send.duration / 1_000;
  const markSeconds = operations.markRead.duration / 1_000;
  const scaling = new TokenBucket(capacity.scaling);
  let environments = 0; // of the sending function; none goes while the day lasts

  const outcome: Outcome = {
    minutes: [],
    written: 0,
    stored: 0,
    waiting: 0,
    projected: 0,
    queued: 0,
    expired: 0,
    projections: 0,
    attempts: 0,
  };
  let minute = emptyMinute();

  for (let second = part.from; second < part.until; second++) {
    const busy = busyness(second, behaviour);
    const written = random.poisson(load.messages * daily * busy.messages);
    const attempts = written + clients.due(second);
    const marking = marks * daily * busy.messages;
    const reading = others.accepted(daily * busy.online, capacity.otherRoutes);
    const posts = load.sockets.posts * daily * busy.messages;

    // API Gateway: sends, readings, other requests and posts to connections share one rate.
    const arriving = attempts + marking + reading + posts;
    const accepted = share(gateway.take(arriving), arriving);
    const passed = Math.min(random.round(attempts * accepted), Math.floor(sending.take(attempts * accepted)));

    // Lambda: all functions share the account's concurrency; one function gains environments slowly.
    const plan = stream.plan(table.partitions);
    const wanted =
      passed * sendSeconds + marking * accepted * markSeconds + reading * accepted * others.seconds + plan.concurrency;
    const run = share(capacity.concurrency, wanted);
    const needed = passed * run * sendSeconds;
    environments += scaling.take(Math.max(0, needed - environments));
    const running = Math.min(passed, random.round(Math.min(needed, environments) / sendSeconds));

    // DynamoDB: what is wanted in this second beyond the units that the table has is refused, whoever wants it.
    const projections = plan.projections * run;
    const marked = marking * accepted * run;
    const writes =
      running * operations.send.writes + marked * operations.markRead.writes + projections * projection.writes;
    const reads =
      running * operations.send.reads +
      marked * operations.markRead.reads +
      reading * accepted * run * others.reads +
      projections * projection.reads;
    const shares = table.take(second, { writes, reads });
    const granted = Math.min(shares.writes, shares.reads); // of what reads and writes
    const answered = (reading * accepted * run * shares.reads) / others.wanted(daily * busy.online);
    const stored = Math.min(running, random.round(running * granted));

    clients.refuse(second, attempts - stored, written);
    stream.append(second, stored);
    const projected = stream.project(plan, run * granted);
    const expired = stream.expire(second);

    outcome.written += written;
    outcome.attempts += attempts;
    outcome.stored += stored;
    outcome.projected += projected;
    outcome.expired += expired;
    outcome.projections += projections * granted;

    minute.written += written / 60;
    minute.stored += stored / 60;
    minute.unanswered += Math.max(0, 1 - answered) / 60;
    minute.refusedByGateway += (attempts - passed) / 60;
    minute.refusedByLambda += (passed - running) / 60;
    minute.refusedByTable += (running - stored) / 60;
    minute.writeUnits += (writes * shares.writes) / 60;
    minute.concurrency = Math.max(minute.concurrency, wanted * run);
    minute.warmWrites = table.writes;
    minute.age = Math.max(minute.age, stream.age(second));
    if (second % 60 === 59) {
      outcome.minutes.push({ ...minute, waiting: clients.waiting, queued: stream.queued });
      minute = emptyMinute();
    }
  }
  return { ...outcome, waiting: clients.waiting, queued: stream.queued };
}

const emptyMinute = (): Minute => ({
  written: 0,
  stored: 0,
  waiting: 0,
  queued: 0,
  age: 0,
  unanswered: 0,
  refusedByGateway: 0,
  refusedByLambda: 0,
  refusedByTable: 0,
  writeUnits: 0,
  warmWrites: 0,
  concurrency: 0,
});
