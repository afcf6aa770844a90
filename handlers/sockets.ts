import { openSockets } from '../core/sockets/client.ts';

const endpoint = process.env.CONNECTIONS_ENDPOINT;
if (!endpoint) throw new Error('CONNECTIONS_ENDPOINT is not set: serverless.yml must set it for this function');

/** Created once per function instance. It is not in deps.ts, so that only the functions that post to WebSockets contain its client. */
export const sockets = openSockets(endpoint);
