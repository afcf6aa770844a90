import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import type { Frame } from '../../handlers/socket/frame-schemas.ts';

// Checks the frames of WebSockets against docs/asyncapi.yaml.

interface Message {
  name: string;
  payload: { $ref: string };
  examples: { payload: object }[];
}
interface Operation {
  action: 'send' | 'receive';
  messages: { $ref: string }[];
  reply?: { messages: { $ref: string }[] };
}
interface AsyncApi {
  channels: { connection: { messages: Record<string, { $ref: string }> } };
  operations: Record<string, Operation>;
  components: { messages: Record<string, Message>; schemas: Record<string, object> };
}

export const asyncApi: AsyncApi = parse(readFileSync(join(import.meta.dirname, '../../docs/asyncapi.yaml'), 'utf8'));

const namesIn = (references: { $ref: string }[]) => references.map(({ $ref }) => $ref.split('/').at(-1) as string);
const operations = Object.values(asyncApi.operations);

/** The messages of the document that a client gets, and those that it sends: ids of their schemas. */
export const directions = {
  received: [
    ...new Set([
      ...operations.flatMap(({ action, messages }) => (action === 'send' ? namesIn(messages) : [])),
      ...operations.flatMap(({ reply }) => namesIn(reply?.messages ?? [])),
    ]),
  ],
  sent: operations.flatMap(({ action, messages }) => (action === 'receive' ? namesIn(messages) : [])),
};

const ajv = new Ajv({ strict: false, allErrors: true }); // not strict: AsyncAPI has keywords that JSON Schema lacks
addFormats.default(ajv);
ajv.addSchema(asyncApi, 'asyncapi');

const compiled = Object.fromEntries(
  Object.entries(directions).map(([direction, ids]) => [
    direction,
    new Map(
      ids.map((id) => {
        const { name, payload } = asyncApi.components.messages[id] as Message;
        return [name, ajv.compile({ $ref: `asyncapi${payload.$ref}` })];
      }),
    ),
  ]),
) as Record<keyof typeof directions, Map<string, ReturnType<typeof ajv.compile>>>;

/** @returns the violations of the document by a frame, a line each */
export function frameViolations(direction: keyof typeof directions, text: string): string[] {
  const frame = parsed(text);
  if (frame === undefined) return ['it is no JSON'];
  const { type, action } = (frame ?? {}) as { type?: unknown; action?: unknown };
  const name = direction === 'received' ? type : action;
  const validate = compiled[direction].get(String(name));
  if (!validate) return [`the document has no ${name}`];
  if (validate(frame)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath || 'it'} ${message} ${JSON.stringify(params)}`,
  );
}

/**
 * @param text a frame as a client gets it
 * @throws Error if it violates docs/asyncapi.yaml
 */
export function expectFrame(text: string): Frame {
  const found = frameViolations('received', text);
  if (found.length > 0) throw new Error(`a frame violates docs/asyncapi.yaml: ${found.join('; ')}`);
  return JSON.parse(text);
}

/** @returns undefined for what is no JSON */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
