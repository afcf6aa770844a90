import { Agent, request } from 'node:http';
import type { DynamoDBRecord } from 'aws-lambda';
import type { Outcome } from './deliver.ts';

/** Calls a function, by its deployed name, with stream records. Rejects only when `signal` is aborted. */
export type Invoke = (functionName: string, records: DynamoDBRecord[], signal: AbortSignal) => Promise<Outcome>;

/**
 * Invokes functions through the Lambda endpoint of serverless-offline, which enforces their timeouts. If a function
 * fails or times out, the endpoint answers 200 with the header `X-Amz-Function-Error`; for any other failure it
 * answers another status.
 */
export function lambdaInvoker(lambdaPort: number): Invoke {
  const agent = new Agent({ keepAlive: true });
  return (functionName, records, signal) =>
    new Promise((resolve, reject) => {
      const unreachable = () => (signal.aborted ? reject(signal.reason) : resolve({ result: 'unreachable' }));
      const call = request(
        {
          agent,
          signal,
          method: 'POST',
          host: 'localhost', // a name and not an address: serverless-offline listens on it by IPv4 or by IPv6
          port: lambdaPort,
          path: `/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`,
          headers: { 'content-type': 'application/json' },
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('error', unreachable);
          answer.on('end', () => {
            const error = answer.headers['x-amz-function-error'] ?? answer.headers['x-amzn-errortype'];
            if (error !== undefined || answer.statusCode !== 200) {
              resolve({ result: 'failed', functionError: error?.toString() ?? `Status${answer.statusCode}` });
            } else {
              resolve({ result: 'answered', response: parseResponse(Buffer.concat(chunks).toString()) });
            }
          });
        },
      );
      call.on('error', unreachable);
      call.end(JSON.stringify({ Records: records }));
    });
}

/**
 * The body is empty when the function returned nothing. A body that is not JSON is returned as a string, which the
 * caller treats as a malformed response.
 */
function parseResponse(body: string): unknown {
  if (body === '') return null;
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
