import { findPeople } from '../../core/find-users.ts';
import { route } from './route.ts';
import { personView } from './views.ts';

export const handler = route(async (deps, { query }) => ({ body: (await findPeople(deps, query)).map(personView) }));
