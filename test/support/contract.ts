import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import type { Schema } from './from-schema.ts';

// Checks the responses of the local stack against docs/openapi.yaml.

interface Media {
  schema?: Schema;
}
interface Response {
  headers?: Record<string, { required?: boolean; schema: Schema }>;
  content?: Record<string, Media>;
  $ref?: string;
}
/** A parameter of a route. */
export interface Parameter {
  in: 'path' | 'query' | 'header' | 'cookie';
  name: string;
  required?: boolean;
  schema: Schema;
}
/** The document's description of a route. */
export interface Operation {
  operationId: string;
  security: object[];
  parameters?: Parameter[];
  requestBody?: { content: { 'application/json': { schema: Schema; examples: Record<string, { value: object }> } } };
  responses: Record<string, Response>;
}
export interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema>; responses: Record<string, Response> };
}

export const openApi: OpenApi = parse(readFileSync(join(import.meta.dirname, '../../docs/openapi.yaml'), 'utf8'));

/** All routes of the document, by `METHOD /path`. */
export const operations = new Map(
  Object.entries(openApi.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation]),
  ),
);

/** @returns the target of a reference; any other value unchanged */
export function resolved<Value extends object>(value: Value): Value {
  if (!('$ref' in value)) return value;
  const steps = String(value.$ref).split('/').slice(1);
  return steps.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], openApi) as Value;
}

const ajv = new Ajv2020({ strict: false, allErrors: true }); // not strict: OpenAPI has keywords that JSON Schema lacks
addFormats.default(ajv);
ajv.addSchema(openApi, 'openapi');

/** @returns the violations of a schema of the document by a value, a line each */
export function mismatches(schema: Schema, value: unknown): string[] {
  const validate = compiled.get(schema) ?? ajv.compile(rebased(schema) as object);
  compiled.set(schema, validate);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath || 'it'} ${message} ${JSON.stringify(params)}`,
  );
}
const compiled = new Map<Schema, ReturnType<typeof ajv.compile>>();

/** @returns the schema with references that begin at the document, not at the schema itself */
const rebased = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (key, inner) => (key === '$ref' ? `openapi${inner}` : inner));

/** A response, with its body as text. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

/**
 * @param pathname the path of the request, still encoded
 * @returns the violations of the document by a response, a line each
 */
export function violations(method: string, pathname: string, { status, headers, text }: Answer): string[] {
  const operation = operationOf(method, pathname);
  if (!operation) return status === 404 ? [] : [`${status}, and there is no such route`]; // API Gateway's own 404
  const documented = operation.responses[status];
  if (!documented) return [`the status ${status} is not documented`];
  const response = resolved(documented);
  const ofHeaders = headerViolations(response, headers);
  return method === 'HEAD' ? ofHeaders : [...ofHeaders, ...bodyViolations(response, headers, text)]; // HEAD has no body
}

function operationOf(method: string, pathname: string): Operation | undefined {
  const segments = pathname.split('/');
  const matches = (path: string) => {
    const parts = path.split('/');
    if (path.endsWith('/{path}') ? segments.length < parts.length : segments.length !== parts.length) return false;
    return parts.every((part, n) => part.startsWith('{') || part === segments[n]);
  };
  // The most specific route answers: the one with the fewest parameters; a catch-all comes last.
  const rank = (path: string) =>
    path.split('{').length - 1 + (path.endsWith('/{path}') ? 10 - path.split('/').length : 0);
  const [path] = Object.keys(openApi.paths)
    .filter((path) => openApi.paths[path]?.[method.toLowerCase()] && matches(path))
    .toSorted((a, b) => rank(a) - rank(b));
  return path === undefined ? undefined : openApi.paths[path]?.[method.toLowerCase()];
}

/** Headers that HTTP, CORS and serverless-offline add to any response. `missingSecurity` and test/unit/site-functions.test.ts check the security headers. */
const general =
  /^(accept-ranges|access-control-.*|cache-control|connection|content-(encoding|length|type)|date|keep-alive|transfer-encoding|vary|content-security-policy|cross-origin-.*|origin-agent-cluster|referrer-policy|strict-transport-security|x-.*)$/;

function headerViolations({ headers: documented = {} }: Response, headers: Headers): string[] {
  const names = Object.keys(documented).map((name) => name.toLowerCase());
  const undocumented = [...headers.keys()].filter((name) => !names.includes(name) && !general.test(name));
  return [
    ...undocumented.map((name) => `the header ${name} is not documented`),
    ...Object.entries(documented).flatMap(([name, { required, schema }]) => {
      const value = headers.get(name);
      if (value === null) return required ? [`the header ${name} is missing`] : [];
      const typed = schema.type === 'integer' ? Number(value) : value;
      return mismatches(schema, typed).map((line) => `the header ${name}: ${line}`);
    }),
  ];
}

function bodyViolations({ content }: Response, headers: Headers, text: string): string[] {
  if (!content) return text === '' ? [] : ['there is a body'];
  const [type = ''] = (headers.get('content-type') ?? '').split(';');
  const media = content[type] ?? content['*/*'];
  if (!media) return [`the content type ${type} is not documented`];
  if (!media.schema) return [];
  if (!type.endsWith('json')) return mismatches(media.schema, text);
  const { schema } = media;
  try {
    if (type !== 'application/x-ndjson') return mismatches(schema, JSON.parse(text));
    if (text !== '' && !text.endsWith('\n')) return ['the last line does not end'];
    const lines = text.split('\n').slice(0, -1);
    return lines.flatMap((line) => mismatches(schema, JSON.parse(line))); // the schema is that of each line
  } catch {
    return ['the body is not JSON'];
  }
}

/** @returns the security headers that an answer of a function lacks, a line each */
export function missingSecurity(headers: Headers): string[] {
  return ['strict-transport-security: max-age=31536000', 'x-content-type-options: nosniff'].filter((line) => {
    const [name = '', value] = line.split(': ');
    return headers.get(name) !== value;
  });
}

/** Whether API Gateway itself has answered: functions answer with other JSON. */
const isOfGateway = (text: string) => /^\{"message":"[\w ]+"\}$/.test(text);

/**
 * Calls `fetch` and checks the response.
 * @throws Error if the response violates docs/openapi.yaml
 */
export async function fetchByContract(url: string, init: RequestInit = {}): Promise<globalThis.Response> {
  const response = await fetch(url, init);
  const { method = 'GET' } = init;
  if (method === 'OPTIONS') return response; // API Gateway answers CORS itself; the document does not describe it
  const { status, headers } = response;
  const { pathname } = new URL(url);
  const text = await response.clone().text();
  const found = violations(method, pathname, { status, headers, text });
  const reachesFunction = operationOf(method, pathname) && method !== 'HEAD' && !isOfGateway(text);
  if (reachesFunction) found.push(...missingSecurity(headers).map((line) => `no ${line}`));
  if (found.length > 0) throw new Error(`${method} ${pathname} violates docs/openapi.yaml: ${found.join('; ')}`);
  return response;
}
