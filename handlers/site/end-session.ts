import { endSession } from '../../core/end-session.ts';
import { userPool } from '../user-pool.ts';
import { session } from './session.ts';
import { signIn } from './settings.ts';

export const handler = session(async ({ query, refreshToken }) => {
  await endSession({ userPool }, signIn.clientId, refreshToken, query);
  return { refreshToken: null };
});
