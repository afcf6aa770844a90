import { createProfile } from '../../core/create-profile.ts';
import { userPool } from '../user-pool.ts';
import { authenticatedRoute } from './route.ts';
import { userView } from './views.ts';

export const handler = authenticatedRoute(async (deps, { caller, body }) => ({
  body: userView(await createProfile({ ...deps, userPool }, caller, body)),
}));
