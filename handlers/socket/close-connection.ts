import { closeConnection } from '../../core/close-connection.ts';
import { socket } from './socket.ts';

export const handler = socket(async (deps, { connection_id, grant }) => {
  await closeConnection(deps, grant.user_uuid, connection_id);
  return undefined;
});
