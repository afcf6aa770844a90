import type { LocalSettings } from '../settings.ts';
import { confirmationCode } from './sign-in.ts';

/** What listens where, and three commands to try: the last thing a start prints. */
export function summary({ ports, onDisk, stateFolder }: LocalSettings, withWebsocket: boolean): string {
  const api = `http://localhost:${ports.http}`;
  // For the shell that is typed in.
  const elsewhere = [
    ...(ports.cognito === 9229 ? [] : [`COGNITO_PORT=${ports.cognito} `]),
    ...(ports.dynamodb === 8000 ? [] : [`DYNAMODB_PORT=${ports.dynamodb} `]),
  ].join('');
  const signedIn = '-H "Authorization: Bearer $TOKEN"';
  return [
    '',
    `Web client      ${api}/ (who can sign in, and how: README.md)`,
    `HTTP API        ${api}/api`,
    ...(withWebsocket ? [`WebSocket       ws://localhost:${ports.websocket}`] : []),
    `Lambda          http://localhost:${ports.lambda}`,
    `DynamoDB Local  http://localhost:${ports.dynamodb} (${onDisk ? stateFolder : 'in memory'})`,
    `Sign-in         http://localhost:${ports.cognito} (every confirmation code is ${confirmationCode})`,
    '',
    'Try, in another terminal (Ctrl-C here stops everything):',
    `  TOKEN=$(${elsewhere}bin/cognito token grahams)`,
    `  curl ${signedIn} ${api}/api/message_groups`,
    `  curl ${signedIn} -H 'Content-Type: application/json' -d '{"handle":"bayko","message":"Hello!"}' ${api}/api/messages`,
    '',
  ].join('\n');
}
