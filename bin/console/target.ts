import process from 'node:process';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { describeTable } from '../../admin/table/schema.ts';
import { openTable, type Table } from '../../core/table/client.ts';
import { parsePort } from '../../offline/ports.ts';
import { localCredentials } from '../../offline/settings.ts';
import { CommandError } from './command-error.ts';

// The deployment that a command works on: the local stack by default, AWS with --stage.

export interface TargetOptions {
  stage?: string;
  profile?: string;
  region?: string;
  table?: string;
}

export interface Target {
  /** Undefined for the local stack. */
  stage: string | undefined;
  table: Table;
  /** The region for clients of other AWS services. If undefined, the SDK takes it from the profile. */
  region: string | undefined;
}

const portVariables = { dynamodb: ['DYNAMODB_PORT', '8000'], cognito: ['COGNITO_PORT', '9229'] } as const;

/** The port of a part of the local stack as the environment has it: unchecked. */
export function configuredPort(part: keyof typeof portVariables): string {
  const [variable, byDefault] = portVariables[part];
  return process.env[variable] || byDefault;
}

/**
 * The port of a part of the local stack.
 * @throws CommandError when the environment names something else than a port
 */
export function localPort(part: keyof typeof portVariables): string {
  const port = configuredPort(part);
  if (!Number.isNaN(parsePort(port))) return port;
  throw new CommandError(`${portVariables[part][0]} is "${port}": use a port number from 1 to 65535.`);
}

/** The configuration of an SDK client for a port of the local stack. */
export const localClient = (port: string) => ({
  endpoint: `http://localhost:${port}`,
  region: 'us-east-1',
  credentials: localCredentials,
});

/** Adds the options that select the target. */
export function addTarget(command: Command): Command {
  return command
    .option('--stage <stage>', 'work in AWS, on this deployed stage (default: the local stack)')
    .option('--profile <name>', 'with --stage: the AWS profile (default: AWS_PROFILE)')
    .option(
      '--region <region>',
      'with --stage: the AWS region (default: AWS_REGION, AWS_DEFAULT_REGION or the profile’s)',
    )
    .option('--table <name>', 'the table (default: cruddur-messages[-<stage>])');
}

/** Adds the options of a command that asks for confirmation. */
export function addConfirmation(command: Command): Command {
  return command
    .option('--yes', 'with --stage: do not ask for confirmation')
    .option('--force', 'with --stage: allow this on a production stage');
}

/** Whether a stage is the local stack. */
export const isLocalStage = (stage: string | undefined): stage is undefined | 'local' =>
  stage === undefined || stage === 'local';

/** @throws CommandError for an invalid stage name, or for an AWS option without a stage */
export function openTarget({ stage, profile, region, table }: TargetOptions): Target {
  if (isLocalStage(stage)) {
    if (profile || region) throw new CommandError('--profile and --region need --stage.');
    return {
      stage: undefined,
      table: openTable(table ?? 'cruddur-messages', localClient(localPort('dynamodb'))),
      region,
    };
  }
  if (!/^[a-z0-9-]+$/i.test(stage))
    throw new CommandError(`"${stage}" is not a stage name: use letters, digits and hyphens.`);
  if (profile) process.env.AWS_PROFILE = profile; // every SDK client of this process reads it
  if (process.env.AWS_REGION === '') delete process.env.AWS_REGION; // as a variable of CI may be: the SDK would take it for a region
  const named = region || process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION || undefined;
  if (named && !/^[a-z0-9-]+$/.test(named)) throw new CommandError(`"${named}" is not an AWS region, like eu-north-1.`);
  return {
    stage,
    table: openTable(table ?? `cruddur-messages-${stage}`, named ? { region: named } : {}),
    region: named,
  };
}

/**
 * In AWS, prints to stderr the ARN of the table that the command is about to write to: it shows account, region and name.
 * @throws CommandError when there is no such table
 */
export const printWriteTarget = (target: Target): Promise<void> => printTarget(target, 'Writes to');

/** The same for a command that reads the table. */
export const printReadTarget = (target: Target): Promise<void> => printTarget(target, 'Reads');

async function printTarget({ stage, table }: Target, verb: string): Promise<void> {
  if (stage === undefined) return;
  const description = await describeTable(table);
  if (!description) {
    const region = await table.client.config.region();
    throw new CommandError(`There is no table ${table.name} in ${region}: check --stage, --region and --table.`);
  }
  process.stderr.write(`${verb} ${description.TableArn}\n`);
}

/**
 * Recognises a production stage by its name or by that of its table. serverless.yml turns on deletion protection for
 * `prod` as well.
 */
export const isProduction = ({ stage = '', table }: Target) =>
  [stage, table.name.replace(/^cruddur-messages-/, '')].some((name) => /^prod/i.test(name));

/**
 * Asks for confirmation of a destructive action in AWS; on the local stack it does not ask.
 * @param action what will be done, as a question without its question mark
 * @throws CommandError when not confirmed, without a terminal and `--yes`, and for a production stage without `--force`
 */
export async function confirm(
  target: Target,
  action: string,
  { yes, force }: ConfirmationOptions,
  { stdin, stderr }: Terminal = process,
): Promise<void> {
  if (target.stage === undefined) return;
  if (isProduction(target) && !force) {
    throw new CommandError(`${target.table.name} belongs to a production stage: add --force to allow this.`);
  }
  await printWriteTarget(target);
  if (yes) return;
  if (!stdin.isTTY) throw new CommandError('There is no terminal to ask for confirmation: add --yes.');
  const terminal = createInterface({ input: stdin, output: stderr });
  try {
    const answer = await terminal.question(`${action}? Type "yes" to confirm: `).catch(() => 'no'); // Ctrl-C
    if (answer !== 'yes') throw new CommandError('Not confirmed: nothing was changed.');
  } finally {
    terminal.close();
  }
}

/** The streams for question and answer. */
export interface Terminal {
  stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  stderr: NodeJS.WritableStream;
}

export interface ConfirmationOptions {
  yes?: true;
  force?: true;
}
