import { findUsers } from '../../core/find-users.ts';
import { route } from './route.ts';
import { userView } from './views.ts';

export const handler = route(async (deps, { query }) => {
  const { rows, more } = await findUsers(deps, query);
  return { body: rows.map(userView), more };
});
