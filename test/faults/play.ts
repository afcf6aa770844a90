import { randomUUID } from 'node:crypto';
import { markRead } from '../../core/mark-read.ts';
import { parse } from '../../core/model/parse.ts';
import { fromMicros } from '../../core/model/time.ts';
import { type RegisteredUser, registeredUserSchema } from '../../core/model/user.ts';
import { sendMessage } from '../../core/send-message.ts';
import { userItems } from '../../core/table/items.ts';
import { atRandom, type Counts, FaultLayer, type Plan } from '../support/faults.ts';
import { type Answer, Model, type Wish } from '../support/model.ts';
import { type Arrangement, arrange, type Capture, deliver } from '../support/stream-layer.ts';
import { load } from '../support/table.ts';
import { broken } from './invariants.ts';
import { invoke, newProcess, type Place, type Process } from './process.ts';
import type { Projector } from './projector.ts';
import { randomFrom } from './random.ts';
import { processes, type Script, type Step } from './script.ts';
import { readStored, type Stored } from './stored.ts';

/** A table with its stream and its projector, for any number of runs at once: each has its own people. */
export interface Stage extends Place {
  capture: Capture;
  project: Projector;
  counts: Counts;
}

const noon = Date.UTC(2024, 1, 29, 12) * 1000;
const undisturbed: Plan = () => undefined;

/** One run: some people, their model, the processes that serve them, and what goes wrong. */
export class Run {
  readonly model = new Model();
  readonly layer: FaultLayer;
  people: RegisteredUser[] = [];
  readonly #stage: Stage;
  readonly #clocks = Array.from({ length: processes }, () => noon);
  readonly #processes: (Process | undefined)[] = [];
  readonly #conversations = new Set<string>();

  readonly #retryBudget: number;

  /** @param retryBudget how long its processes try, in ms: short, so that giving up is among what happens */
  constructor(stage: Stage, retryBudget = 400) {
    this.#stage = stage;
    this.#retryBudget = retryBudget;
    this.layer = new FaultLayer(stage.counts);
  }

  async join(count: number): Promise<void> {
    this.people = Array.from({ length: count }, () => {
      const user_uuid = randomUUID();
      const handle = `p${user_uuid.replaceAll('-', '').slice(0, 20)}`;
      const email = `${handle}@example.com`;
      return parse(registeredUserSchema, {
        user_uuid,
        handle,
        display_name: `Of ${handle}`,
        cognito_user_id: user_uuid,
        email,
      });
    });
    await load(this.#stage.table, this.people.flatMap(userItems));
  }

  /** One step, by the process that it names, or the one that came after it crashed. */
  async step(step: Step, plan: Plan = planOf(step)): Promise<void> {
    if (step.does === 'deliver') return this.#deliverEarly(step);
    const process = this.#process(step);
    const me = this.people[step.who % this.people.length] as RegisteredUser;
    if (step.does === 'read') {
      const known = this.model.acknowledged();
      const upTo = known[step.which % known.length];
      if (!upTo) return;
      const theirs = this.#wishOf(upTo.message);
      const stranger = theirs && ![theirs.from, theirs.to].some(({ user_uuid }) => user_uuid === me.user_uuid);
      return this.model.read(me, upTo, () =>
        invoke(
          this.#stage,
          process,
          [this.layer, plan],
          async (deps) => {
            await markRead(deps, me, { message_group_uuid: upTo.message_group_uuid, created_at: upTo.created_at });
            if (stranger) throw new Error('a stranger marked a message as read');
          },
          stranger ? ['message_group_unknown'] : [],
        ),
      );
    }
    const away = 1 + (step.whom % (this.people.length - 1));
    const to = this.people[(step.who + away) % this.people.length] as RegisteredUser;
    await this.#send(process, plan, me, to, step);
  }

  /** One invocation of the projector with all that the stream has told so far. */
  async project(plan: Plan): Promise<void> {
    const records = await this.#records(await this.stored());
    const process = newProcess(() => fromMicros(noon), this.#retryBudget);
    await invoke(this.#stage, process, [this.layer, plan], (deps) => this.#stage.project(deps, records));
  }

  /** The client asks again with its keys until each has its answer; then the stream is delivered, all of it. */
  async drain(stream: Script['stream'], replay: boolean): Promise<void> {
    await this.layer.settled();
    for (const wish of this.model.unanswered()) {
      const answer = await this.#try(
        newProcess(() => fromMicros(noon), 6_000),
        undisturbed,
        wish,
      );
      if (answer === 'refused' || answer === 'unknown') throw new Error(`${wish.text} was sent again in vain`);
    }
    const records = await this.#records(await this.stored());
    await this.#deliver(records, stream);
    const before = await this.check();
    if (!replay) return;
    await this.#deliver(records, { ...stream, seed: stream.seed + 1 });
    const shown = ({ rows, conversations }: Stored) => JSON.stringify([rows, conversations.map(({ head }) => head)]);
    if (shown(await this.check()) !== shown(before)) throw new Error('the replayed stream changed what was right');
  }

  /** @throws Error with everything that does not hold */
  async check(): Promise<Stored> {
    await this.layer.settled();
    const stored = await this.stored();
    const wrong = [...broken(stored, this.people), ...this.model.violations(stored)];
    if (wrong.length > 0) throw new Error(wrong.join('\n'));
    return stored;
  }

  stored(): Promise<Stored> {
    return readStored(this.#stage.table, this.people, [...this.#conversations]);
  }

  /** The people leave: nothing more of them is kept in memory. */
  leave(): void {
    this.#stage.capture.forget(this.people.map(({ user_uuid }) => user_uuid));
  }

  async #send(
    process: Process,
    plan: Plan,
    from: RegisteredUser,
    to: RegisteredUser,
    { does, key }: Step,
  ): Promise<void> {
    const conversation = does === 'in' ? this.#groupOf(from, to) : undefined;
    const names = [from, to].map((person) => this.people.indexOf(person)).join('>');
    const label = key === undefined ? `#${this.model.sends.length}-${randomUUID()}` : `key${key}`;
    const text = `${conversation ? 'in' : 'to'} ${names} ${label}`;
    const idempotencyKey = key === undefined ? undefined : text.replaceAll(' ', '_');
    await this.#try(process, plan, { from, to, text, key: idempotencyKey, conversation });
  }

  async #try(
    process: Process,
    plan: Plan,
    wish: Wish & { conversation?: string | undefined },
  ): Promise<Answer<unknown>> {
    const target = wish.conversation ? { message_group_uuid: wish.conversation } : { handle: wish.to.handle };
    const answer = await this.model.send(wish, () =>
      invoke(this.#stage, process, [this.layer, plan], (deps) =>
        sendMessage(deps, wish.from, { message: wish.text, ...target }, wish.key),
      ),
    );
    if (typeof answer === 'object') this.#conversations.add(answer.accepted.message_group_uuid);
    return answer;
  }

  #process({ process: n, clock }: Step): Process {
    this.#clocks[n] = (this.#clocks[n] ?? noon) + clock;
    const process = this.#processes[n];
    if (process && !process.life.ended) return process;
    const next = newProcess(() => fromMicros(this.#clocks[n] ?? noon), this.#retryBudget);
    this.#processes[n] = next;
    return next;
  }

  #wishOf(text: string): Wish | undefined {
    return this.model.sends.find(({ subject }) => subject.text === text)?.subject;
  }

  #groupOf(one: RegisteredUser, other: RegisteredUser): string | undefined {
    return this.model.acknowledged().find(({ message }) => {
      const { from, to } = this.#wishOf(message) ?? {};
      return (from === one && to === other) || (from === other && to === one);
    })?.message_group_uuid;
  }

  // The stream runs while people write: whatever it has told by the time that it tells of one message is delivered.
  async #deliverEarly({ which, fault }: Step): Promise<void> {
    const known = this.model.acknowledged();
    const message = known[which % known.length];
    if (!message) return;
    const place = { pk: `MSG#${message.message_group_uuid}`, sk: message.created_at };
    const records = await this.#stage.capture.recordsOf(this.#senders(), [place]);
    const arrangement = { order: 'any', copies: [1, 2], sizes: [3, 1], overlap: 2, seed: which } as const;
    await this.#deliver(records, { ...arrangement, copies: [1, 2], sizes: [3, 1], faultRate: fault ? 0.3 : 0 });
  }

  #senders = () => this.people.map(({ user_uuid }) => user_uuid as string);

  #records({ conversations }: Stored) {
    const places = conversations.flatMap(({ messages }) =>
      messages.map(({ pk, sk }) => ({ pk: String(pk), sk: String(sk) })),
    );
    return this.#stage.capture.recordsOf(this.#senders(), places);
  }

  async #deliver(
    records: Parameters<typeof arrange>[0],
    { overlap, faultRate, seed, ...arrangement }: Arrangement & Omit<Script['stream'], keyof Arrangement>,
  ): Promise<void> {
    const random = randomFrom(seed);
    const last = 4; // the attempt at which nothing goes wrong any more: a fault that stays is another test's
    const givenUp = await deliver(arrange(records, arrangement, random), overlap, async (batch, attempt) => {
      const process = newProcess(() => fromMicros(noon), attempt === last ? 6_000 : this.#retryBudget);
      const plan = attempt === last ? undisturbed : atRandom(random, faultRate);
      const project = this.#stage.project;
      const answer = await invoke(this.#stage, process, [this.layer, plan], (deps) => project(deps, batch));
      if (answer === 'unknown' || answer === 'refused') throw new Error('the invocation ended');
      return answer.accepted;
    });
    await this.layer.settled();
    if (givenUp.length > 0) throw new Error(`${givenUp.length} records were given up`);
  }
}

function planOf({ fault }: Step): Plan {
  if (!fault) return undisturbed;
  const { on, at, kind, next, times } = fault;
  if (kind === 'stale') return () => kind; // a verb has one read at most that can be
  let n = 0;
  return ({ command }) => {
    if (on === 'calls' || command === 'TransactWriteItemsCommand') n++;
    else return undefined;
    if (n === at) return kind;
    return n > at && n < at + times ? next : undefined;
  };
}

/** Plays a script and judges what is stored in the end. */
export async function play(stage: Stage, script: Script): Promise<void> {
  const run = new Run(stage);
  await run.join(script.people);
  try {
    for (const conversation of script.conversations) {
      const outcomes = await Promise.allSettled(conversation.map((step) => run.step(step)));
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    }
    await run.drain(script.stream, script.replay);
  } finally {
    run.leave();
  }
}
