import { eraseUser } from '../../core/erase-user.ts';
import { sockets } from '../sockets.ts';
import { userPool } from '../user-pool.ts';
import { authenticatedRoute } from './route.ts';

export const handler = authenticatedRoute(async (deps, { caller }) => {
  await eraseUser({ ...deps, sockets, userPool }, caller);
  return { status: 202 };
});
