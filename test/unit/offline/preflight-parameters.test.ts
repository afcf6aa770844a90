import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { defaultLimits } from '../../../core/model/limits.ts';
import {
  longestStage,
  openDecision,
  parameters,
  wrongParameter,
  wrongStageName,
} from '../../../offline/preflight/parameters.mjs';
import { stageParams } from '../../support/stage-params.ts';

const text = readFileSync(resolve(import.meta.dirname, '../../../serverless.yml'), 'utf8');
const { service, functions } = parse(text, { logLevel: 'silent' });
const params = stageParams();
const wrong = (stage: string, ...given: string[]) => wrongParameter(params, stage, given);
const topic = 'arn:aws:sns:eu-north-1:123456789012:on-call';

test.each([...Object.keys(params), 'dev'])('the defaults of stage %s are accepted', (stage) => {
  expect(wrong(stage)).toBeUndefined();
});

test.each([
  'dataWhenStackGoes=Retain',
  'tableProtection=yes',
  'poolProtection=no',
  'securityContact=mailto:security@example.com',
  'securityContact=https://example.com/report?by=mail',
  'limits={"messages":{"burst":100,"interval_ms":50}}',
  'logRetentionInDays=90',
  'reservedConcurrency=50',
  'dynamodbPrefixList=pl-02cd2c6b',
  'dynamodbPrefixList=pl-0123456789abcdef0',
])('%s is accepted', (given) => {
  expect(wrong('dev', given)).toBeUndefined();
});

test.each([
  ['dataWhenStackGoes', 'delete'],
  ['dataWhenStackGoes', 'Snapshot'],
  ['tableProtection', 'on'],
  ['tableProtection', 'true'],
  ['poolProtection', 'ACTIVE'],
  ['poolProtection', 'Yes'],
  ['isWatched', 'true'],
  ['limits', '{"messages":5}'],
  ['limits', '{"message":{"burst":100,"interval_ms":50}}'],
  ['limits', 'many'],
  ['securityContact', 'security@example.com'],
  ['securityContact', 'http://example.com'],
  ['securityContact', 'mailto:a@example.com\nExpires: never'],
  ['alarmEmail', 'ops'],
  ['alarmEmail', 'ops@example'],
  ['alarmTopic', 'on-call'],
  ['alarmTopic', 'arn:aws:sqs:eu-north-1:123456789012:on-call'],
  ['email', 'ses'],
  ['email', 'Cruddur <hello@example.com>'],
  ['emailIdentity', 'example.com'],
  ['poolRequestsPerAddress', '9'],
  ['poolRequestsPerAddress', '1e3'],
  ['monthlyBudget', '0'],
  ['monthlyBudget', '200 USD'],
  ['logRetentionInDays', '13'],
  ['logRetentionInDays', '14.0'],
  ['reservedConcurrency', '0'],
  ['reservedConcurrency', '-1'],
  ['reservedConcurrency', 'abc'],
  ['dynamodbPrefixList', 'pl-'],
  ['dynamodbPrefixList', '0.0.0.0/0'],
])('%s=%s is refused in one line that says what it may be', (name, value) => {
  const allowed = Object.entries(parameters.shape).find(([each]) => each === name)?.[1].description;
  const line = wrong('dev', `${name}=${value}`);
  expect(line).toMatch(new RegExp(`^The parameter ${name} is "[^\n]+$`));
  expect(line).toContain(allowed?.replaceAll('`', ''));
});

test('the limits are those of the core', () => {
  for (const [name, value] of Object.entries(defaultLimits))
    expect(wrong('dev', `limits=${JSON.stringify({ [name]: value })}`)).toBeUndefined();
});

test.each(['tabelProtection=yes', 'toString=yes', 'x\ny=1'])('%j names no parameter', (given) => {
  expect(wrong('dev', given)).toMatch(/^There is no parameter [^\n]+tableProtection[^\n]+$/);
});

test.each(['tableProtection', 'tableProtection=', '=yes'])('%j is no name and value', (given) => {
  expect(wrong('dev', given)).toMatch(/^--param="[^\n]+$/);
});

test('the address for alarms needs the alarms', () => {
  expect(wrong('dev', 'alarmEmail=ops@example.com')).toContain('isWatched=yes');
  expect(wrong('dev', 'alarmEmail=ops@example.com', 'isWatched=yes')).toBeUndefined();
  expect(wrong('prod', 'alarmEmail=ops@example.com')).toBeUndefined();
});

test('a budget needs somebody who hears of it', () => {
  expect(wrong('dev', 'monthlyBudget=200')).toContain('monthlyBudget has no effect');
  expect(wrong('prod', 'monthlyBudget=200')).toBeUndefined();
});

test('an own topic needs the alarms, and excludes the address', () => {
  expect(wrong('dev', `alarmTopic=${topic}`)).toContain('alarmTopic has no effect');
  expect(wrong('prod', `alarmTopic=${topic}`)).toBeUndefined();
  expect(wrong('prod', `alarmTopic=${topic}`, 'alarmEmail=ops@example.com')).toContain('either');
});

describe('a watched stage whose operator has not decided', () => {
  const decided = { isWatched: 'yes', alarmEmail: 'ops@example.com', email: 'hello@example.com' };
  const open = (own: Record<string, unknown>, ...given: string[]) => openDecision({ ...params, eu: own }, 'eu', given);

  test.each([
    ['who hears the alarms', { ...decided, alarmEmail: '' }, 'alarmTopic'],
    ['who sends e-mail', { ...decided, email: '' }, 'cognito'],
  ])('%s is refused, in one line that names its file', (_, own, choice) => {
    const line = open(own);
    expect(line).toMatch(/^[^\n]+$/);
    expect(line).toContain(choice);
    expect(line).toContain('resources/stages/eu.yml');
  });

  test.each([
    decided,
    { ...decided, alarmEmail: '$' + '{env:ALARM_EMAIL}' },
    { ...decided, alarmEmail: '', alarmTopic: topic },
    { ...decided, email: 'cognito' },
    { isWatched: 'no' },
    {},
  ])('is not one with %j', (own) => {
    expect(open(own)).toBeUndefined();
  });

  test('can be given the values with the command, too', () => {
    expect(open({}, 'isWatched=yes')).toContain('resources/stages/eu.yml');
    expect(open({ isWatched: 'yes' }, `alarmTopic=${topic}`, 'email=cognito')).toBeUndefined();
  });
});

test('an identity needs an address that sends', () => {
  const identity = 'emailIdentity=arn:aws:ses:eu-west-1:123456789012:identity/example.com';
  for (const others of [[], ['email=cognito']]) expect(wrong('dev', identity, ...others)).toContain('set email, too');
  expect(wrong('dev', identity, 'email=hello@chat.example.com')).toBeUndefined();
});

test('a stage’s own params in serverless.yml are checked too; a variable is left to osls', () => {
  const ofStage = (own: Record<string, unknown>) => wrongParameter({ ...params, eu: own }, 'eu');
  expect(ofStage({ tableProtection: true })).toContain('tableProtection is "true"');
  expect(ofStage({ reservedConcurency: 5 })).toContain('reservedConcurency');
  expect(ofStage({ logRetentionInDays: 90, reservedConcurrency: 5 })).toBeUndefined();
  expect(ofStage({ alarmEmail: '$' + '{ssm:/ops/email}', isWatched: 'yes' })).toBeUndefined();
});

test('a stage name is refused when the longest name of a function would exceed 64 characters', () => {
  const longest = longestStage(service, Object.keys(functions));
  expect(`${service}-${'s'.repeat(longest)}-unmuteMessageGroup`).toHaveLength(64);
  expect(wrongStageName('s'.repeat(longest), { service, functions })).toBeUndefined();
  expect(wrongStageName('s'.repeat(longest + 1), { service, functions })).toMatch(/^The stage name s+ [^\n]+$/);
});
