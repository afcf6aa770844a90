import type * as z from 'zod';
import { DomainError, type ErrorCode, type Issue } from '../errors.ts';

/** Ties a code of the domain to a schema's check: `z.string(code('body_invalid'))`. */
export function code(error: ErrorCode): { error: ErrorCode } {
  return { error };
}

/**
 * The core's door: turns what a caller brought into trusted, branded values.
 * @throws DomainError with one issue per thing that is wrong, in the order of the schema
 */
export function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const [first, ...more] = result.error.issues.map(toIssue);
  throw new DomainError(first as Issue, ...more);
}

function toIssue({ message, path }: z.core.$ZodIssue): Issue {
  const issueCode = message as ErrorCode; // every check is made with code()
  return path.length > 0 ? { code: issueCode, field: path.join('.') } : { code: issueCode };
}
