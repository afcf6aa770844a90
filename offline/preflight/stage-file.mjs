import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/**
 * The parameters that serverless.yml has for each stage, with those of one stage's file. osls reads the file later than the preflight
 * needs it.
 * @param {Record<string, unknown>} params `params` of serverless.yml, before osls resolves it
 * @param {string} stage
 * @param {string} root the folder of serverless.yml
 * @returns {{ params: import('./parameters.mjs').Params, wrong?: undefined } | { params?: undefined, wrong: string }} or one line about what is wrong
 */
export function readStageFile(params, stage, root) {
  const own = params[stage];
  const expected = `resources/stages/${stage}.yml`;
  const [, named] = /^\$\{file\(([^),]+)\)\}$/.exec(String(own)) ?? [];
  const text = textOf(join(root, named ?? expected));
  const line = `${stage}: \${file(${expected})}`;
  if (named === undefined) {
    if (text !== undefined && !isMap(own))
      return { wrong: `${expected} has no effect: add the line "${line}" to params in serverless.yml.` };
    return { params: /** @type {import('./parameters.mjs').Params} */ (params) };
  }
  if (text === undefined)
    return {
      wrong: `${named} does not exist: add it with the parameters of stage ${stage}, or take its line out of serverless.yml.`,
    };
  const values = parsed(text);
  if (!isMap(values))
    return { wrong: `${named} must be YAML with a parameter in each line, as in: logRetentionInDays: 90` };
  return { params: { .../** @type {import('./parameters.mjs').Params} */ (params), [stage]: values } };
}

/** @param {string} path @returns {string | undefined} undefined if there is no such file */
function textOf(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** @param {string} text @returns {unknown} undefined if it is no YAML */
function parsed(text) {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
const isMap = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
