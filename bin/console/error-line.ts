import process from 'node:process';
import { CommanderError } from 'commander';
import { DomainError, type ErrorCode } from '../../core/errors.ts';
import { CommandError } from './command-error.ts';
import { configuredPort } from './target.ts';

/**
 * @param isInAws whether the command works in AWS, not on the local stack
 * @returns the one line that says why a command could not do its work; empty after --help, for which commander itself has printed
 */
export function errorLine(error: unknown, isInAws: boolean): string {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return '';
    if (error.code === 'commander.help') return 'A command is missing (see --help).';
    return `${firstLine(error.message.replace(/^error: /, ''))} (${hintFor(error)})`;
  }
  if (error instanceof CommandError) return error.message;
  if (error instanceof DomainError) return error.issues.map(messageFor).join(' ');
  const failure = failureOf(error);
  return (isInAws ? awsLine(failure) : localLine(failure)) ?? otherLine(failure);
}

/** Cruddur's first scripts took the stage as an argument. */
function hintFor({ code }: CommanderError): string {
  return code === 'commander.excessArguments'
    ? 'a stage in AWS is named with --stage, like --stage prod; see --help'
    : 'see --help';
}

/** What the lines need of any error. */
interface Failure {
  name: string;
  /** The first line of the message, or the code of an error that has none. */
  text: string;
  code: string | undefined;
  /** Whether the SDK sent a request, or tried to. */
  isRequest: boolean;
  /** The HTTP status of the answer; undefined without an answer. */
  status: number | undefined;
  port: string;
  stack: string | undefined;
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return failureOf(new Error(String(error)));
  const { name, message, code, stack, port, errors, $metadata } = error as SdkError;
  return {
    name,
    text: firstLine(message) || code || name,
    code,
    // Without an answer the SDK counts its attempts only.
    isRequest: $metadata !== undefined,
    status: $metadata?.httpStatusCode,
    // Node tries localhost by IPv6 and IPv4, and then has one error for each.
    port: String(port ?? errors?.[0]?.port ?? ''),
    stack,
  };
}

interface SdkError extends Error {
  code?: string;
  port?: number;
  errors?: { port?: number }[];
  $metadata?: { httpStatusCode?: number };
}

const isUnanswered = ({ isRequest, status, name, code = '' }: Failure) =>
  (isRequest && status === undefined) || name === 'TimeoutError' || /^(ECONN|ENOTFOUND|EAI_|EHOST|ENET)/.test(code);

// AWS's names for credentials that are wrong or no longer valid.
const credentialErrors =
  /^(ExpiredToken(Exception)?|UnrecognizedClientException|InvalidClientTokenId|InvalidSignatureException|SignatureDoesNotMatch)$/;

function awsLine(failure: Failure): string | undefined {
  const { name, text, status } = failure;
  if (/region is missing/i.test(text))
    return 'The AWS region is missing: use --region, set AWS_REGION, or set one in the profile.';
  if (/^(Credentials|Token)ProviderError$/.test(name)) return `There are no valid AWS credentials: ${text}`;
  if (isUnanswered(failure)) return `AWS cannot be reached: ${text}. Check the network connection and the region.`;
  if (credentialErrors.test(name)) return `AWS does not accept the credentials: ${name}: ${text}`;
  if (name === 'ResourceNotFoundException')
    return `AWS has no such table or user pool: check --stage, --region and --table (${text}).`;
  if (status === undefined) return undefined;
  // A proxy or a sign-in page of the network answers everything with a page of its own.
  return status < 400 ? `The answer is not from AWS: ${text}` : `AWS refuses the request: ${name}: ${text}`;
}

function localLine(failure: Failure): string | undefined {
  const { name, text, code, port, isRequest } = failure;
  if (code === 'ECONNREFUSED') return notRunning(port);
  if (isUnanswered(failure)) return `The local stack does not answer (${code ?? name}): is it still running?`;
  if (name === 'ResourceNotFoundException')
    return `There is no such table on port ${configuredPort('dynamodb')} (DYNAMODB_PORT): start the stack (npm start), or name another table with --table.`;
  return isRequest ? `Request to the local stack failed: ${name}: ${text}` : undefined;
}

/** A bug is told like every other error: the operator cannot do anything with its stack trace, unless they ask for it. */
function otherLine({ name, text, code, stack }: Failure): string {
  if (code && /^[A-Z]+: /.test(text)) return `The command failed: ${text}`; // Node's messages about files name the file
  const line = `Unexpected error: ${name}: ${text}`;
  return process.env.VERBOSE === '1' ? `${line}\n${stack}` : `${line} (VERBOSE=1 prints where)`;
}

const firstLine = (text: string) => text.split('\n')[0] as string;

function notRunning(port: string): string {
  const [what, variable] =
    port === configuredPort('cognito') ? ['user pool', 'COGNITO_PORT'] : ['DynamoDB', 'DYNAMODB_PORT'];
  return `No ${what} answers on port ${port} (${variable}): start the stack first (npm start), or set ${variable}.`;
}

const errorMessages: Partial<Record<ErrorCode, string>> = {
  handle_unknown: 'No user has this handle: bin/users list shows all handles.',
  handle_taken: 'Another user has this handle: choose a different one.',
  identity_taken: 'Another user signs in with this Cognito id: bin/users list shows who.',
  message_group_unknown: 'There is no such conversation.',
  message_group_uuid_invalid: 'This is not a UUID.',
  throttled: 'DynamoDB is throttling: try again later.',
  message_group_busy: 'Too many concurrent writes: try again later.',
};

function messageFor({ code, field }: { code: ErrorCode; field?: string }): string {
  if (code === 'person_invalid') return `This is not a valid ${field ?? 'value'}.`;
  return errorMessages[code] ?? `${code}${field ? ` (${field})` : ''}.`;
}
