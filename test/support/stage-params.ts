import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import type { Params } from '../../offline/preflight/parameters.mjs';
import { readStageFile } from '../../offline/preflight/stage-file.mjs';

const root = resolve(import.meta.dirname, '../..');

/** `params` of serverless.yml, with those of the stages’ files. */
export function stageParams(): Params {
  const { params } = parse(readFileSync(resolve(root, 'serverless.yml'), 'utf8'), { logLevel: 'silent' });
  return Object.keys(params).reduce((read: Params, stage) => readStageFile(read, stage, root).params ?? read, params);
}
