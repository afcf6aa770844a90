import { endConnections } from '../../core/end-connections.ts';
import { sockets } from '../sockets.ts';
import { route } from './route.ts';

export const handler = route(async (deps, { me }) => {
  await endConnections({ ...deps, sockets }, me);
  return {};
});
