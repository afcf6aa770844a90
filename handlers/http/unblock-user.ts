import { unblockUser } from '../../core/unblock-user.ts';
import { route } from './route.ts';

export const handler = route(async (deps, { me, path }) => {
  await unblockUser(deps, me, path);
  return {};
});
