import { openTable } from '../../core/table/client.ts';
import { localConfig } from '../../test/support/table.ts';
import { recordCosts, totalOf } from '../costs/recorder.ts';
import { newTalk, type Variant, warmFunction } from './talk.ts';
import { WriteLog } from './write-log.ts';

/** What a message costs, with all that follows it. */
export interface MessageCost {
  writeUnits: number;
  readUnits: number;
  requests: number;
}

const repeat = async (times: number, run: () => Promise<unknown>) => {
  for (let n = 0; n < times; n++) await run();
};

const operations = {
  'one message': { messages: 1, isFirst: false },
  'a message in a burst of ten': { messages: 10, isFirst: false },
  'a first contact': { messages: 1, isFirst: true },
};
export type Operation = keyof typeof operations;
export const allOperations = Object.keys(operations) as Operation[];

/** @returns by operation, what each of its messages costs: the send, and its share of what the function on the stream does */
export async function costsOf(
  variant: Variant,
  endpoint: string,
  chosen: Operation[] = allOperations,
): Promise<Map<Operation, MessageCost>> {
  const table = openTable('', localConfig(endpoint));
  const { projector, layouts } = variant.design;
  const writes = new WriteLog();
  writes.follow(table.client);
  const recorder = recordCosts(table, localConfig(endpoint), layouts);
  const costs = new Map<Operation, MessageCost>();
  for (const name of chosen) {
    const { messages, isFirst } = operations[name];
    const on = warmFunction(table.client);
    const talk = await newTalk(variant, on);
    if (!isFirst) await talk.send();
    if (projector) await projector.handle(on, writes.take(projector));
    const requests = await recorder.during(async () => {
      await repeat(messages, talk.send);
      if (projector) await projector.handle(on, writes.take(projector));
    });
    const total = totalOf(requests);
    costs.set(name, {
      writeUnits: total.writeUnits / messages,
      readUnits: total.readUnits / messages,
      requests: total.requests / messages,
    });
  }
  recorder.stop();
  table.client.destroy();
  return costs;
}
