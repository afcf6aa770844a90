import {
  DeleteMessageCommand,
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
 */
export function failureQueue(queueUrl: string, config: SQSClientConfig = {}): FailureDestination {
  const client = new SQSClient(config);
  return {
    length: undefined,
    async *messages() {
      // In a long run, messages that failed at its start become visible again and must not be read twice.
      const seen = new Set<string>();
      for (;;) {
        const { Messages = [] } = await client
          .send(
            new ReceiveMessageCommand({
              QueueUrl: queueUrl,
              MaxNumberOfMessages: 10,
              WaitTimeSeconds: 1, // long polling queries all SQS servers: an empty response means an empty queue
              VisibilityTimeout: visibilityTimeout,
            }),
          )
          .catch(({ name, message }: Error) => {
            throw new CommandError(`The queue ${queueUrl} cannot be read: ${name}: ${message}`);
          });
        const fresh = Messages.filter(({ MessageId = '' }) => !seen.has(MessageId));
        if (fresh.length === 0) return;
        for (const { MessageId = '', Body = '', ReceiptHandle } of fresh) {
          seen.add(MessageId);
          yield {
            body: parseJson(Body),
            remove: async () => {
              await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
            },
          };
        }
      }
    },
  };
}
