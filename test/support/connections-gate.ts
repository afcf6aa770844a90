import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** Stands between the functions of a stack and `@connections`: passes requests on, but those that it should leave without an answer. */
export class ConnectionsGate {
  /** Whether to leave the post of a frame (JSON) without an answer. */
  ignores = (_frame: string): boolean => false;
  /** How many posts have got no answer. */
  unanswered = 0;
  #port = 0;
  readonly #server: Server = createServer((incoming, answer) => void this.#pass(incoming, answer));

  /** @returns its address */
  async open(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }

  /** @param port where the stack has its `@connections` */
  passTo(port: number): void {
    this.#port = port;
  }

  async #pass(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { url, method, headers } = incoming;
    const body = await buffer(incoming);
    if (this.ignores(body.toString())) {
      this.unanswered++;
      return;
    }
    const onward = request({ host: 'localhost', port: this.#port, path: url, method, headers }, (passed) => {
      answer.writeHead(passed.statusCode ?? 502, passed.headers);
      passed.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    onward.end(body);
  }
}
