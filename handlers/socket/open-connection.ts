import { openConnection } from '../../core/open-connection.ts';
import { sockets } from '../sockets.ts';
import { socket } from './socket.ts';

export const handler = socket(async (deps, { connection_id, grant }) => {
  await openConnection({ ...deps, sockets }, grant, connection_id);
  return undefined;
});
