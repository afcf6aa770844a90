import { findUsers } from '../../core/find-users.ts';
import { route } from './route.ts';
import { userView } from './views.ts';

export const handler = route(async (deps, { me, query }) => {
  const { rows, more } = await findUsers(deps, me, query);
  return { body: rows.map(userView), more };
});
