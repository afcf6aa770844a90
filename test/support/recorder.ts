import { once } from 'node:events';
import { Agent, createServer, request as forward, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A proxy in front of DynamoDB Local. It forwards every request unchanged, and records what the request needs of a role: IAM actions, and
 * kinds of items.
 */
export interface Recorder {
  endpoint: string;
  /** Runs a function just before the next request of an operation is forwarded, so that the caller loses the race for certain. */
  justBefore: (operation: string, run: () => Promise<unknown>) => void;
  /**
   * @returns the actions used during a function, and the beginnings of the partition keys, such as `MSG#`; sorted, each once
   * @throws if a function given to `justBefore` has not run
   */
  during: (run: () => Promise<void>) => Promise<{ actions: string[]; kinds: string[] }>;
  stop: () => Promise<void>;
}

/** Starts a recorder on a free port of this machine. */
export async function startRecorder(database: string): Promise<Recorder> {
  const actions = new Set<string>();
  const kinds = new Set<string>();
  const pending = new Map<string, () => Promise<unknown>>();
  const agent = new Agent({ keepAlive: true });

  const { endpoint, stop } = await serve(async (incoming, answer) => {
    const body = await bodyOf(incoming);
    const operation = operationOf(incoming);
    for (const [action, part] of partsOf(operation, body)) {
      actions.add(action);
      kinds.add(kindOf(part));
    }
    const before = pending.get(operation);
    pending.delete(operation);
    await before?.();

    const { method, rawHeaders: headers } = incoming;
    const outgoing = forward(new URL(incoming.url ?? '', database), { agent, method, headers });
    outgoing.on('response', (reply) => {
      answer.writeHead(reply.statusCode as number, reply.rawHeaders);
      reply.pipe(answer);
    });
    outgoing.on('error', () => answer.destroy()); // the client sees a broken connection, as without the proxy
    outgoing.end(body);
  });

  return {
    endpoint,
    justBefore: (operation, run) => void pending.set(operation, run),
    during: async (run) => {
      actions.clear();
      kinds.clear();
      pending.clear();
      await run();
      if (pending.size > 0) throw new Error(`justBefore: there was no request of ${[...pending.keys()].join(', ')}`);
      return { actions: [...actions].sort(), kinds: [...kinds].sort() };
    },
    stop: async () => {
      await stop();
      agent.destroy();
    },
  };
}

/** What a request says about keys. */
interface Part {
  Key?: { pk: { S: string } };
  Item?: { pk: { S: string } };
  KeyConditionExpression?: string;
  ExpressionAttributeValues?: Record<string, { S?: string }>;
}

/**
 * The IAM actions that a request needs, each with its part of the request. A transaction needs those of its parts; a batch is one action of
 * its own: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
 */
function partsOf(operation: string, body: Buffer): [action: string, part: Part][] {
  const request = JSON.parse(body.toString());
  if (operation === 'BatchGetItem') {
    const { RequestItems } = request as { RequestItems: Record<string, { Keys: NonNullable<Part['Key']>[] }> };
    return Object.values(RequestItems).flatMap(({ Keys }) => Keys.map((Key): [string, Part] => [operation, { Key }]));
  }
  if (!operation.startsWith('Transact')) return [[operation, request]];
  const { TransactItems } = request as { TransactItems: Record<string, Part>[] };
  return TransactItems.flatMap((one) => Object.entries(one)).map(([name, part]) => [`${name}Item`, part]);
}

/** @returns the beginning of the partition key, up to `#` */
function kindOf({ Key, Item, KeyConditionExpression = '', ExpressionAttributeValues = {} }: Part): string {
  const [, name = ''] = /\bpk = (:\w+)/.exec(KeyConditionExpression) ?? [];
  const pk = (Key ?? Item)?.pk.S ?? ExpressionAttributeValues[name]?.S ?? '';
  const [kind] = /^[A-Z]+#/.exec(pk) ?? [];
  if (!kind) throw new Error(`recorder: no partition key found, teach kindOf about this request (${pk})`);
  return kind;
}

/** @returns the operation of a request in AWS’s JSON protocol, from `DynamoDB_20120810.GetItem` */
const operationOf = ({ headers }: IncomingMessage) => String(headers['x-amz-target']).split('.')[1] ?? '';

export const bodyOf = async (request: IncomingMessage) => Buffer.concat(await request.toArray());

/** Serves HTTP on a free port of this machine. `stop` closes open connections too. */
export async function serve(listener: RequestListener): Promise<{ endpoint: string; stop: () => Promise<void> }> {
  const server = createServer(listener);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      const closed = once(server.close(), 'close');
      server.closeAllConnections();
      await closed;
    },
  };
}
