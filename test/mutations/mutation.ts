/**
 * How to disable a safeguard, and the test that must then fail. `find` matches exactly once in `file`. The code with `replace` still
 * runs, so that the test fails by a wrong result and not by a broken program.
 */
export interface Mutation {
  /** What the safeguard ensures. */
  name: string;
  file: string;
  find: string;
  replace: string;
  /** The test file, and the beginning of the full name of the test that must fail. */
  caughtBy: [file: string, test: string];
}

/** A condition without values that always holds, as code. */
export const unconditional = "{ ConditionExpression: 'attribute_exists(pk) OR attribute_not_exists(pk)' }";

/** A condition that always holds, where the expression's values must stay in use. */
export const always = (condition: string) => `(${condition}) OR attribute_exists(pk) OR attribute_not_exists(pk)`;
