import { writeFile } from 'node:fs/promises';
import { openApiFiles } from '../handlers/openapi/files.ts';

// `npm run openapi`: writes docs/openapi.yaml, and the types that the web client takes from it.
for (const [path, text] of Object.entries(await openApiFiles())) await writeFile(path, text);
