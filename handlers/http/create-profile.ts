import { createProfile } from '../../core/create-profile.ts';
import { userPool } from '../user-pool.ts';
import { signedInRoute } from './route.ts';
import { userView } from './views.ts';

export const handler = signedInRoute(async (deps, { signedIn, body }) => ({
  body: userView(await createProfile({ ...deps, userPool }, signedIn, body)),
}));
