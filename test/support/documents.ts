import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

export interface Document {
  /** The path from the repository's root. */
  file: string;
  text: string;
}

const documentsIn = (folder: string): Document[] =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name))
    .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));

/** The Markdown documents of the repository. */
export const documents: Document[] = [...documentsIn('.'), ...documentsIn('docs')];

/** @returns the document at a path from the root */
export function documentAt(file: string): Document {
  const found = documents.find((document) => document.file === file);
  if (!found) throw new Error(`there is no document ${file}`);
  return found;
}

export interface CodeBlock {
  file: string;
  /** The language, and the tag that says how the block is tested. */
  info: string;
  code: string;
}

/** The fenced code blocks of all documents, in order. */
export const codeBlocks: CodeBlock[] = documents.flatMap(({ file, text }) =>
  [...text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(([, info = '', code = '']) => ({ file, info, code })),
);

/** The shell commands of the blocks with this tag (```` ```sh tour ````), in order. */
export const commandsTagged = (tag: string): string[] =>
  codeBlocks.filter(({ info }) => info === `sh ${tag}`).map(({ code }) => code);

/** The text without its code blocks: what looks like a link or a heading in there is none. */
export const prose = ({ text }: Document) => text.replace(/^```.*\n[\s\S]*?^```$/gm, '');

/** The section below a heading, up to the next heading of the same or a higher level. */
export function section(document: Document, heading: string): string {
  const lines = prose(document).split('\n');
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  if (start < 0) throw new Error(`${document.file} has no heading "${heading}"`);
  const level = lines[start]?.indexOf(' ') ?? 0;
  const length = lines.slice(start + 1).findIndex((line) => /^#+ /.test(line) && line.indexOf(' ') <= level);
  return lines.slice(start + 1, length < 0 ? undefined : start + 1 + length).join('\n');
}

/** The rows of the first table of a text, as cells, without its head. */
export const tableRows = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );

/** The anchors that GitHub makes of the headings: lower case, blanks become hyphens, other punctuation goes. */
export const anchorsOf = (document: Document): string[] =>
  [...prose(document).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

/** The targets of all links and pictures, whether written in Markdown or in HTML. */
export const linksOf = (document: Document): string[] =>
  [...prose(document).matchAll(/\]\(([^)\s]+)\)|\b(?:src|srcset|href)="([^"]+)"/g)].map(
    ([, a, b]) => (a ?? b) as string,
  );
