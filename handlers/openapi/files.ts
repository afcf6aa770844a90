import { compile, type JSONSchema } from 'json-schema-to-typescript';
import { stringify } from 'yaml';
import { openApiDocument } from './document.ts';

// With the quotes that a reader of YAML 1.1 needs: it takes a bare 2024-11-03T18:51:11Z for a date.
const asYaml = { schema: 'yaml-1.1', aliasDuplicateObjects: false, lineWidth: 0 } as const;

/** The files that are made from the routes and their schemas: the text of each by its path. */
export async function openApiFiles(): Promise<Record<string, string>> {
  const document = openApiDocument();
  return {
    'docs/openapi.yaml': `# Made by \`npm run openapi\` from handlers/openapi.\n${stringify(document, asYaml)}`,
    'web/src/api/schema.ts': await typesOf(document.components?.schemas ?? {}),
  };
}

/** The component schemas as TypeScript. */
async function typesOf(schemas: object): Promise<string> {
  const names = Object.keys(schemas);
  // A type has the name of its title.
  const titled = Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, { ...schema, title: name }]),
  );
  const root = {
    components: { schemas: titled },
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/schemas/${name}` }])),
    required: names,
    additionalProperties: false,
  } as JSONSchema;
  return compile(root, 'Schemas', {
    bannerComment: '// Made by `npm run openapi` from docs/openapi.yaml.',
    additionalProperties: false, // where a schema leaves it open
    style: { singleQuote: true, printWidth: 120 },
  });
}
