import { createProfile } from '../../core/create-profile.ts';
import { userPool } from '../user-pool.ts';
import { authenticatedRoute } from './route.ts';
import { meView } from './views.ts';

export const handler = authenticatedRoute(async (deps, { caller, body }) => ({
  body: meView(await createProfile({ ...deps, userPool }, caller, body)),
}));
