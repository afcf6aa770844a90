// The parameters of a deployment (`params` in serverless.yml, and --param): which there are, and what they may be. osls itself
// ignores a name that it does not know, and CloudFormation refuses a wrong value only after minutes, or never.
import * as z from 'zod';

/** Every switch has these words. serverless.yml translates them into CloudFormation's (`custom.inCloudFormation`). */
const yesOrNo = z.enum(['yes', 'no']).describe('`yes` or `no`');

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html, without 1096, which osls refuses.
const retentions = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 2192, 2557, 2922, 3288, 3653];

/** A parameter that may be left empty. @param {RegExp} pattern @param {string} allowed */
const optional = (pattern, allowed) => z.union([z.literal(''), z.string().regex(pattern)]).describe(allowed);

const whole = z.int().min(1);
const rate = z.strictObject({ burst: whole, interval_ms: whole });
/** The limits of core/model/limits.ts, which a function would refuse only when it is deployed. A test compares the two. */
const limits = z
  .strictObject({
    messages: rate,
    overtaken_by: whole,
    messages_before_reply: whole,
    conversations: rate,
    reports: rate,
    searches_per_minute: whole,
  })
  .partial();

/** @param {string} text */
function areLimits(text) {
  try {
    return limits.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}

/** The schema of each parameter's text. Its description is what docs/operations.md lists and a message names. */
export const parameters = z.object({
  dataWhenStackGoes: z.enum(['Retain', 'Delete']).describe('`Retain` or `Delete`'),
  tableProtection: yesOrNo,
  poolProtection: yesOrNo,
  realtime: z.enum(['on', 'off']).describe('`on` or `off`'),
  isWatched: yesOrNo,
  securityContact: optional(
    /^(mailto:[^\s@]+@[^\s@]+|https:\/\/\S+)$/,
    '`mailto:` and an e-mail address, or a URL that begins with `https://`',
  ),
  limits: z
    .union([z.literal(''), z.string().refine(areLimits)])
    .describe('a JSON object with limits of `core/model/limits.ts`'),
  alarmEmail: optional(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, 'an e-mail address'),
  alarmTopic: z
    .string()
    .regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+$/)
    .describe('the ARN of an SNS topic'),
  email: optional(/^(cognito|[^\s@]+@[^\s@]+\.[^\s@]+)$/, 'an e-mail address, or `cognito`'),
  emailIdentity: z
    .string()
    .regex(/^arn:aws[a-z-]*:ses:[a-z0-9-]+:\d{12}:identity\/\S+$/)
    .describe('the ARN of an SES identity'),
  poolRequestsPerAddress: optional(/^[1-9]\d+$/, 'a whole number from 10'), // the least that AWS WAF counts
  monthlyBudget: optional(/^[1-9]\d*$/, 'a whole number of US dollars'),
  logRetentionInDays: z
    .enum(retentions.map(String))
    .describe(`a number of days that CloudWatch offers: ${retentions.map((days) => `\`${days}\``).join(', ')}`),
  // 0 would switch sending and projecting off.
  reservedConcurrency: optional(/^[1-9]\d*$/, 'a whole number from 1'),
  dynamodbPrefixList: optional(/^pl-([0-9a-f]{8}|[0-9a-f]{17})$/, '`pl-` and 8 or 17 hexadecimal digits'),
});

/**
 * @param {Params} params of serverless.yml
 * @param {string} stage
 * @param {string[]} [given] the values of --param: `name=value`
 * @returns {string | undefined} one line about the first parameter that is wrong
 */
export function wrongParameter(params, stage, given = []) {
  const malformed = given.find((each) => !/^[^=]+=./s.test(each));
  if (malformed !== undefined)
    return `--param="${oneLine(malformed)}" must be a name and a value, as in: --param="logRetentionInDays=90"`;
  const values = valuesOf(params, stage, given);
  const names = Object.keys(parameters.shape);
  for (const [name, value] of Object.entries(values)) {
    const schema = Object.entries(parameters.shape).find(([each]) => each === name)?.[1];
    if (!schema) return `There is no parameter ${oneLine(name)}: serverless.yml has ${names.join(', ')}.`;
    if (value === null || String(value).includes('${')) continue; // not set; or a variable, which osls resolves later
    if (!schema.safeParse(String(value)).success)
      return `The parameter ${name} is "${oneLine(String(value))}": it must be ${schema.description?.replaceAll('`', '')}.`;
  }
  const ofAlarms = ['alarmEmail', 'alarmTopic', 'monthlyBudget'].filter((name) => values[name]);
  if (ofAlarms.length > 0 && values.isWatched === 'no')
    return `The parameter ${ofAlarms[0]} has no effect without alarms: add --param="isWatched=yes".`;
  if (values.alarmEmail && values.alarmTopic)
    return 'Alarms go either to alarmEmail or to alarmTopic: leave one of them out, and subscribe the address to your topic.';
  if (values.emailIdentity && !String(values.email ?? '').includes('@') && !String(values.email).includes('${'))
    return 'The parameter emailIdentity has no effect without an address to send from: set email, too.';
  return undefined;
}

/**
 * What the operator of a watched stage must have decided before it is deployed, since no default is right.
 * @param {Params} params of serverless.yml @param {string} stage @param {string[]} [given] the values of --param
 * @returns {string | undefined} one line about the first open decision
 */
export function openDecision(params, stage, given) {
  const values = valuesOf(params, stage, given);
  if (values.isWatched !== 'yes') return undefined;
  const file = `resources/stages/${stage}.yml`;
  if (!values.alarmEmail && !values.alarmTopic)
    return `Nobody would hear the alarms of stage ${stage}: set alarmEmail (an address) or alarmTopic (an SNS topic) in ${file}.`;
  if (!values.email)
    return (
      "Cognito's own sender stops at 50 e-mails a day, which any visitor can use up: set email to an address that SES may send from, " +
      `or to cognito if that is enough, in ${file}.`
    );
  return undefined;
}

/**
 * @param {Params} params @param {string} stage @param {string[]} [given]
 * @returns {Record<string, unknown>} what holds for the stage
 */
function valuesOf(params, stage, given = []) {
  const ofCommand = given.map((each) => {
    const [name = '', ...value] = each.split('=');
    return [name, value.join('=').trimEnd()]; // as osls reads them
  });
  return { ...params.default, ...params[stage], ...Object.fromEntries(ofCommand) };
}

/** @typedef {Record<string, Record<string, unknown> | undefined>} Params `params` of serverless.yml, its files read */

/** @param {string} text */
const oneLine = (text) => text.replaceAll(/\s+/g, ' ');

/** The most characters in the name of a Lambda function, the tightest limit of all names that contain the stage. */
const longestFunctionName = 64;

/**
 * @param {string} service @param {string[]} functions the names in serverless.yml
 * @returns the most characters that the name of a stage may have
 */
export function longestStage(service, functions) {
  return longestFunctionName - Math.max(...functions.map((name) => `${service}--${name}`.length));
}

/**
 * @param {string} stage
 * @param {{ service: string, functions: object }} configuration of serverless.yml
 * @returns {string | undefined} one line if AWS would refuse names that contain the stage
 */
export function wrongStageName(stage, { service, functions }) {
  const most = longestStage(service, Object.keys(functions));
  if (stage.length <= most) return undefined;
  return (
    `The stage name ${stage} has ${stage.length} characters: at most ${most} are possible, ` +
    `since the name of a Lambda function contains it and has at most ${longestFunctionName}.`
  );
}
