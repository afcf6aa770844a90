import { createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';

/** cognito-local signs with a key pair that it ships: whoever has the package can sign as it does. Never so in AWS. */
const { pem } = createRequire(import.meta.url)('cognito-local/lib/keys/cognitoLocal.private.json') as { pem: string };

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token with these claims, signed as the local pool signs (or with another key). */
export function sign(claims: Record<string, unknown>, key: string = pem): string {
  const signed = `${base64url({ alg: 'RS256', kid: 'CognitoLocal', typ: 'JWT' })}.${base64url(claims)}`;
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key, 'base64url')}`;
}

export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

/** What may be wrong with a token, each with everything else right. */
export function badTokens(good: string): Record<string, string> {
  const claims = claimsOf(good);
  const now = Math.floor(Date.now() / 1000);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const [header, body] = good.split('.') as [string, string];
  return {
    'signed with another key': sign(claims, privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()),
    'its claims changed': `${header}.${base64url({ ...claims, sub: randomUUID() })}.${good.split('.')[2]}`,
    'not signed at all': `${base64url({ alg: 'none' })}.${body}.`,
    'expired a minute ago': sign({ ...claims, exp: now - 60 }),
    'made for another client': sign({ ...claims, client_id: 'another' }),
    'made by another pool': sign({ ...claims, iss: String(claims.iss).replace(/local_\w+$/, 'local_another') }),
    'no token': 'nonsense',
  };
}
