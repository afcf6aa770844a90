/** What does not need a stack trace: one line, exit code 2. */
export class Unusable extends Error {}
