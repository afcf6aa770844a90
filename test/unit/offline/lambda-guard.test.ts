import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { refusePages } from '../../../offline/supervisor/lambda-guard.ts';

const servers = [1, 2].map(() => createServer((request, response) => response.end(request.url)));
const ports: number[] = [];
beforeAll(async () => {
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ports.push((server.address() as { port: number }).port);
  }
  refusePages(ports[0] as number);
});
afterAll(() => {
  for (const server of servers) server.close();
});

test('web pages cannot invoke functions, programs can', async () => {
  const path = '/2015-03-31/functions/sendMessage/invocations';
  const urlSeen = async (port = 0, headers = {}) =>
    (await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers })).text();
  const [lambda, http] = ports;
  expect(await urlSeen(lambda)).toBe(path);
  expect(await urlSeen(lambda, { origin: 'https://elsewhere.example' })).toBe('/refused');
  expect(await urlSeen(lambda, { origin: 'null' })).toBe('/refused');
  expect(await urlSeen(http, { origin: 'https://elsewhere.example' })).toBe(path);
});
