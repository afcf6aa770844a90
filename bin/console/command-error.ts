/** What does not need a stack trace: one line, exit code 2. */
export class CommandError extends Error {}
