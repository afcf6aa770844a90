import { join } from '../../core/create-profile.ts';
import { openUserPool } from '../../core/user-pool/client.ts';
import { signedInRoute } from './route.ts';
import { userView } from './views.ts';

const pool = openUserPool();

export const handler = signedInRoute(async (deps, { signedIn, body }) => ({
  body: userView(await join(deps, pool, signedIn, body)),
}));
