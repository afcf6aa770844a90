import { endIfOver } from '../../core/end-connection.ts';
import { relayTyping } from '../../core/relay-typing.ts';
import { sockets } from '../sockets.ts';
import { socket } from './socket.ts';

const frameOf = (event: object) => JSON.stringify(event);

export const handler = socket(async (deps, { connection_id, grant, body }) => {
  const socketDeps = { ...deps, sockets, frameOf };
  if (await endIfOver(socketDeps, grant, connection_id)) return undefined;
  await relayTyping(socketDeps, grant.user_uuid, body);
  return undefined;
});
