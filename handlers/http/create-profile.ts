import { join } from '../../core/create-profile.ts';
import { openUserPool } from '../../core/user-pool/client.ts';
import { newcomerRoute } from './route.ts';
import { personView } from './views.ts';

const pool = openUserPool();

export const handler = newcomerRoute(async (deps, { signedIn, body }) => ({
  body: personView(await join(deps, pool, signedIn, body)),
}));
