import { updateProfile } from '../../core/update-profile.ts';
import { route } from './route.ts';
import { meView } from './views.ts';

export const handler = route(async (deps, { me, body }) => ({ body: meView(await updateProfile(deps, me, body)) }));
