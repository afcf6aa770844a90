import { renewSession } from '../../core/renew-session.ts';
import { openUserPool } from '../../core/user-pool/client.ts';
import { session } from './session.ts';
import { signIn } from './settings.ts';

const pool = openUserPool();

export const handler = session(async ({ body, kept }) => {
  const { refresh_token: brought = kept } = body as { refresh_token?: unknown };
  const { refresh_token, access_token, expires_in } = await renewSession(pool, signIn.clientId, brought);
  return { body: { access_token, expires_in }, keep: refresh_token };
});
