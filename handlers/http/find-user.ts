import { findUser } from '../../core/find-user.ts';
import { route } from './route.ts';
import { userView } from './views.ts';

export const handler = route(async (deps, { path }) => ({
  body: userView(await findUser(deps, path.handle ?? '')),
}));
