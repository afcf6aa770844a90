import * as z from 'zod';
import { createDocument } from 'zod-openapi';
import { connectionLifetime, maxConnections, ticketLifetime } from '../../core/model/connection.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { withoutIntegerMaximum } from '../openapi/document.ts';
import { frameSchemas, requestSchemas } from '../socket/frame-schemas.ts';
import { frameExamples } from './frame-examples.ts';

const description = `Tells the devices of a user at once what has changed in their conversations. Its operations are described from the side of the service: it *sends* what a client gets. \`docs/realtime.md\` says what a client implements.

**An event is a hint; the HTTP API (\`docs/openapi.yaml\`) is the truth.** Events may be lost, doubled, late or in another order; nothing is sent again to a device that was not connected. \`seq\`, the \`revision\` of a message or of a conversation's row, and \`read\` and \`cleared\`, which only grow, let a client apply them in any order. It asks the HTTP API when a \`seq\` is missing, after each connect, and once a minute.

- Frames are JSON texts. Each frame of the service has a \`type\`. Ignore fields that you do not know, frames of a type that you do not know, and frames without a type: API Gateway itself sends \`{"message", "connectionId", "requestId"}\` when no function could answer a frame.
- Connect: \`POST /api/realtime/tickets\` answers \`{url, ticket, expires_in}\`; open \`\${url}?ticket=\${ticket}\`. A ticket opens one connection, within ${ticketLifetime} seconds. A used, expired or unknown ticket is refused before the connection opens (\`403\`; without a ticket \`401\`): get a new one, whose request says what is wrong.
- Disconnect: the service ends a connection with the access token that its ticket was requested with, after ${connectionLifetime / 3600} hours at the latest; after 10 minutes without a frame; when the user signs out everywhere (\`DELETE /api/realtime/connections\`) or is suspended; and the oldest one when a user opens more than ${maxConnections}. From then on it sends nothing, but the connection may stay open until the service has something to send: so count the time yourself. The close code does not say why: get a new ticket and connect again.
- A frame of a client has at most 32 KB: a longer one ends the connection.`;

type AnyFrame = (typeof frameSchemas | typeof requestSchemas)[number];

/** The name of each message of the channel is the id of its schema. */
const idOf = (schema: AnyFrame) => schema.meta()?.id as string;
const [frames, requests] = [frameSchemas.map(idOf), requestSchemas.map(idOf)];

/** @returns the AsyncAPI document of the WebSocket API, made from the schemas of its frames */
export function asyncApiDocument() {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Cruddur messages: events',
      version: packageJson.version,
      description,
      license: { name: 'Apache License 2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    servers: {
      deployed: {
        host: '{api}.execute-api.{region}.amazonaws.com',
        pathname: '/{stage}',
        protocol: 'wss',
        description: 'A deployment. `url` of the ticket is its address.',
        variables: {
          api: { description: 'The id that API Gateway has given the WebSocket API.', examples: ['abcdef'] },
          region: { description: 'The AWS region.', examples: ['eu-west-1'] },
          stage: { description: 'The stage of the deployment.', examples: ['dev'] },
        },
        security: [{ $ref: '#/components/securitySchemes/ticket' }],
      },
      local: {
        host: 'localhost:3001',
        protocol: 'ws',
        description: 'The local stack.',
        security: [{ $ref: '#/components/securitySchemes/ticket' }],
      },
    },
    channels: {
      connection: {
        address: '/',
        title: 'A connection',
        description: 'The events of one user, for one of their devices.',
        messages: referencesTo('#/components/messages', [...frames, ...requests]),
        bindings: {
          ws: {
            method: 'GET',
            query: {
              type: 'object',
              properties: { ticket: { type: 'string', minLength: 1, description: 'A ticket, used once.' } },
              required: ['ticket'],
            },
            bindingVersion: '0.1.0',
          },
        },
      },
    },
    operations: {
      tellEvents: {
        ...operation('send', without(frames, ['Pong', 'Error', 'Typing'])),
        summary: 'Tell what has changed',
        description: 'Sent by `pushEvents` to every device of each user whom a change concerns.',
      },
      tellTyping: { ...operation('send', ['Typing']), summary: 'Tell who is writing' },
      relayTyping: {
        ...operation('receive', ['TellTyping']),
        summary: 'Take that the user is writing',
        description: 'Answered only if it fails.',
        reply: reply(['Error']),
      },
      answerPing: { ...operation('receive', ['Ping']), summary: 'Answer a ping', reply: reply(['Pong', 'Error']) },
    },
    components: {
      messages: Object.fromEntries([...frameSchemas, ...requestSchemas].map((each) => [idOf(each), message(each)])),
      schemas: schemas(),
      securitySchemes: {
        ticket: {
          type: 'httpApiKey',
          name: 'ticket',
          in: 'query',
          description:
            'A ticket of `POST /api/realtime/tickets`. It lets its bearer connect as the user: keep it out of logs.',
        },
      },
    },
  };
}

/** The JSON schemas of the frames, and of what they share with the HTTP API: made as if the frames were bodies of it. */
function schemas(): Record<string, object> {
  const json = (schema: z.ZodType) => ({ content: { 'application/json': { schema } } });
  const post = {
    requestBody: json(z.union(requestSchemas)),
    responses: { 200: { description: '', ...json(z.union(frameSchemas)) } },
  };
  const { components } = createDocument(
    { openapi: '3.1.1', info: { title: '', version: '' }, paths: { '/': { post } } },
    { override: withoutIntegerMaximum },
  );
  return components?.schemas as Record<string, object>;
}

function message(schema: AnyFrame) {
  const { id, description = '' } = schema.meta() ?? {};
  const name = 'type' in schema.shape ? schema.shape.type.value : schema.shape.action.value;
  return {
    name,
    summary: description,
    payload: { $ref: `#/components/schemas/${id}` },
    examples: [{ payload: frameExamples[id as string] }],
  };
}

const operation = (action: 'send' | 'receive', names: string[]) => ({
  action,
  channel: { $ref: '#/channels/connection' },
  messages: names.map((name) => ({ $ref: `#/channels/connection/messages/${name}` })),
});

const reply = (names: string[]) => {
  const { channel, messages } = operation('send', names);
  return { channel, messages };
};

const referencesTo = (path: string, names: string[]) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `${path}/${name}` }]));

const without = (names: string[], others: string[]) => names.filter((name) => !others.includes(name));
