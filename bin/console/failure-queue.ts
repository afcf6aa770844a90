import {
  DeleteMessageCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SQSClient,
  type SQSClientConfig,
} from '@aws-sdk/client-sqs';
import { CommandError } from './command-error.ts';
import { type Failures, jsonOf } from './failure-file.ts';
import type { Target } from './target.ts';

// Far longer than ten messages take; what fails stays hidden for so long, then lies in the queue as before.
const hiddenForSeconds = 600;

/** The queue that resources/stream.yml names after the stage. */
export async function queueUrlOf({ stage, region }: Pick<Target, 'stage' | 'region'>): Promise<string> {
  const client = new SQSClient(region === undefined ? {} : { region });
  const QueueName = `cruddur-messages-${stage}-projection-failures`;
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName }));
  client.destroy();
  return QueueUrl as string;
}

/** The failure destination in AWS. */
export function failureQueue(queueUrl: string, config: SQSClientConfig = {}): Failures {
  const client = new SQSClient(config);
  return {
    length: undefined,
    async *messages() {
      const seen = new Set<string>(); // a long run can meet again what failed at its start
      for (;;) {
        const { Messages = [] } = await client
          .send(
            new ReceiveMessageCommand({
              QueueUrl: queueUrl,
              MaxNumberOfMessages: 10,
              WaitTimeSeconds: 1, // long polling asks all of SQS's servers: an empty answer means an empty queue
              VisibilityTimeout: hiddenForSeconds,
            }),
          )
          .catch(({ name, message }: Error) => {
            throw new CommandError(`The queue cannot be read (${name}): ${message}`);
          });
        const fresh = Messages.filter(({ MessageId = '' }) => !seen.has(MessageId));
        if (fresh.length === 0) return;
        for (const { MessageId = '', Body = '', ReceiptHandle } of fresh) {
          seen.add(MessageId);
          yield {
            body: jsonOf(Body),
            remove: async () => {
              await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
            },
          };
        }
      }
    },
  };
}
