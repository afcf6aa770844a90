import { writeFile } from 'node:fs/promises';
import { openApiFiles } from '../handlers/openapi/files.ts';

// `npm run openapi` writes docs/openapi.yaml, its types for the web client, and docs/asyncapi.yaml.
for (const [path, text] of Object.entries(await openApiFiles())) await writeFile(path, text);
