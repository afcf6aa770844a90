/**
 * A safeguard, how to switch it off, and the test that must then fail. `find` stands exactly once in `file`; what replaces it
 * is still code that runs, so that a failing test shows a wrong answer and not a broken program.
 */
export interface Mutation {
  /** What the safeguard does, in the words of the README. */
  name: string;
  file: string;
  find: string;
  replace: string;
  /** The test file, and the beginning of the full name of the test in it that catches this. */
  caughtBy: [file: string, test: string];
}

/** A condition without values that always holds, as code. */
export const unconditional = "{ ConditionExpression: 'attribute_exists(pk) OR attribute_not_exists(pk)' }";

/** A condition that always holds, where the expression's values must stay in use. */
export const always = (condition: string) => `(${condition}) OR attribute_exists(pk) OR attribute_not_exists(pk)`;
