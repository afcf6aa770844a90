import process from 'node:process';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { describeTable } from '../../admin/table/schema.ts';
import { openTable, type Table } from '../../core/table/client.ts';
import { localCredentials } from '../../offline/settings.ts';
import { CommandError } from './command-error.ts';

// Where a command works: on this machine, unless a stage is named.

export interface TargetOptions {
  stage?: string;
  profile?: string;
  region?: string;
  table?: string;
}

export interface Target {
  /** Undefined on this machine. */
  stage: string | undefined;
  table: Table;
  /** What a client of another service needs to work in the same place; its local endpoint it knows itself. */
  region: string | undefined;
}

/** Of the local stack, as offline/settings.ts has them: text, since they come from the environment. */
export const ports = () => ({
  dynamodb: process.env.DYNAMODB_PORT || '8000',
  cognito: process.env.COGNITO_PORT || '9229',
});

/** Client settings for this machine. */
export const localClient = (port: string) => ({
  endpoint: `http://localhost:${port}`,
  region: 'us-east-1',
  credentials: localCredentials,
});

/** Adds the options that say where a command works. */
export function addTarget(command: Command): Command {
  return command
    .option('--stage <stage>', 'work in AWS, on the deployment of this stage')
    .option('--profile <name>', 'with --stage: the AWS profile; else AWS_PROFILE, as with the AWS CLI')
    .option('--region <region>', 'with --stage: the AWS region; else AWS_REGION, AWS_DEFAULT_REGION or the profile’s')
    .option('--table <name>', 'another table than cruddur-messages[-<stage>]');
}

/** Adds what a destructive command asks for in AWS. */
export function addConsent(command: Command): Command {
  return command
    .option('--yes', 'with --stage: do not ask')
    .option('--force', 'with --stage: also where the stage is a production stage');
}

/** Whether a stage is this machine. */
export const isLocalStage = (stage: string | undefined): stage is undefined | 'local' =>
  stage === undefined || stage === 'local';

export function openTarget({ stage, profile, region, table }: TargetOptions): Target {
  if (isLocalStage(stage)) {
    if (profile || region) throw new CommandError('--profile and --region go with --stage.');
    return { stage: undefined, table: openTable(table ?? 'cruddur-messages', localClient(ports().dynamodb)), region };
  }
  if (!/^[a-z0-9-]+$/i.test(stage)) throw new CommandError(`"${stage}" is no stage.`);
  if (profile) process.env.AWS_PROFILE = profile; // every client of this process reads it
  const named = region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
  return {
    stage,
    table: openTable(table ?? `cruddur-messages-${stage}`, named ? { region: named } : {}),
    region: named,
  };
}

/** In AWS, says on stderr what is about to be written to: account, region and table stand in the ARN. */
export async function announce({ stage, table }: Target): Promise<void> {
  if (stage === undefined) return;
  const description = await describeTable(table);
  if (!description) throw new CommandError(`There is no table ${table.name}${await regionOf(table)}.`);
  process.stderr.write(`Writes to ${description.TableArn}\n`);
}

/** A stage that people live on, by its own name or by the table's. serverless.yml protects that of `prod` from deletion as well. */
const isProduction = ({ stage = '', table }: Target) =>
  [stage, table.name.replace(/^cruddur-messages-/, '')].some((name) => /^prod/i.test(name));

/**
 * In AWS, lets a destructive command go on only with consent.
 * @param what it does, as a question without its mark
 * @throws CommandError without consent, and for a production stage without --force
 */
export async function askConsent(
  target: Target,
  what: string,
  { yes, force }: Consent,
  { stdin, stderr }: Terminal = process,
): Promise<void> {
  if (target.stage === undefined) return;
  if (isProduction(target) && !force) {
    throw new CommandError(`${target.table.name} is of a production stage: nothing is done there without --force.`);
  }
  await announce(target);
  if (yes) return;
  if (!stdin.isTTY) throw new CommandError('Nobody is there to ask: --yes says that it may be done.');
  const terminal = createInterface({ input: stdin, output: stderr });
  try {
    const answer = await terminal.question(`${what}? Only "yes" does it: `).catch(() => 'no'); // Ctrl-C
    if (answer !== 'yes') throw new CommandError('Nothing was done.');
  } finally {
    terminal.close();
  }
}

/** Where somebody may be asked. */
export interface Terminal {
  stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  stderr: NodeJS.WritableStream;
}

export interface Consent {
  yes?: true;
  force?: true;
}

async function regionOf({ client }: Table): Promise<string> {
  return ` in ${await client.config.region()}`;
}
