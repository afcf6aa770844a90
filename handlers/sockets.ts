import { openSockets } from '../core/sockets/client.ts';

const endpoint = process.env.CONNECTIONS_ENDPOINT;
// It is empty where the stage has no WebSocket API: then there are no connections, and nothing is called.
if (endpoint === undefined)
  throw new Error('CONNECTIONS_ENDPOINT is not set: serverless.yml must set it for this function');

/** Created once per function instance. It is not in deps.ts, so that only the functions that post to WebSockets contain its client. */
export const sockets = openSockets(endpoint);
