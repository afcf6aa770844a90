import { examine, repair } from '../../admin/doctor/examine.ts';
import { beginErasure } from '../../core/begin-erasure.ts';
import { createUser } from '../../core/create-user.ts';
import { finishErasures } from '../../core/finish-erasures.ts';
import type { Head } from '../../core/model/head.ts';
import { parse } from '../../core/model/parse.ts';
import { type RegisteredUser, registeredUserSchema } from '../../core/model/user.ts';
import { sendMessage } from '../../core/send-message.ts';
import { userItems } from '../../core/table/items.ts';
import { unblockUser } from '../../core/unblock-user.ts';
import { violatedBlocks, violatedInvariants } from '../faults/invariants.ts';
import { randomFrom } from '../faults/random.ts';
import { calmChecks } from './calm-checks/index.ts';
import { Client, storedIn } from './client.ts';
import { beforeErasure, isErased, tracesOf } from './erasures.ts';
import type { Plan, Request } from './plan.ts';
import { faults, isOutage, isRefusal, newUuid, Process, type World } from './process.ts';
import { Scheduler } from './scheduler.ts';
import { StreamConsumer } from './stream.ts';
import { type Change, MemoryTable } from './table/memory-table.ts';
import { noSockets, type Verb, verbs } from './verbs.ts';

const mostSteps = 20_000;

/** Counts what happened in histories, so that a run can tell that its faults took place. */
export type Counts = Record<string, number>;

/**
 * Runs one history: all requests of a plan beside each other, with its faults; then, without faults, what clients and Lambda do until
 * nothing is open; then it checks what is stored.
 * @param trace receives a line for each step
 * @param counts is added to
 * @throws Error that lists every violation
 */
export async function runHistory(
  plan: Plan,
  { trace, counts = {} }: { trace?: (line: string) => void; counts?: Counts } = {},
): Promise<void> {
  const random = randomFrom(plan.seed + 1);
  const scheduler = new Scheduler(random, trace);
  let isCalm = false;
  const happens = (probability: number, what: string) => {
    if (isCalm || probability === 0 || random() >= probability) return false;
    counts[what] = (counts[what] ?? 0) + 1;
    return true;
  };
  const table = new MemoryTable({
    now: () => scheduler.now,
    tears: () => happens(plan.tears, 'torn transaction'),
    stale: (versions) => (happens(plan.stale, 'stale read') ? 1 + Math.floor(random() * versions) : 0),
    names: () => !happens(1 - plan.names, 'unnamed reason'),
  });
  const world: World = {
    scheduler,
    table,
    random,
    fault: () => faults.find((fault) => happens(plan.rates[fault], fault)),
    crash: () => (happens(plan.crashes, 'crash') ? (random() < 0.5 ? 'before' : 'after') : undefined),
  };
  const client = new Client();
  const users = Array.from({ length: plan.users }, (_, n) => newUser(`user${n}`, random));
  for (const item of users.flatMap(userItems)) table.execute('Put', { Item: item });
  const violations: string[] = [];
  const processes: Process[] = [];
  const stream = new StreamConsumer(world, plan, counts, (error) => violations.push(`the projector: ${error.stack}`));

  let open = plan.requests.length;
  let isRepairInterrupted = false;
  let doctors = 0; // begun so far
  const serve = (request: Request) => {
    const me = users[request.user] as RegisteredUser;
    const other = users[(request.user + request.other) % users.length] as RegisteredUser;
    const process = liveProcess(processes, request.process, world, plan, random);
    const known = client.model.acknowledged();
    if (request.verb === 'doctor') doctors++;
    const situation = {
      request,
      me,
      other,
      client,
      message: known[request.choice % known.length],
      conversation: client.conversationOf(me, other),
      doctors: () => doctors,
    };
    const verb = verbs[request.verb] as Verb;
    verb({ ...situation, call: (core, options) => process.run(core, options) })
      .then(
        () => scheduler.note(() => `${request.verb} of ${me.handle} is answered`),
        (error: Error) => {
          scheduler.note(() => `${request.verb} of ${me.handle} fails: ${error.message}`);
          isRepairInterrupted ||= request.verb === 'doctor';
          const concerned = [me, other, ...(situation.message ? client.participantsOf(situation.message) : [])];
          if (!isRefusal(error) && !isOutage(error) && !client.isOfErasure(error, ...concerned))
            violations.push(`${request.verb} of ${me.handle}: ${error.stack ?? error}`);
        },
      )
      .finally(() => open--);
  };

  for (const request of plan.requests)
    scheduler.add(
      () => `request ${request.verb} in process ${request.process}`,
      () => serve(request),
      request.at,
    );
  stream.follow(() => open > 0);
  await scheduler.run(mostSteps);

  isCalm = true;
  const operator = new Process('operator', world, 6_000);
  const calmly = async (what: () => Promise<unknown>) => {
    let failure: unknown;
    scheduler.add(
      () => 'the end',
      () => void what().catch((error: unknown) => (failure = error ?? 'nothing')),
    );
    await scheduler.run(mostSteps);
    if (failure) violations.push(`after the faults: ${failure instanceof Error ? failure.stack : failure}`);
  };
  // The blocks are checked as they are, and end before the clients send again what is open.
  violations.push(...violatedBlocks(storedIn(table.items())));
  await calmly(async () => {
    for (const me of users) for (const other of users) if (me !== other) await unblockUser(operator.deps, me, other);
  });
  await calmly(() =>
    client.sendAgain(({ from, to, conversation }, text, key) =>
      sendMessage(
        operator.deps,
        from,
        { message: text, ...(conversation ? { message_group_uuid: conversation } : { handle: to.handle }) },
        key,
      ),
    ),
  );
  await calmly(() => stream.finish());
  // Whoever asked for an erasure repeats it, as an operator does.
  for (const user of users.filter((each) => client.mayBeGone(each)))
    await calmly(() => beginErasure({ ...operator.deps, sockets: noSockets }, user.user_uuid));
  // An erasure ends a minute after it began at the earliest, by a clock that may be behind.
  for (let rounds = 1; rounds <= 3 && client.blocks.gone.size > 0; rounds++)
    await calmly(async () => {
      await new Promise((resolve) =>
        scheduler.add(
          () => 'a minute passes',
          () => resolve(undefined),
          70_000,
        ),
      );
      const { failures } = await finishErasures({ ...operator.deps, sockets: noSockets }, Number.POSITIVE_INFINITY);
      for (const { error } of failures) throw error;
    });
  await calmly(() => stream.finish());
  // A repair takes two steps; the next run of the doctor goes on where one was interrupted.
  if (isRepairInterrupted)
    await calmly(async () => {
      const context = { ...operator.deps, grace: 0 };
      for await (const diagnosis of examine(context, { segments: 1 })) await repair(context, diagnosis);
    });
  const stored = storedIn(table.items());
  violations.push(...violatedInvariants(stored, users), ...client.violations(beforeErasure(stored, table, client)));
  for (const user of users.filter((each) => client.mayBeGone(each)))
    violations.push(
      ...tracesOf(user, table.items()),
      ...(isErased(user, stored) ? [] : [`${user.handle} is still there`]),
    );
  violations.push(...table.changes.flatMap(violatedByChange));
  await calmly(async () => {
    for await (const { findings } of examine({ ...operator.deps, grace: 0 }, { segments: 1 }))
      for (const { code } of findings) violations.push(`the doctor finds ${code}`);
  });
  const written = table.changes.length;
  await calmly(() => stream.replay());
  if (table.changes.length !== written) violations.push('the second delivery of the stream wrote something');
  for (const { name, memory } of processes.filter((process) => !process.hasEnded))
    if (memory.queues.size > 0) violations.push(`${name} still has a queue`);

  const isAllThere = violations.length === 0 && client.blocks.gone.size === 0;
  const check = plan.check === undefined || !isAllThere ? undefined : calmChecks[plan.check];
  const at = plan.seed % users.length;
  const newcomers: RegisteredUser[] = [];
  if (check)
    await calmly(() =>
      check({
        table,
        me: users[at] as RegisteredUser,
        other: users[(at + 1) % users.length] as RegisteredUser,
        newProcess: (retryBudget = 6_000) => new Process('calm', world, retryBudget),
        newUser: async (handle = `late${newcomers.length}`) => {
          const { user_uuid: _, ...profile } = newUser(handle, random);
          const user = await new Process('calm', world, 6_000).run((deps) => createUser(deps, profile));
          newcomers.push(user);
          return user;
        },
        wait: (millis) => new Promise((resolve) => scheduler.add(() => 'time passes', resolve, millis)),
        settle: async () => {
          await stream.finish();
          const violated = violatedInvariants(storedIn(table.items()), [...users, ...newcomers]);
          if (violated.length > 0) throw new Error(violated.join(', '));
        },
      }).catch((error: Error) => {
        throw new Error(`${plan.check}: ${error.stack ?? error}`);
      }),
    );
  counts.steps = (counts.steps ?? 0) + scheduler.count;
  if (violations.length > 0) throw new Error([...new Set(violations)].join('\n'));
}

/** What no write may do, even if the next one repairs it. */
function violatedByChange({ before, after, keys: { pk } }: Change): string[] {
  if (!after) return [];
  if (/^(GRP|HIDDEN)#/.test(pk))
    return Number(after.unread_count) < 0 ? [`a row counted ${after.unread_count} unread`] : [];
  if (!pk.startsWith('HEAD#')) return [];
  const { sent, read, last_message_at } = after as unknown as Head;
  const [[one, ofOne] = ['', 0], [other, ofOther] = ['', 0]] = Object.entries(sent);
  const violations: string[] = [];
  if ((read[one] ?? 0) > ofOther || (read[other] ?? 0) > ofOne) violations.push('a head counted more read than sent');
  if (before && String(before.last_message_at) > last_message_at) violations.push('a head went back in time');
  return violations;
}

/** The process with a number, or a new one in its place if it has ended. Now and then it forgets all, or its clock jumps. */
function liveProcess(processes: Process[], n: number, world: World, plan: Plan, random: () => number): Process {
  let process = processes[n];
  if (!process || process.hasEnded) {
    process = new Process(`process ${n}`, world, plan.retryBudget);
    processes[n] = process;
  }
  if (random() < 0.1) process.forget();
  if (plan.clocks > 0 && random() < 0.3) process.clockAhead = Math.floor((random() - 0.5) * 2 * plan.clocks);
  return process;
}

function newUser(handle: string, random: () => number): RegisteredUser {
  const user_uuid = newUuid(random);
  return parse(registeredUserSchema, {
    user_uuid,
    handle,
    display_name: `User ${handle}`,
    cognito_user_id: user_uuid,
    email: `${handle}@example.com`,
  });
}
