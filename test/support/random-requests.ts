import fc from 'fast-check';
import { type Operation, operations, type Parameter, resolved } from './contract.ts';
import { fromSchema, type Schema } from './from-schema.ts';

/** A request to the API, without a token. */
export interface RandomRequest {
  method: string;
  /** The path with the query. */
  path: string;
  headers: Record<string, string>;
  body?: string;
}

/** Generators for the parts of a request. */
interface Parts {
  value(schema: Schema): fc.Arbitrary<unknown>;
  header(schema: Schema): fc.Arbitrary<unknown>;
  /** The query parameters that a request may have. */
  query(documented: Parameter[]): Parameter[];
  body(schema: Schema): fc.Arbitrary<string>;
  /** The body of a request to a route that takes none. */
  strayBody: fc.Arbitrary<string | undefined>;
  contentType: fc.Arbitrary<string>;
}

const allowedValue = (schema: Schema) => fromSchema(schema, resolved);

/** Only what the document allows. */
const allowed: Parts = {
  value: allowedValue,
  header: allowedValue,
  query: (documented) => documented.filter(({ name }) => name !== 'cursor'), // only the service can make a cursor
  body: (schema) => allowedValue(schema).map((body) => JSON.stringify(body)),
  strayBody: fc.constant(undefined),
  contentType: fc.constantFrom('application/json', 'application/json; charset=utf-8'),
};

const noise = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.jsonValue(),
  fc.constantFrom('', null, -1, '__proto__', '%', '#', '💥', '\u0000', '..%2f'),
);
/** Allowed values, the document's examples (which exist in the local stack), or noise. */
const anyValue = (schema: Schema): fc.Arbitrary<unknown> => {
  const { examples = [] } = resolved(schema) as { examples?: unknown[] };
  return fc.oneof(allowedValue(schema), noise, ...examples.map((example) => fc.constant(example)));
};

/** Valid and invalid input. */
const anything: Parts = {
  value: anyValue,
  header: (schema) => fc.oneof(allowedValue(schema), fc.constantFrom('a b', 'é', 'x'.repeat(129))),
  query: (documented) => [...['limit', 'cursor', 'x'].map(parameterOf), ...documented],
  body: (schema) => {
    const fields = fc.record(mapped(fieldsOf(schema), anyValue), { requiredKeys: [] });
    const others = fc.dictionary(fc.constantFrom('__proto__', 'x'), noise);
    const objects = fc
      .tuple(fields, others)
      .map((parts) => Object.fromEntries(parts.flatMap((it) => Object.entries(it))));
    return fc.oneof(
      { weight: 3, arbitrary: objects.map((body) => JSON.stringify(body)) },
      { weight: 1, arbitrary: fc.oneof(fc.json(), fc.string(), fc.string({ unit: 'binary', maxLength: 50 })) },
    );
  },
  strayBody: fc.option(fc.oneof(fc.json(), fc.string()), { nil: undefined }),
  contentType: fc.constantFrom('application/json', 'application/json; charset=utf-8', 'text/plain'),
};

/** Requests that the document allows. */
export const allowedRequests = () => requests(allowed);
/** Requests to the routes of the document, with valid or invalid input. */
export const anyRequests = () => requests(anything);

/** Every later request with the same token would be refused. test/support/authorization.ts has them. */
const endsToken = ['DELETE /api/realtime/connections', 'DELETE /api/me'];

function requests(parts: Parts): fc.Arbitrary<RandomRequest> {
  const sent = [...operations].filter(([route]) => !endsToken.includes(route));
  return fc.oneof(...sent.map(([route, operation]) => requestsTo(route, operation, parts)));
}

function requestsTo(route: string, { parameters = [], requestBody }: Operation, parts: Parts) {
  const [method = '', template = ''] = route.split(' ');
  const of = (where: Parameter['in']) => parameters.filter((parameter) => parameter.in === where);
  const bodySchema = requestBody?.content['application/json'].schema;
  const strayBody = ['GET', 'HEAD'].includes(method) ? fc.constant(undefined) : parts.strayBody; // fetch sends none with these
  return fc
    .record({
      segments: texts(of('path'), parts.value),
      query: texts(parts.query(of('query')), parts.value),
      headers: texts(of('header'), parts.header),
      type: parts.contentType,
      body: bodySchema ? parts.body(bodySchema) : strayBody,
    })
    .map(({ segments, query, headers, type, body }) => {
      const path = template.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(segments[name] || 'x'));
      return {
        method,
        path: `${path}?${new URLSearchParams(query)}`,
        headers: { ...headers, ...(body !== undefined && { 'content-type': type }) },
        ...(body !== undefined && { body }),
      };
    });
}

/** Generates a text for each required parameter, and for some of the others. */
function texts(parameters: Parameter[], value: Parts['value']): fc.Arbitrary<Record<string, string>> {
  const required = parameters.flatMap(({ name, required }) => (required ? name : []));
  const schemas = Object.fromEntries(parameters.map(({ name, schema }) => [name, schema]));
  return fc.record(
    mapped(schemas, (schema) => value(schema).map(textOf)),
    { requiredKeys: required },
  );
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value)).toWellFormed();
const parameterOf = (name: string): Parameter => ({ in: 'query', name, schema: { type: 'string' } });
const mapped = <From, To>(from: Record<string, From>, to: (value: From) => To) =>
  Object.fromEntries(Object.entries(from).map(([name, value]) => [name, to(value)]));

/** @returns the fields of a body, from all alternatives of its schema */
function fieldsOf(schema: Schema): Record<string, Schema> {
  const { anyOf, properties = {} } = resolved(schema) as { anyOf?: Schema[]; properties?: Record<string, Schema> };
  return anyOf ? Object.assign({}, ...anyOf.map(fieldsOf)) : properties;
}
