import * as z from 'zod/mini';
import { DomainError, type ErrorCode, type Issue, toIssue } from '../errors.ts';

/** Sets the error code that a schema reports for a failed check: `z.string(code('body_invalid'))`. */
export function code(error: ErrorCode): { error: ErrorCode } {
  return { error };
}

/**
 * Validates input at the boundary of the core, so that the code behind it can trust the result.
 * @returns branded values
 * @throws DomainError with one issue per violation, in the order of the schema
 */
export function parse<Schema extends z.core.$ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = z.safeParse(schema, input);
  if (result.success) return result.data;
  const [first, ...more] = result.error.issues.map(issueOf);
  throw new DomainError(first as Issue, ...more);
}

function issueOf({ message, path }: z.core.$ZodIssue): Issue {
  // Every check of our schemas sets its error code with code().
  return toIssue(message as ErrorCode, path.length > 0 ? path.join('.') : undefined);
}
