import { once } from 'node:events';
import { Agent, createServer, request as forward, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands in front of DynamoDB Local, passes every request on unchanged, and notes what IAM would be asked for it. */
export interface Recorder {
  endpoint: string;
  /** Does something just before the next request of an operation is passed on: so a race is lost for certain. */
  justBefore: (operation: string, deed: () => Promise<unknown>) => void;
  /** The actions used while something runs, in order, each once. Throws when a deed has found no occasion. */
  during: (run: () => Promise<void>) => Promise<string[]>;
  stop: () => Promise<void>;
}

/** Starts a recorder on a free port of this machine. */
export async function startRecorder(database: string): Promise<Recorder> {
  const used = new Set<string>();
  const deeds = new Map<string, () => Promise<unknown>>();
  const agent = new Agent({ keepAlive: true });

  const { endpoint, stop } = await serve(async (incoming, answer) => {
    const body = await bodyOf(incoming);
    const operation = operationOf(incoming);
    for (const action of actionsOf(operation, body)) used.add(action);
    const deed = deeds.get(operation);
    deeds.delete(operation);
    await deed?.();

    const { method, rawHeaders: headers } = incoming;
    const outgoing = forward(new URL(incoming.url ?? '', database), { agent, method, headers });
    outgoing.on('response', (reply) => {
      answer.writeHead(reply.statusCode as number, reply.rawHeaders);
      reply.pipe(answer);
    });
    outgoing.on('error', () => answer.destroy()); // the caller sees a broken connection, as without us
    outgoing.end(body);
  });

  return {
    endpoint,
    justBefore: (operation, deed) => void deeds.set(operation, deed),
    during: async (run) => {
      used.clear();
      deeds.clear();
      await run();
      if (deeds.size > 0) throw new Error(`not asked for: ${[...deeds.keys()]}`);
      return [...used].sort();
    },
    stop: async () => {
      await stop();
      agent.destroy();
    },
  };
}

/**
 * The actions that IAM wants for a request. A transaction is no action of its own: each of its parts is. A batch is one:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
 */
function actionsOf(operation: string, body: Buffer): string[] {
  if (!operation.startsWith('Transact')) return [operation];
  const { TransactItems } = JSON.parse(body.toString()) as { TransactItems: object[] };
  return TransactItems.flatMap((part) => Object.keys(part)).map((part) => `${part}Item`);
}

/** The operation of a request in AWS's JSON protocol: `DynamoDB_20120810.GetItem`. */
const operationOf = ({ headers }: IncomingMessage) => String(headers['x-amz-target']).split('.')[1] ?? '';

export const bodyOf = async (request: IncomingMessage) => Buffer.concat(await request.toArray());

/** Serves HTTP on a free port of this machine until it is stopped, whoever is still connected. */
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
