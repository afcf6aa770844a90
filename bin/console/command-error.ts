/** A failure that the operator can understand from its message alone: printed as one line without a stack trace, exit code 2. */
export class CommandError extends Error {}
