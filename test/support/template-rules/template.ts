import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';

// biome-ignore lint/suspicious/noExplicitAny: a template is JSON of many shapes; each rule states the one it expects
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

/** A rule of the deployed template. */
export interface Rule {
  name: string;
  /** @returns the violations, one line each: what is wrong and what to do. Never throws, even for a damaged template. */
  violations(template: Template, stage: Stage): string[];
}

/** WEB_ORIGIN of each template under test; dev has none. */
export const webOrigins: Record<Stage, string | undefined> = { dev: undefined, prod: 'https://chat.example.com' };

/** The parameters of each template under test: prod has all that add something to the template, dev none. */
export const given: Record<Stage, Record<string, string>> = {
  dev: {},
  prod: {
    alarmEmail: 'alarms@example.com',
    email: 'hello@example.com',
    monthlyBudget: '200',
    poolRequestsPerAddress: '100',
  },
};

export const root = resolve(import.meta.dirname, '../../..');

/** serverless.yml before osls resolves it, without CloudFormation’s tags. */
export const service = parse(readFileSync(resolve(root, 'serverless.yml'), 'utf8'), { logLevel: 'silent' }) as Json;

export const list = <T>(one: T | T[]): T[] => (Array.isArray(one) ? one : [one]);
export const ref = (id: string) => ({ Ref: id });
export const getAtt = (id: string, attribute: string) => ({ 'Fn::GetAtt': [id, attribute] });

export interface Named extends Resource {
  id: string;
}
export const ofType = ({ Resources }: Template, type: string): Named[] =>
  Object.entries(Resources).flatMap(([id, resource]) => (resource.Type === type ? [{ id, ...resource }] : []));

/** @returns the functions, with their names in serverless.yml and the ids of their roles */
export const functionsOf = (template: Template) =>
  ofType(template, 'AWS::Lambda::Function').map((it) => ({
    ...it,
    name: it.id.charAt(0).toLowerCase() + it.id.slice(1).replace(/LambdaFunction$/, ''),
    roleId: it.Properties.Role?.['Fn::GetAtt']?.[0] as string | undefined,
  }));

/** @returns the functions that receive the records of a stream, with the id of their role, the stream and their failure queue */
export const consumersOf = (template: Template) =>
  ofType(template, 'AWS::Lambda::EventSourceMapping').map((source) => {
    const functionId = source.Properties.FunctionName?.['Fn::GetAtt']?.[0] as string | undefined;
    return {
      source,
      functionId,
      roleId: functionsOf(template).find(({ id }) => id === functionId)?.roleId,
      stream: source.Properties.EventSourceArn,
      failures: source.Properties.DestinationConfig?.OnFailure?.Destination,
    };
  });

export interface Statement {
  Effect: 'Allow' | 'Deny';
  Action?: string | string[];
  Resource?: Json;
  Condition?: Json;
  [key: string]: Json;
}

/** @returns every policy statement in a value, at any depth */
export function statementsIn(value: Json): Statement[] {
  if (value === null || typeof value !== 'object') return [];
  return value.Effect ? [value] : Object.values(value).flatMap(statementsIn);
}
export const actionsOf = ({ Action = [] }: Statement): string[] => list(Action);
export const allowedBy = (resource: Resource | undefined) =>
  statementsIn(resource?.Properties.Policies).filter(({ Effect }) => Effect === 'Allow');

/**
 * Compares a value with what a rule expects. Of an object, compares only the named properties; `undefined` means absent.
 * @param expected a value, or a predicate made by `must`
 * @returns the differences, one line each
 */
export function unlike(where: string, actual: Json, expected: Json): string[] {
  if (isMap(actual) && isMap(expected))
    return Object.keys(expected).flatMap((key) => unlike(`${where}.${key}`, actual[key], expected[key]));
  const holds = typeof expected === 'function' ? expected(actual) : isDeepStrictEqual(actual, expected);
  return holds ? [] : [`${where} is ${JSON.stringify(actual)}. It must be ${expected?.be ?? text(expected)}`];
}
const isMap = (value: Json) => typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: Json) => (value === undefined ? 'absent' : JSON.stringify(value));

/** A predicate for `unlike`. @param be what the value must be, in words */
export const must = (be: string, holds: (actual: Json) => boolean) => Object.assign(holds, { be });

/** A predicate for `unlike`: equal, without further properties. */
export const exactly = (expected: Json) => must(text(expected), (actual) => isDeepStrictEqual(actual, expected));

/** Compares the only resource of a type. */
export function theOne(template: Template, type: string, expected: Json): string[] {
  const [it, ...others] = ofType(template, type);
  if (it && others.length === 0) return unlike(it.id, it, expected);
  return [
    `there must be one ${type}, and there are ${[it, ...others].flatMap((each) => each?.id ?? []).join(', ') || 'none'}`,
  ];
}

/** @returns the line if the condition is true */
export const when = (isWrong: boolean, line: string): string[] => (isWrong ? [line] : []);
