import { randomUUID } from 'node:crypto';
import { markRead } from '../../core/mark-read.ts';
import { parse } from '../../core/model/parse.ts';
import { fromMicros } from '../../core/model/time.ts';
import { type RegisteredUser, registeredUserSchema } from '../../core/model/user.ts';
import { sendMessage } from '../../core/send-message.ts';
import { userItems } from '../../core/table/items.ts';
import { atRandom, type Counts, FaultLayer, type Plan } from '../support/faults.ts';
import { type Answer, Model, type SendRequest } from '../support/model.ts';
import { type Arrangement, arrange, type Capture, deliver } from '../support/stream-layer.ts';
import { load } from '../support/table.ts';
import { violatedInvariants } from './invariants.ts';
import { type Database, invoke, newProcess, type Process } from './process.ts';
import type { Projector } from './projector.ts';
import { randomFrom } from './random.ts';
import { processes, type Schedule, type Step } from './schedule.ts';
import { readStored, type Stored } from './stored.ts';

/** A table with its stream and its projector, shared by any number of concurrent runs: each has its own users. */
export interface Environment extends Database {
  capture: Capture;
  project: Projector;
  counts: Counts;
}

const noon = Date.UTC(2024, 1, 29, 12) * 1000;
const withoutFaults: Plan = () => undefined;

/** One run: its users, the model of what they did, the processes that serve them, and the faults. */
export class Run {
  readonly model = new Model();
  readonly layer: FaultLayer;
  users: RegisteredUser[] = [];
  readonly #environment: Environment;
  readonly #clocks = Array.from({ length: processes }, () => noon);
  readonly #processes: (Process | undefined)[] = [];
  readonly #conversations = new Set<string>();

  readonly #retryBudget: number;

  /** @param retryBudget of its processes, in ms; default 400, so short that some of them give up */
  constructor(environment: Environment, retryBudget = 400) {
    this.#environment = environment;
    this.#retryBudget = retryBudget;
    this.layer = new FaultLayer(environment.counts);
  }

  async createUsers(count: number): Promise<void> {
    this.users = Array.from({ length: count }, () => {
      const user_uuid = randomUUID();
      const handle = `p${user_uuid.replaceAll('-', '').slice(0, 20)}`;
      const email = `${handle}@example.com`;
      return parse(registeredUserSchema, {
        user_uuid,
        handle,
        display_name: `Display of ${handle}`,
        cognito_user_id: user_uuid,
        email,
      });
    });
    await load(this.#environment.table, this.users.flatMap(userItems));
  }

  /** Runs one step in its process. A process that has crashed is replaced. */
  async step(step: Step, plan: Plan = planOf(step)): Promise<void> {
    if (step.action === 'deliver') return this.#deliverEarly(step);
    const process = this.#process(step);
    const me = this.users[step.user % this.users.length] as RegisteredUser;
    if (step.action === 'markRead') {
      const accepted = this.model.acknowledged();
      const upTo = accepted[step.message % accepted.length];
      if (!upTo) return;
      const request = this.#requestOf(upTo.message);
      const isStranger = request && ![request.from, request.to].some(({ user_uuid }) => user_uuid === me.user_uuid);
      return this.model.read(me, upTo, () =>
        invoke(
          this.#environment,
          process,
          [this.layer, plan],
          async (deps) => {
            await markRead(deps, me, { message_group_uuid: upTo.message_group_uuid, created_at: upTo.created_at });
            if (isStranger) throw new Error('a stranger marked a message as read');
          },
          isStranger ? ['message_group_unknown'] : [],
        ),
      );
    }
    const distance = 1 + (step.recipient % (this.users.length - 1));
    const to = this.users[(step.user + distance) % this.users.length] as RegisteredUser;
    await this.#send(process, plan, me, to, step);
  }

  /** One invocation of the projector with all records of the stream so far. */
  async project(plan: Plan): Promise<void> {
    const records = await this.#records(await this.stored());
    const process = newProcess(() => fromMicros(noon), this.#retryBudget);
    await invoke(this.#environment, process, [this.layer, plan], (deps) => this.#environment.project(deps, records));
  }

  /** Repeats each send request with a key that was not accepted; then delivers the whole stream. */
  async drain(stream: Schedule['stream'], replay: boolean): Promise<void> {
    await this.layer.settled();
    for (const request of this.model.unacknowledged()) {
      const answer = await this.#attempt(
        newProcess(() => fromMicros(noon), 6_000),
        withoutFaults,
        request,
      );
      if (answer === 'rejected' || answer === 'unknown') throw new Error(`${request.text} was sent again in vain`);
    }
    const records = await this.#records(await this.stored());
    await this.#deliver(records, stream);
    const before = await this.check();
    if (!replay) return;
    await this.#deliver(records, { ...stream, seed: stream.seed + 1 });
    const shown = ({ rows, conversations }: Stored) => JSON.stringify([rows, conversations.map(({ head }) => head)]);
    if (shown(await this.check()) !== shown(before))
      throw new Error('the second delivery of the stream changed rows or heads');
  }

  /** @throws Error that lists every violation */
  async check(): Promise<Stored> {
    await this.layer.settled();
    const stored = await this.stored();
    const violations = [...violatedInvariants(stored, this.users), ...this.model.violations(stored)];
    if (violations.length > 0) throw new Error(violations.join('\n'));
    return stored;
  }

  stored(): Promise<Stored> {
    return readStored(this.#environment.table, this.users, [...this.#conversations]);
  }

  /** Frees the captured records of the run's users. */
  release(): void {
    this.#environment.capture.forget(this.users.map(({ user_uuid }) => user_uuid));
  }

  async #send(
    process: Process,
    plan: Plan,
    from: RegisteredUser,
    to: RegisteredUser,
    { action, key }: Step,
  ): Promise<void> {
    const conversation = action === 'sendInConversation' ? this.#conversationOf(from, to) : undefined;
    const names = [from, to].map((user) => this.users.indexOf(user)).join('>');
    const label = key === undefined ? `#${this.model.sends.length}-${randomUUID()}` : `key${key}`;
    const text = `${conversation ? 'in' : 'to'} ${names} ${label}`;
    const idempotencyKey = key === undefined ? undefined : text.replaceAll(' ', '_');
    await this.#attempt(process, plan, { from, to, text, key: idempotencyKey, conversation });
  }

  async #attempt(
    process: Process,
    plan: Plan,
    request: SendRequest & { conversation?: string | undefined },
  ): Promise<Answer<unknown>> {
    const target = request.conversation ? { message_group_uuid: request.conversation } : { handle: request.to.handle };
    const answer = await this.model.send(request, () =>
      invoke(this.#environment, process, [this.layer, plan], (deps) =>
        sendMessage(deps, request.from, { message: request.text, ...target }, request.key),
      ),
    );
    if (typeof answer === 'object') this.#conversations.add(answer.accepted.message_group_uuid);
    return answer;
  }

  #process({ process: n, clock }: Step): Process {
    this.#clocks[n] = (this.#clocks[n] ?? noon) + clock;
    const process = this.#processes[n];
    if (process && !process.lifetime.ended) return process;
    const next = newProcess(() => fromMicros(this.#clocks[n] ?? noon), this.#retryBudget);
    this.#processes[n] = next;
    return next;
  }

  #requestOf(text: string): SendRequest | undefined {
    return this.model.sends.find(({ subject }) => subject.text === text)?.subject;
  }

  #conversationOf(one: RegisteredUser, other: RegisteredUser): string | undefined {
    return this.model.acknowledged().find(({ message }) => {
      const { from, to } = this.#requestOf(message) ?? {};
      return (from === one && to === other) || (from === other && to === one);
    })?.message_group_uuid;
  }

  // Delivers the records of the stream so far, once they include the one of the step's message, while other steps run.
  async #deliverEarly({ message: index, fault }: Step): Promise<void> {
    const accepted = this.model.acknowledged();
    const message = accepted[index % accepted.length];
    if (!message) return;
    const key = { pk: `MSG#${message.message_group_uuid}`, sk: message.created_at };
    const records = await this.#environment.capture.recordsOf(this.#senders(), [key]);
    const arrangement = { order: 'any', copies: [1, 2], sizes: [3, 1], overlap: 2, seed: index } as const;
    await this.#deliver(records, { ...arrangement, copies: [1, 2], sizes: [3, 1], faultRate: fault ? 0.3 : 0 });
  }

  #senders = () => this.users.map(({ user_uuid }) => user_uuid as string);

  #records({ conversations }: Stored) {
    const keys = conversations.flatMap(({ messages }) =>
      messages.map(({ pk, sk }) => ({ pk: String(pk), sk: String(sk) })),
    );
    return this.#environment.capture.recordsOf(this.#senders(), keys);
  }

  async #deliver(
    records: Parameters<typeof arrange>[0],
    { overlap, faultRate, seed, ...arrangement }: Arrangement & Omit<Schedule['stream'], keyof Arrangement>,
  ): Promise<void> {
    const random = randomFrom(seed);
    const last = 4; // the attempt without faults: another test covers faults that stay
    const givenUp = await deliver(arrange(records, arrangement, random), overlap, async (batch, attempt) => {
      const process = newProcess(() => fromMicros(noon), attempt === last ? 6_000 : this.#retryBudget);
      const plan = attempt === last ? withoutFaults : atRandom(random, faultRate);
      const project = this.#environment.project;
      const answer = await invoke(this.#environment, process, [this.layer, plan], (deps) => project(deps, batch));
      if (answer === 'unknown' || answer === 'rejected') throw new Error('the invocation ended');
      return answer.accepted;
    });
    await this.layer.settled();
    if (givenUp.length > 0) throw new Error(`${givenUp.length} records were given up`);
  }
}

function planOf({ fault }: Step): Plan {
  if (!fault) return withoutFaults;
  const { on, at, kind, next, times } = fault;
  if (kind === 'stale') return () => kind; // a verb makes at most one read that can be stale
  let n = 0;
  return ({ command }) => {
    if (on === 'calls' || command === 'TransactWriteItemsCommand') n++;
    else return undefined;
    if (n === at) return kind;
    return n > at && n < at + times ? next : undefined;
  };
}

/** Runs a schedule and checks what is stored in the end. */
export async function runSchedule(environment: Environment, schedule: Schedule): Promise<void> {
  const run = new Run(environment);
  await run.createUsers(schedule.users);
  try {
    for (const round of schedule.rounds) {
      const outcomes = await Promise.allSettled(round.map((step) => run.step(step)));
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    }
    await run.drain(schedule.stream, schedule.replay);
  } finally {
    run.release();
  }
}
