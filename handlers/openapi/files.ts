import { compile, type JSONSchema } from 'json-schema-to-typescript';
import { stringify } from 'yaml';
import { asyncApiDocument } from '../asyncapi/document.ts';
import { openApiDocument } from './document.ts';

// Writes YAML 1.1 so that times are quoted: a YAML 1.1 parser would read a bare 2024-11-03T18:51:11Z as a date.
const asYaml = { schema: 'yaml-1.1', aliasDuplicateObjects: false, lineWidth: 0 } as const;

/** @returns the generated files, which describe both APIs: text by path */
export async function openApiFiles(): Promise<Record<string, string>> {
  const document = openApiDocument();
  return {
    'docs/openapi.yaml': `# Made by \`npm run openapi\` from handlers/openapi.\n${stringify(document, asYaml)}`,
    'docs/asyncapi.yaml': `# Made by \`npm run openapi\` from handlers/asyncapi.\n${stringify(asyncApiDocument(), asYaml)}`,
    'web/src/api/schema.ts': await typesOf(document.components?.schemas ?? {}),
  };
}

/** @returns the component schemas as TypeScript types */
async function typesOf(schemas: object): Promise<string> {
  const names = Object.keys(schemas);
  // Every schema gets a title, because json-schema-to-typescript takes a type's name from it.
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
    additionalProperties: false, // the default for schemas that do not specify it
    style: { singleQuote: true, printWidth: 120 },
  });
}
