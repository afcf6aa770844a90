import { unlimited } from '../../test/support/limits.ts';
import { startStack } from '../../test/support/stack.ts';
import { quantile, summary } from '../harness/statistics.ts';
import type { Figure, Suite } from '../harness/suite.ts';
import { timesToPixels } from '../realtime/page.ts';
import { timesToSocket, uncounted } from '../realtime/socket.ts';

const messages = 200;

/** How long a message takes from its sender to the other user's device, over the whole running stack. */
export const realtime: Suite = {
  name: 'realtime',
  title: 'From the sender to the other device',
  async run({ progress, atEnd }) {
    progress('starting the local stack');
    const stack = await startStack({ limits: unlimited });
    atEnd(() => stack.stop());
    const socket = await timesToSocket(stack, { messages, progress });
    const pixels = await timesToPixels(stack, { messages, progress });
    const figure = (id: string, what: string, value: number, atMost?: number): Figure => ({
      id,
      what,
      value,
      unit: 'ms',
      ...(atMost !== undefined && { atMost }),
    });
    return {
      figures: [
        figure('socket', 'from the request to the event on the other device, median', quantile(socket, 0.5), 150),
        figure('socket-p99', 'the same, 99 of 100', quantile(socket, 0.99)),
        figure('pixels', 'from the request to the message on the other’s page, median', quantile(pixels, 0.5), 250),
        figure('pixels-p99', 'the same, 99 of 100', quantile(pixels, 0.99)),
      ],
      blocks: [
        {
          kind: 'text',
          text: `${messages} messages each, one after another, after ${uncounted} that load the functions, over the running local stack: HTTP request,
function, transaction, stream, push function, socket, and in the second series the page of a headless browser up to the frame that shows the
message. The local poller reads the stream every 50 ms, AWS about four times a second. In ms.`,
        },
        {
          kind: 'table',
          title: 'From the request',
          columns: ['to', 'median', 'p95', 'p99'],
          rows: [
            ['the socket', ...spread(socket)],
            ['the page', ...spread(pixels)],
          ],
        },
      ],
    };
  },
};

function spread(samples: readonly number[]): number[] {
  const { median, p95, p99 } = summary(samples);
  return [median, p95, p99];
}
