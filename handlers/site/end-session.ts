import { endSession } from '../../core/end-session.ts';
import { openUserPool } from '../../core/user-pool/client.ts';
import { session } from './session.ts';
import { signIn } from './settings.ts';

const pool = openUserPool();

export const handler = session(async ({ kept }) => {
  await endSession(pool, signIn.clientId, kept);
  return { keep: null };
});
