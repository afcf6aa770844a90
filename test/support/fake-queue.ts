import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Stored {
  Body: string;
  MessageId: string;
  ReceiptHandle: string;
  isHidden: boolean;
}

/** As much of SQS as the redrive uses. Hidden messages stay hidden: no test waits for ten minutes. */
export class FakeQueue {
  readonly #stored: Stored[] = [];
  readonly #server: Server;
  /** How many messages the counts still show although they are removed: SQS counts with a delay. One fewer at each count. */
  lag = 0;

  constructor() {
    this.#server = createServer(async (request, response) => {
      let text = '';
      for await (const chunk of request) text += chunk;
      const action = String(request.headers['x-amz-target']).replace('AmazonSQS.', '');
      response.setHeader('content-type', 'application/x-amz-json-1.0');
      response.end(JSON.stringify(this.#answer(action, JSON.parse(text))));
    });
  }

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/000000000000/failures`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  add(Body: string, { isHidden = false } = {}): void {
    this.#stored.push({ Body, MessageId: randomUUID(), ReceiptHandle: '', isHidden });
  }

  get visible(): string[] {
    return this.#stored.filter(({ isHidden }) => !isHidden).map(({ Body }) => Body);
  }

  get hidden(): string[] {
    return this.#stored.filter(({ isHidden }) => isHidden).map(({ Body }) => Body);
  }

  /** As after the visibility timeout. */
  showAll(): void {
    for (const message of this.#stored) message.isHidden = false;
  }

  #answer(action: string, input: { ReceiptHandle?: string; VisibilityTimeout?: number; MaxNumberOfMessages?: number }) {
    const index = this.#stored.findIndex(({ ReceiptHandle }) => ReceiptHandle === input.ReceiptHandle);
    const named = this.#stored[index];
    switch (action) {
      case 'ReceiveMessage': {
        const Messages = this.#stored.filter(({ isHidden }) => !isHidden).slice(0, input.MaxNumberOfMessages);
        for (const message of Messages) Object.assign(message, { isHidden: true, ReceiptHandle: randomUUID() });
        const md5 = (text: string) => createHash('md5').update(text).digest('hex');
        return {
          Messages: Messages.map(({ isHidden: _, ...message }) => ({ ...message, MD5OfBody: md5(message.Body) })),
        };
      }
      case 'DeleteMessage':
        if (named) this.#stored.splice(index, 1);
        return {};
      case 'ChangeMessageVisibility':
        if (named) named.isHidden = input.VisibilityTimeout !== 0;
        return {};
      case 'GetQueueAttributes':
        return {
          Attributes: {
            ApproximateNumberOfMessages: String(this.visible.length),
            ApproximateNumberOfMessagesNotVisible: String(this.hidden.length + Math.max(0, this.lag--)),
          },
        };
      default:
        throw new Error(`SQS has no action ${action} here`);
    }
  }
}
