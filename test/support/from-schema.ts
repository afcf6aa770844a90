import fc from 'fast-check';

/** A JSON Schema of docs/openapi.yaml. */
export interface Schema {
  type?: string;
  $ref?: string;
  [keyword: string]: unknown;
}

/** Keywords that do not restrict values. */
const annotations = ['default', 'description', 'examples', 'title'];

/**
 * Generates values that a schema allows. The package json-schema-fast-check is archived and needs fast-check 1.
 * @param resolved follows a reference
 * @throws Error for an unsupported keyword, since the values might violate the schema
 */
export function fromSchema(schema: Schema, resolved: (schema: Schema) => Schema): fc.Arbitrary<unknown> {
  const inner = (value: unknown) => fromSchema(value as Schema, resolved);
  const { keys, ...rest } = withKeys(resolved(schema));
  const supports = <Keyword extends string>(...names: Keyword[]) => {
    const unsupported = keys.filter((key) => !(names as string[]).includes(key));
    if (unsupported.length > 0)
      throw new Error(`cannot generate values for ${unsupported.join(', ')} of ${JSON.stringify(schema)}`);
  };
  if (rest.anyOf) {
    supports('anyOf');
    return fc.oneof(...(rest.anyOf as unknown[]).map(inner));
  }
  switch (rest.type) {
    case 'string':
      if (rest.enum) {
        supports('type', 'enum');
        return fc.constantFrom(...(rest.enum as string[]));
      }
      supports('type', 'format', 'pattern', 'minLength', 'maxLength');
      return strings(rest);
    case 'boolean':
      supports('type');
      return fc.boolean();
    case 'integer':
      supports('type', 'minimum', 'maximum');
      return fc.integer({ min: rest.minimum as number, max: rest.maximum as number });
    case 'object': {
      supports('type', 'properties', 'required');
      const properties = Object.entries(rest.properties as Record<string, unknown>);
      return fc.record(Object.fromEntries(properties.map(([name, value]) => [name, inner(value)])), {
        requiredKeys: (rest.required as string[] | undefined) ?? [],
      });
    }
    default:
      throw new Error(`cannot generate values for ${JSON.stringify(schema)}`);
  }
}

function withKeys(schema: Schema): Schema & { keys: string[] } {
  return { ...schema, keys: Object.keys(schema).filter((key) => !annotations.includes(key)) };
}

function strings({ format, pattern, minLength = 0, maxLength }: Schema): fc.Arbitrary<string> {
  if (format === 'date-time') return times;
  if (pattern) return fc.stringMatching(new RegExp(pattern as string));
  const length = maxLength === undefined ? {} : { maxLength: maxLength as number };
  return fc.string({ unit: 'binary', minLength: minLength as number, ...length });
}

// The pattern alone would allow day 39 of month 20.
const times = fc
  .date({ min: new Date(0), max: new Date('2255-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString().replace('Z', '000+00:00'));
