import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type CheckContext, examine, repair } from '../../admin/doctor/examine.ts';
import { newDeps } from '../../core/deps.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Message } from '../../core/model/message.ts';
import { fromMicros, type Timestamp, toMicros } from '../../core/model/time.ts';
import type { User } from '../../core/model/user.ts';
import * as items from '../../core/table/items.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { findings } from '../support/doctor-fixture.ts';
import { seededRandom } from '../support/generate-items.ts';
import { scenario } from '../support/scenario.ts';
import { dump, load, newTable } from '../support/table.ts';

const seed = Number(process.env.SEED ?? 20_241_103);

test('while messages are sent, read and projected, the doctor reports no false finding and its repairs break nothing', async () => {
  const table = await newTable(dynamodbEndpoint);
  const { given, when, then, deps } = scenario(table);
  const users = await Promise.all(Array.from({ length: 6 }, () => given.user()));
  const { of, below } = seededRandom(seed);
  const accepted = new Map<Uuid, Message[]>();
  const projections = new Set<Promise<unknown>>();
  let isRunning = true;

  const service = Array.from({ length: 4 }, async () => {
    while (isRunning) {
      const [from, to] = [of(users), of(users)];
      if (from === to) continue;
      const sent = await when.sends(from, to, `at ${below(1e6)}`);
      const conversation = sent.message_group_uuid;
      accepted.set(conversation, [...(accepted.get(conversation) ?? []), sent]);
      if (below(4) === 0) await when.reads(to, sent);
      // The records of the stream arrive a little later, and out of order.
      const projection = wait(below(60)).then(() => when.projected(conversation));
      projections.add(projection);
      projection.then(() => projections.delete(projection));
    }
  });
  const context: CheckContext = { ...newDeps(table), grace: 3_000 };
  const sentSoFar = () => [...accepted.values()].flat().length;
  for (let round = 0; round < 4 || sentSoFar() < 50; round++) expect(await findings(context)).toEqual([]);
  const sentMeanwhile = sentSoFar();

  // Damages rows while the service runs: a sample, since the simulation runs the doctor's repairs beside all other verbs.
  let repaired = 0;
  for (let round = 0; round < 4; round++) {
    const row = of((await dump(table, items.inbox('' as Uuid))) as [items.Item]);
    if (below(2)) await load(table, [{ ...row, unread_count: 1_000 }]);
    else await load(table, [{ ...row, sk: fromMicros(toMicros(row.sk as Timestamp) + 5_000_000) }]);
    for await (const diagnosis of examine(context)) {
      await repair(context, diagnosis);
      repaired++;
    }
  }
  isRunning = false;
  await Promise.all(service);
  await Promise.all(projections);
  expect(repaired).toBeGreaterThan(0);

  const last: CheckContext = { ...newDeps(table), grace: 0 };
  for await (const diagnosis of examine(last)) await repair(last, diagnosis); // the last damage
  expect(await findings(last)).toEqual([]);
  const uuids = (messages: Message[]) => messages.map(({ message_uuid }) => message_uuid).sort();
  for (const [conversation, messages] of accepted) {
    const stored = await then.conversation(messages[0]?.sender as User, conversation);
    expect(uuids(stored)).toEqual(uuids(messages));
  }
  console.log(`${sentSoFar()} sent, ${sentMeanwhile} of them without a false finding, ${repaired} repairs`);
  deps.table.client.destroy();
});
