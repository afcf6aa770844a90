import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { newMemory } from '../../core/deps.ts';
import type { Uuid } from '../../core/model/id.ts';
import { fromMicros } from '../../core/model/time.ts';
import type { Handle, User } from '../../core/model/user.ts';
import { openTable } from '../../core/table/client.ts';
import { systemRuntime } from '../../core/table/runtime.ts';
import { Crash, newLifetime } from '../../test/faults/lifetime.ts';
import { randomFrom } from '../../test/faults/random.ts';
import { FaultLayer } from '../../test/support/faults.ts';
import { localConfig } from '../../test/support/table.ts';
import { AtOnce } from './at-once.ts';
import { type Accepted, type Damage, damageOf, type Read } from './damage.ts';
import type { Design, Invocation, Projector, Request, Sent } from './design.ts';
import { processes, type Schedule, type Send, type Step } from './schedule.ts';
import { WriteLog } from './write-log.ts';

/** A design with its tables in DynamoDB Local. Histories run in it one after the other, each with users of its own. */
export interface HistoryRunner {
  run: (schedule: Schedule) => Promise<Damage>;
  close: () => void;
}

export function openRunner(design: Design, endpoint: string): HistoryRunner {
  const { client } = openTable('', localConfig(endpoint));
  return {
    run: (schedule) => new Run(design, client, endpoint, schedule).damage(),
    close: () => client.destroy(),
  };
}

const noon = Date.UTC(2024, 1, 29, 12) * 1000; // microseconds
const pause = 10_000; // microseconds between two steps

/** One history in one design. */
class Run {
  readonly #design: Design;
  readonly #shared: DynamoDBDocumentClient;
  readonly #endpoint: string;
  readonly #writes = new WriteLog();
  readonly #schedule: Schedule;
  readonly #users: User[];
  readonly #memories = Array.from({ length: processes }, () => newMemory(systemRuntime));
  readonly #accepted: Accepted[] = [];
  readonly #reads: Read[] = [];
  /** Of every attempt. */
  readonly #answers: (Sent & Request)[] = [];
  #clock = noon;
  #moment = 0;
  #requests = 0;

  constructor(design: Design, client: DynamoDBDocumentClient, endpoint: string, schedule: Schedule) {
    this.#design = design;
    this.#shared = client;
    this.#endpoint = endpoint;
    this.#schedule = schedule;
    const newId = idsFrom(schedule.seed);
    this.#users = Array.from({ length: schedule.users }, () => {
      const user_uuid = newId();
      const handle = `u${user_uuid.replaceAll('-', '').slice(0, 20)}` as Handle;
      return { user_uuid, handle, display_name: `Display of ${handle}` };
    });
  }

  async damage(): Promise<Damage> {
    const client = this.#shared;
    await this.#design.addUsers(client, this.#users);
    for (const step of this.#schedule.steps) await this.#step(step);
    if (this.#design.projector) await this.#deliver(this.#design.projector);

    const inboxes = this.#users.map(
      async (me) => [me.user_uuid as string, await this.#design.inbox(client, me)] as const,
    );
    const readers = new Map(this.#answers.map(({ conversation, from }) => [conversation, from]));
    const conversations = [...readers].map(
      async ([id, reader]) => [id, await this.#design.messages(client, reader, id)] as const,
    );
    return damageOf({
      users: this.#users,
      accepted: this.#accepted,
      reads: this.#reads,
      inboxes: new Map(await Promise.all(inboxes)),
      conversations: new Map(await Promise.all(conversations)),
    });
  }

  async #step(step: Step): Promise<void> {
    this.#clock += pause;
    if (!('sends' in step)) return this.#read(step.reader, step.other);
    const sentAt = this.#moment++;
    const sends = step.sends.map((send) => this.#prepare(send));
    const atOnce = new AtOnce(sends.length);
    const first = await Promise.all(
      sends.map(({ attempt, client }, n) => atOnce.run(n, client, attempt)), // the clients' first attempts meet
    );
    for (const [n, { request, repeats, attempt }] of sends.entries()) {
      this.#answers.push({ ...(first[n] as Sent), ...request });
      for (let repeat = 0; repeat < repeats; repeat++) {
        this.#clock += pause;
        this.#answers.push({ ...(await attempt()), ...request });
      }
      this.#accepted.push({ ...request, sentAt, answeredAt: this.#moment++ });
    }
  }

  #prepare({ from, to, process, after, repeats }: Send) {
    const n = this.#requests++;
    const newId = idsFrom(this.#schedule.seed * 1_000 + n + 1);
    const text = `message ${n} of ${this.#schedule.seed}`;
    const request = { from: this.#user(from), to: this.#user(to), text, key: newId() };
    const known = this.#conversationBetween(request);
    const client = this.#newClient();
    const on = { ...this.#invocation(process, after), client, newId };
    const attempt = () => (known ? this.#design.send(on, request, known) : this.#design.start(on, request));
    return { request, repeats, client, attempt };
  }

  // A client marks as read up to the newest message that it lists, which need not be the one that was answered last.
  async #read(reader: number, other: number): Promise<void> {
    const { markRead, messages } = this.#design;
    const [me, from] = [this.#user(reader), this.#user(other)];
    const conversation = this.#conversationBetween({ from, to: me });
    if (!markRead || !conversation) return;
    const newest = (await messages(this.#shared, me, conversation)).at(-1);
    const upTo = this.#answers.find(({ text }) => text === newest?.text);
    if (!upTo) throw new Error(`no request sent ${newest?.text}`);
    this.#reads.push({ me, other: from, at: this.#moment++ });
    await markRead(this.#invocation(0), me, upTo);
  }

  /** The conversation that the clients of two users know: the one of the last answer. */
  #conversationBetween({ from, to }: Pick<Request, 'from' | 'to'>): string | undefined {
    return this.#answers.filter((one) => isBetween(one, from, to)).at(-1)?.conversation;
  }

  #user = (n: number) => this.#users[n] as User;

  /** A client of one call. It shares its connections with all others. */
  #newClient(): DynamoDBDocumentClient {
    const { requestHandler } = this.#shared.config;
    const { client } = openTable('', { ...localConfig(this.#endpoint), requestHandler });
    this.#writes.follow(client);
    return client;
  }

  #invocation(process: number, after = 0): Invocation {
    return {
      client: this.#shared,
      now: () => fromMicros(this.#clock + after - (this.#schedule.behind[process] ?? 0)),
      newId: idsFrom(this.#schedule.seed * 1_000),
      memory: this.#memories[process] ?? newMemory(systemRuntime),
    };
  }

  async #deliver(projector: Projector): Promise<void> {
    const records = this.#writes.take(projector);
    const { late, sizes, again, dies, seed } = this.#schedule;
    const isLate = (n: number) => late[n % late.length] === true;
    const random = randomFrom(seed);
    const inOrder = records.filter((_, n) => !isLate(n));
    const afterwards = records
      .filter((_, n) => isLate(n))
      .map((record) => ({ record, at: random() }))
      .sort((one, other) => one.at - other.at)
      .map(({ record }) => record);
    const rest = [...inOrder, ...afterwards];
    for (let n = 0; rest.length > 0; n++) {
      const batch = rest.splice(0, sizes[n % sizes.length]);
      await this.#invoke(projector, batch, dies[n % dies.length]);
      for (let repeat = 0; repeat < (again[n % again.length] ?? 0); repeat++) await this.#invoke(projector, batch);
    }
  }

  /** @param dies the part of its calls after which the function dies; Lambda then delivers the batch again */
  async #invoke(projector: Projector, batch: DynamoDBRecord[], dies?: number): Promise<void> {
    if (dies !== undefined) {
      const client = this.#newClient();
      const layer = new FaultLayer();
      const lifetime = newLifetime();
      const call = 1 + Math.floor(dies * projector.calls(batch));
      layer.on(
        { client, name: projector.table, runtime: systemRuntime },
        ({ n }) => (n === call ? 'crash after' : undefined),
        lifetime,
      );
      const on = { ...this.#invocation(0), client, memory: newMemory(systemRuntime) };
      await lifetime.until(projector.handle(on, batch)).catch((error: unknown) => {
        if (!(error instanceof Crash)) throw error;
      });
      await layer.settled();
    }
    await projector.handle({ ...this.#invocation(0), memory: newMemory(systemRuntime) }, batch);
  }
}

const isBetween = ({ from, to }: Request, one: User, other: User) =>
  (from === one && to === other) || (from === other && to === one);

/** Ids that are the same for the same seed. */
function idsFrom(seed: number): () => Uuid {
  const random = randomFrom(seed);
  const digits = (length: number) => Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');
  return () => `${digits(8)}-${digits(4)}-4${digits(3)}-8${digits(3)}-${digits(12)}` as string as Uuid;
}
