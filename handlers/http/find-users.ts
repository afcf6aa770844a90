import { findUsers } from '../../core/find-users.ts';
import { route } from './route.ts';
import { userView } from './views.ts';

export const handler = route(async (deps, { query }) => ({ body: (await findUsers(deps, query)).map(userView) }));
