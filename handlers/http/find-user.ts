import { findPerson } from '../../core/find-user.ts';
import { route } from './route.ts';
import { personView } from './views.ts';

export const handler = route(async (deps, { path }) => ({
  body: personView(await findPerson(deps, path.handle ?? '')),
}));
