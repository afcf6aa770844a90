import { findUserForCaller } from '../../core/find-user.ts';
import { route } from './route.ts';
import { foundUserView } from './views.ts';

export const handler = route(async (deps, { me, path }) => ({
  body: foundUserView(await findUserForCaller(deps, me, path.handle ?? '')),
}));
