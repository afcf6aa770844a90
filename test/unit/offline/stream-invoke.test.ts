import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { lambdaInvoker } from '../../../offline/stream/invoke.ts';

let server: Server | undefined;

async function listen(listener: RequestListener): Promise<number> {
  const listening = createServer(listener);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, 'localhost', resolve));
  return (listening.address() as AddressInfo).port;
}

afterEach(async () => {
  const closing = server;
  server = undefined;
  if (!closing) return;
  await new Promise((resolve) => {
    closing.close(resolve);
    closing.closeAllConnections();
  });
});

const running = new AbortController().signal;
const records = [{ eventID: '1', dynamodb: { Keys: { pk: { S: 'é' } } } }];

test('the records are posted to the Lambda endpoint, and the response of the function is returned', async () => {
  const seen: unknown[] = [];
  const port = await listen(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    seen.push(request.method, request.url, JSON.parse(body));
    response.end('{"batchItemFailures":[]}');
  });
  const outcome = await lambdaInvoker(port)('svc-local-project', records, running);
  expect(outcome).toEqual({ result: 'answered', response: { batchItemFailures: [] } });
  expect(seen).toEqual(['POST', '/2015-03-31/functions/svc-local-project/invocations', { Records: records }]);
});

test.each([
  ['', null],
  ['null', null],
  ['"done"', 'done'],
  ['not JSON', 'not JSON'],
])('the body %j is the response %j', async (body, response) => {
  const port = await listen((_, answer) => answer.end(body));
  expect(await lambdaInvoker(port)('f', records, running)).toEqual({ result: 'answered', response });
});

test.each([
  // Of serverless-offline: a function that threw or timed out, an unknown function, an error of its own.
  [200, { 'x-amz-function-error': 'Unhandled' }, 'Unhandled'],
  [404, { 'x-amzn-errortype': 'ResourceNotFoundException' }, 'ResourceNotFoundException'],
  [500, {}, 'Status500'],
])('status %i with %j is a failed attempt', async (status, headers, functionError) => {
  const port = await listen((_, answer) => answer.writeHead(status, headers).end('{"errorMessage":"no"}'));
  expect(await lambdaInvoker(port)('f', records, running)).toEqual({ result: 'failed', functionError });
});

test('an endpoint that does not listen, or closes the connection, does not count as an attempt', async () => {
  const port = await listen((request) => request.socket.destroy());
  const invoke = lambdaInvoker(port);
  expect(await invoke('f', records, running)).toEqual({ result: 'unreachable' });
  await new Promise((resolve) => server?.close(resolve));
  expect(await invoke('f', records, running)).toEqual({ result: 'unreachable' });
});

test('an incomplete answer does not count as an attempt', async () => {
  const port = await listen((_, answer) => {
    answer.writeHead(200, { 'content-length': 100 }).write('{');
    setImmediate(() => answer.destroy());
  });
  expect(await lambdaInvoker(port)('f', records, running)).toEqual({ result: 'unreachable' });
});

test('a stop aborts the invocation', async () => {
  const stopped = new AbortController();
  const port = await listen(() => stopped.abort(new Error('stopped')));
  await expect(lambdaInvoker(port)('f', records, stopped.signal)).rejects.toThrow('stopped');
});
