import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';

// biome-ignore lint/suspicious/noExplicitAny: a template is JSON of a hundred shapes; the rules say which they expect
export type Json = any;

export interface Resource {
  Type: string;
  Properties: Record<string, Json>;
  Condition?: string;
  DependsOn?: string | string[];
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
}
export interface Template {
  Resources: Record<string, Resource>;
  Conditions: Record<string, Json>;
  Outputs: Record<string, Json>;
}
export const stages = ['dev', 'prod'] as const;
export type Stage = (typeof stages)[number];

/** A promise about what is deployed. */
export interface Rule {
  /** The promise, in words. */
  name: string;
  /** Where the template breaks it: one line each. A damaged template is still answered, not thrown at. */
  violations(template: Template, stage: Stage): string[];
}

/** The foreign origin that each of the templates under test is packaged for: one has none. */
export const webOrigins: Record<Stage, string | undefined> = { dev: undefined, prod: 'https://chat.example.com' };

export const root = resolve(import.meta.dirname, '../../..');

/** serverless.yml as it is written, CloudFormation's tags left out. */
export const service = parse(readFileSync(resolve(root, 'serverless.yml'), 'utf8'), { logLevel: 'silent' }) as Json;

export const list = <T>(one: T | T[]): T[] => (Array.isArray(one) ? one : [one]);
export const ref = (id: string) => ({ Ref: id });
export const getAtt = (id: string, attribute: string) => ({ 'Fn::GetAtt': [id, attribute] });

export interface Named extends Resource {
  id: string;
}
export const ofType = ({ Resources }: Template, type: string): Named[] =>
  Object.entries(Resources).flatMap(([id, resource]) => (resource.Type === type ? [{ id, ...resource }] : []));

/** The functions, each with its name in serverless.yml and the id of its role. */
export const functionsOf = (template: Template) =>
  ofType(template, 'AWS::Lambda::Function').map((it) => ({
    ...it,
    name: it.id.charAt(0).toLowerCase() + it.id.slice(1).replace(/LambdaFunction$/, ''),
    roleId: it.Properties.Role?.['Fn::GetAtt']?.[0] as string | undefined,
  }));

export interface Statement {
  Effect: 'Allow' | 'Deny';
  Action?: string | string[];
  Resource?: Json;
  Condition?: Json;
  [key: string]: Json;
}

/** Every policy statement below, at whatever depth. */
export function statementsIn(value: Json): Statement[] {
  if (value === null || typeof value !== 'object') return [];
  return value.Effect ? [value] : Object.values(value).flatMap(statementsIn);
}
export const actionsOf = ({ Action = [] }: Statement): string[] => list(Action);
export const allowedBy = (resource: Resource | undefined) =>
  statementsIn(resource?.Properties.Policies).filter(({ Effect }) => Effect === 'Allow');

/**
 * Where a value is not as expected. Of an object only what is named is looked at; a function is asked; anything else must be
 * equal. `undefined` stands for what must not be there.
 */
export function unlike(where: string, actual: Json, expected: Json): string[] {
  if (typeof expected === 'function') return expected(actual) ? [] : [`${where} is ${JSON.stringify(actual)}`];
  if (isMap(actual) && isMap(expected))
    return Object.keys(expected).flatMap((key) => unlike(`${where}.${key}`, actual[key], expected[key]));
  if (isDeepStrictEqual(actual, expected)) return [];
  return [`${where} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`];
}
const isMap = (value: Json) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** For `unlike`: with nothing beside it. */
export const exactly = (expected: Json) => (actual: Json) => isDeepStrictEqual(actual, expected);

/** There is one resource of a type, and it is as expected. */
export function theOne(template: Template, type: string, expected: Json): string[] {
  const [it, ...others] = ofType(template, type);
  return it && others.length === 0
    ? unlike(it.id, it, expected)
    : [`there is not one ${type}: ${[it, ...others].map((each) => each?.id)}`];
}

/** The lines that say what is wrong where it is so. */
export const when = (wrong: boolean, words: string): string[] => (wrong ? [words] : []);
