import { createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';

/** The key that cognito-local signs with. It is part of the package, so tests can sign any token. */
const { pem } = createRequire(import.meta.url)('cognito-local/lib/keys/cognitoLocal.private.json') as { pem: string };

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** @returns a token with these claims, signed with the local pool's key by default */
export function sign(claims: Record<string, unknown>, key: string = pem): string {
  const signed = `${base64url({ alg: 'RS256', kid: 'CognitoLocal', typ: 'JWT' })}.${base64url(claims)}`;
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key, 'base64url')}`;
}

export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

/** @returns tokens with one defect each, by the defect's name */
export function badTokens(good: string): Record<string, string> {
  const claims = claimsOf(good);
  const now = Math.floor(Date.now() / 1000);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const [header, body] = good.split('.') as [string, string];
  return {
    'signed with another key': sign(claims, privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()),
    'claims changed': `${header}.${base64url({ ...claims, sub: randomUUID() })}.${good.split('.')[2]}`,
    'not signed': `${base64url({ alg: 'none' })}.${body}.`,
    'expired a minute ago': sign({ ...claims, exp: now - 60 }),
    'for another client': sign({ ...claims, client_id: 'another' }),
    'of another pool': sign({ ...claims, iss: String(claims.iss).replace(/local_\w+$/, 'local_another') }),
    'not a token': 'nonsense',
  };
}
