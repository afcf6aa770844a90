import fc from 'fast-check';

/** A JSON Schema, as docs/openapi.yaml writes it. */
export interface Schema {
  type?: string;
  $ref?: string;
  [keyword: string]: unknown;
}

/** Keywords that restrict nothing. */
const remarks = ['default', 'description', 'examples', 'title'];

/**
 * Values that a schema allows. (json-schema-fast-check is for fast-check 1 and archived.)
 * @param resolved follows a reference
 * @throws for a keyword that it does not know: the values would not fit the schema
 */
export function fromSchema(schema: Schema, resolved: (schema: Schema) => Schema): fc.Arbitrary<unknown> {
  const inner = (value: unknown) => fromSchema(value as Schema, resolved);
  const { keys, ...rest } = known(resolved(schema));
  const of = <Keyword extends string>(...names: Keyword[]) => {
    const unknown = keys.filter((key) => !(names as string[]).includes(key));
    if (unknown.length > 0) throw new Error(`no values for ${unknown.join(', ')} of ${JSON.stringify(schema)}`);
  };
  if (rest.anyOf) {
    of('anyOf');
    return fc.oneof(...(rest.anyOf as unknown[]).map(inner));
  }
  switch (rest.type) {
    case 'string':
      of('type', 'format', 'pattern', 'minLength', 'maxLength');
      return strings(rest);
    case 'integer':
      of('type', 'minimum', 'maximum');
      return fc.integer({ min: rest.minimum as number, max: rest.maximum as number });
    case 'object': {
      of('type', 'properties', 'required');
      const properties = Object.entries(rest.properties as Record<string, unknown>);
      return fc.record(Object.fromEntries(properties.map(([name, value]) => [name, inner(value)])), {
        requiredKeys: (rest.required as string[] | undefined) ?? [],
      });
    }
    default:
      throw new Error(`no values for ${JSON.stringify(schema)}`);
  }
}

function known(schema: Schema): Schema & { keys: string[] } {
  return { ...schema, keys: Object.keys(schema).filter((key) => !remarks.includes(key)) };
}

function strings({ format, pattern, minLength = 0, maxLength }: Schema): fc.Arbitrary<string> {
  if (format === 'date-time') return times;
  if (pattern) return fc.stringMatching(new RegExp(pattern as string));
  const length = maxLength === undefined ? {} : { maxLength: maxLength as number };
  return fc.string({ unit: 'binary', minLength: minLength as number, ...length });
}

// A pattern alone would allow the 39th of month 20.
const times = fc
  .date({ min: new Date(0), max: new Date('2255-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString().replace('Z', '000+00:00'));
