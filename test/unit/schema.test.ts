import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { dropTable } from '../../admin/table/schema.ts';
import { openTable } from '../../core/table/client.ts';

test('deleting a table that takes longer than a request usually may is not repeated', async () => {
  let deletions = 0;
  const server = createServer(async (request, response) => {
    for await (const _ of request);
    const isDeletion = String(request.headers['x-amz-target']).endsWith('.DeleteTable');
    const isGone = deletions > 0;
    if (isDeletion) deletions++;
    const answer = () => {
      response.statusCode = isGone ? 400 : 200;
      response.setHeader('content-type', 'application/x-amz-json-1.0');
      response.end(
        JSON.stringify(isGone ? { __type: 'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException' } : {}),
      );
    };
    if (isDeletion && !isGone) setTimeout(answer, 300);
    else answer();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const table = openTable('t', {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    requestHandler: { requestTimeout: 50, throwOnRequestTimeout: true },
  });
  const dropped = await dropTable(table);
  server.close();
  server.closeAllConnections();
  expect({ dropped, deletions }).toEqual({ dropped: true, deletions: 1 });
});
