import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CognitoIdentityProviderClient, InitiateAuthCommand } from '@aws-sdk/client-cognito-identity-provider';
import { parse } from 'yaml';
import { people, seedPassword } from '../seeds/people.ts';
import { localCredentials } from './settings.ts';

export interface Tokens {
  /** Opens the API. */
  accessToken: string;
  /** Says who somebody is to a client, and opens nothing. */
  idToken: string;
}

/** Nobody of this handle is seeded. */
export class UnknownPerson extends Error {}

/**
 * Signs a seeded person in at the local stack, as a client would.
 * @param handle with or without `@`
 * @param port where sign-in listens
 * @throws UnknownPerson, or the SDK's error when sign-in does not answer
 */
export async function signIn(handle: string, port: number): Promise<Tokens> {
  const person = people.find((candidate) => candidate.handle === handle.replace(/^@/, '').toLowerCase());
  if (!person)
    throw new UnknownPerson(`Nobody called ${handle} is seeded: ${people.map((each) => each.handle).join(', ')}.`);
  const client = new CognitoIdentityProviderClient({
    endpoint: `http://localhost:${port}`,
    region: 'local',
    credentials: localCredentials,
    maxAttempts: 1, // it is on this machine: it answers or it is not there
  });
  const { AuthenticationResult } = await client.send(
    new InitiateAuthCommand({
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: localClientId(),
      AuthParameters: { USERNAME: person.email, PASSWORD: seedPassword },
    }),
  );
  client.destroy();
  const { AccessToken: accessToken, IdToken: idToken } = AuthenticationResult ?? {};
  if (!accessToken || !idToken) throw new Error(`sign-in asks ${handle} for more than a password`);
  return { accessToken, idToken };
}

/** The client that people sign in with, from the one place where it is written. */
function localClientId(): string {
  const text = readFileSync(join(import.meta.dirname, '../serverless.yml'), 'utf8');
  return parse(text, { logLevel: 'silent' }).custom.signIns.local.clientId; // silent: it warns of CloudFormation's tags
}
