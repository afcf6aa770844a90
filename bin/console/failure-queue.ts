import { setTimeout as wait } from 'node:timers/promises';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SQSClient,
  type SQSClientConfig,
} from '@aws-sdk/client-sqs';
import { CommandError } from './command-error.ts';
import { type FailureDestination, parseJson } from './failure-file.ts';
import type { Target } from './target.ts';

// How long SQS hides a message after it was read, before it returns the message again. Much longer than redriving ten
// messages takes.
const visibilityTimeout = 600; // seconds

/** The URL of the stage's failure queue, by its name in resources/stream.yml. */
export async function queueUrlOf({ stage, region }: Pick<Target, 'stage' | 'region'>): Promise<string> {
  const client = new SQSClient(region === undefined ? {} : { region });
  const QueueName = `cruddur-messages-${stage}-projection-failures`;
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName }));
  client.destroy();
  return QueueUrl as string;
}

/**
 * The failure destination in AWS: an SQS queue. Reading its messages throws a CommandError when SQS returns an error.
 * @param options.recounts how often the rest is counted again before it is believed, and the milliseconds between
 */
export function failureQueue(
  queueUrl: string,
  config: SQSClientConfig = {},
  { recounts = { times: 5, every: 2_000 } }: { recounts?: { times: number; every: number } } = {},
): FailureDestination {
  const client = new SQSClient(config);
  const QueueUrl = queueUrl;
  const kept = new Map<string, string>(); // the newest receipt handle of each message that was read and not removed
  // In a long run, messages that failed at its start become visible again and must not be handled twice.
  const seen = new Set<string>();

  async function receive() {
    const { Messages = [] } = await client
      .send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: 10,
          WaitTimeSeconds: 1, // long polling queries all SQS servers: an empty response means an empty queue
          VisibilityTimeout: visibilityTimeout,
        }),
      )
      .catch(({ name, message }: Error) => {
        throw new CommandError(`The queue ${queueUrl} cannot be read: ${name}: ${message}`);
      });
    for (const { MessageId = '', ReceiptHandle = '' } of Messages) kept.set(MessageId, ReceiptHandle);
    return Messages;
  }

  async function countRest(): Promise<number> {
    const { Attributes = {} } = await client.send(
      new GetQueueAttributesCommand({
        QueueUrl,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    const all = Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
    return Math.max(0, all - kept.size);
  }

  return {
    length: undefined,
    async *messages() {
      for (;;) {
        const received = await receive();
        if (received.length === 0) return;
        for (const { MessageId = '', Body = '' } of received) {
          if (seen.has(MessageId)) continue;
          seen.add(MessageId);
          yield {
            body: parseJson(Body),
            remove: async () => {
              await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: kept.get(MessageId) }));
              kept.delete(MessageId);
            },
          };
        }
      }
    },
    async release() {
      const giveBack = (ReceiptHandle: string) =>
        client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
      // A message that SQS does not take back stays hidden, and the next run counts it.
      await Promise.allSettled([...kept.values()].map(giveBack));
      // SQS counts with a delay: it may still count what this run has just removed.
      let rest = await countRest();
      for (let time = 0; rest > 0 && seen.size > 0 && time < recounts.times; time++) {
        await wait(recounts.every);
        rest = await countRest();
      }
      return rest;
    },
  };
}
