import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

export const readme = readFileSync(resolve(import.meta.dirname, '../../README.md'), 'utf8');

/** The README's blocks of shell commands that bear a label, in order: ```` ```sh tour ````. */
export const blocks = (label: string): string[] =>
  [...readme.matchAll(new RegExp(`^\`\`\`sh ${label}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, commands]) => commands ?? '');
