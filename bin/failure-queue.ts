import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Unusable } from './cli.ts';
import type { Failures } from './failure-file.ts';

// Far longer than ten messages take; what fails stays hidden for so long, then lies in the queue as before.
const hiddenForSeconds = 600;

/** The failure destination in AWS. Region and credentials come from the environment, as the SDK reads it. */
export function failureQueue(queueUrl: string, client = new SQSClient()): Failures {
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
            throw new Unusable(`The queue cannot be read (${name}): ${message}`);
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

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
