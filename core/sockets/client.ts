import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';

/** What became of a frame: whether the client got it cannot be known. `gone`: the connection does not exist any more. */
export type Delivery = 'posted' | 'gone' | 'failed';

/** The open WebSockets, as API Gateway manages them. */
export interface Sockets {
  /** Posts a frame. It never throws, since an event is only a hint: what fails to arrive, the client asks for. */
  post(connection_id: string, frame: string): Promise<Delivery>;
  /** Ends a connection. One that is gone causes no error. */
  end(connection_id: string): Promise<void>;
}

const timeout = 2_000; // milliseconds: a connection that takes longer is one that delays others

/** @param endpoint the address of the WebSocket API's `@connections`, such as `https://….amazonaws.com/prod` */
export function openSockets(endpoint: string): Sockets {
  const client = new ApiGatewayManagementApiClient({
    endpoint,
    maxAttempts: 1,
    requestHandler: { connectionTimeout: timeout, requestTimeout: timeout, throwOnRequestTimeout: true },
  });
  return {
    async post(ConnectionId, frame) {
      try {
        await client.send(new PostToConnectionCommand({ ConnectionId, Data: Buffer.from(frame) }));
        return 'posted';
      } catch (error) {
        return isGone(error) ? 'gone' : 'failed';
      }
    },
    async end(ConnectionId) {
      try {
        await client.send(new DeleteConnectionCommand({ ConnectionId }));
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    },
  };
}

// Not by the name of the error: serverless-offline has another one.
const isGone = (error: unknown) =>
  (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode === 410;
