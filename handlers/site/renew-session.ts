import { domainError } from '../../core/errors.ts';
import { renewSession } from '../../core/renew-session.ts';
import { userPool } from '../user-pool.ts';
import { session } from './session.ts';
import { signIn } from './settings.ts';

export const handler = session(async ({ body, refreshToken }) => {
  // Prevents cross-site request forgery: a form on another site can send a POST without a body, but none with a JSON
  // body.
  if (body === undefined) throw domainError('body_invalid');
  const { refresh_token: token = refreshToken } = body as { refresh_token?: unknown };
  const { refresh_token, access_token, expires_in } = await renewSession({ userPool }, signIn.clientId, token);
  return { body: { access_token, expires_in }, refreshToken: refresh_token };
});
