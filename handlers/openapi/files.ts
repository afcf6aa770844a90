import { stringify } from 'yaml';
import { openApiDocument } from './document.ts';

// With the quotes that a reader of YAML 1.1 needs: it takes a bare 2024-11-03T18:51:11Z for a date.
const asYaml = { schema: 'yaml-1.1', aliasDuplicateObjects: false, lineWidth: 0 } as const;

/** The files that are made from the routes and their schemas: the text of each by its path. */
export async function openApiFiles(): Promise<Record<string, string>> {
  return {
    'docs/openapi.yaml': `# Made by \`npm run openapi\` from handlers/openapi.\n${stringify(openApiDocument(), asYaml)}`,
  };
}
