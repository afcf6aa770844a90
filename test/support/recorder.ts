import { once } from 'node:events';
import { Agent, createServer, request as forward, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy in front of DynamoDB Local. It forwards every request unchanged, and records the IAM actions that the request needs. */
export interface Recorder {
  endpoint: string;
  /** Runs a function just before the next request of an operation is forwarded, so that the caller loses the race for certain. */
  justBefore: (operation: string, run: () => Promise<unknown>) => void;
  /**
   * @returns the actions used during a function, sorted, each once
   * @throws if a function given to `justBefore` has not run
   */
  during: (run: () => Promise<void>) => Promise<string[]>;
  stop: () => Promise<void>;
}

/** Starts a recorder on a free port of this machine. */
export async function startRecorder(database: string): Promise<Recorder> {
  const used = new Set<string>();
  const pending = new Map<string, () => Promise<unknown>>();
  const agent = new Agent({ keepAlive: true });

  const { endpoint, stop } = await serve(async (incoming, answer) => {
    const body = await bodyOf(incoming);
    const operation = operationOf(incoming);
    for (const action of actionsOf(operation, body)) used.add(action);
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
      used.clear();
      pending.clear();
      await run();
      if (pending.size > 0) throw new Error(`justBefore: there was no request of ${[...pending.keys()].join(', ')}`);
      return [...used].sort();
    },
    stop: async () => {
      await stop();
      agent.destroy();
    },
  };
}

/**
 * The IAM actions that a request needs. A transaction needs those of its parts; a batch is one action of its own:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
 */
function actionsOf(operation: string, body: Buffer): string[] {
  if (!operation.startsWith('Transact')) return [operation];
  const { TransactItems } = JSON.parse(body.toString()) as { TransactItems: object[] };
  return TransactItems.flatMap((part) => Object.keys(part)).map((part) => `${part}Item`);
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
