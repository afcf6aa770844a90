import { blockUser } from '../../core/block-user.ts';
import { route } from './route.ts';

export const handler = route(async (deps, { me, path }) => {
  await blockUser(deps, me, path);
  return {};
});
