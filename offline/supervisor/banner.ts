import { relative } from 'node:path';
import { seedPassword, seedUsers } from '../../seeds/users.ts';
import type { LocalSettings } from '../settings.ts';
import { confirmationCode } from './sign-in.ts';

/**
 * The whole text that a successful start prints: the addresses, how to sign in, and three commands to try. With npm's
 * own lines it is at most 20 lines long.
 */
export function banner(settings: LocalSettings, withWebsocket: boolean, logFile: string, seconds: number): string {
  const { ports, onDisk, stateFolder } = settings;
  const api = `http://localhost:${ports.http}`;
  // The commands take the ports from the environment, so for a stack on other ports the shell needs the same variables.
  const otherPorts = [
    ...(ports.cognito === 9229 ? [] : [`COGNITO_PORT=${ports.cognito} `]),
    ...(ports.dynamodb === 8000 ? [] : [`DYNAMODB_PORT=${ports.dynamodb} `]),
  ].join('');
  const signedIn = '-H "Authorization: Bearer $TOKEN"';
  return [
    '',
    `Web client      ${api}/`,
    `  sign in as    ${seedUsers.map(({ email }) => email).join(', ')}`,
    `  password      ${seedPassword}`,
    `HTTP API        ${api}/api`,
    ...(withWebsocket ? [`WebSocket       ws://localhost:${ports.websocket}`] : []),
    `Lambda          http://localhost:${ports.lambda}`,
    `DynamoDB Local  http://localhost:${ports.dynamodb} (${onDisk ? stateFolder : 'in memory'})`,
    `Sign-in         http://localhost:${ports.cognito} (every confirmation code is ${confirmationCode})`,
    `Log             ${relative(process.cwd(), logFile)} (VERBOSE=1 prints it all)`,
    '',
    'Try, in another terminal:',
    `  TOKEN=$(${otherPorts}node bin/cognito token grahams)`,
    `  curl ${signedIn} ${api}/api/message_groups`,
    `  curl ${signedIn} -H 'Content-Type: application/json' -d '{"handle":"bayko","message":"Hello!"}' ${api}/api/messages`,
    `Ready after ${seconds.toFixed(1)} s. Ctrl-C stops everything.`,
  ].join('\n');
}
