import diagnostics from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';

/**
 * Keeps web pages from invoking functions. In AWS that takes credentials; serverless-offline invokes a function for every request to its
 * Lambda port, and a page of any origin can send one without asking, although it cannot read the answer. Programs send no `Origin`.
 * @param port of the Lambda endpoint, in this process
 */
export function refusePages(port: number): void {
  diagnostics.subscribe('http.server.request.start', (message) => {
    const { request } = message as { request: IncomingMessage };
    // Node publishes this before the server sees the request; the server knows no such route.
    if (request.socket.localPort === port && request.headers.origin !== undefined) request.url = '/refused';
  });
}
