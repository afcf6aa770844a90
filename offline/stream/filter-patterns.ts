/** A condition on the values at one path of a record. */
type Condition = (values: unknown[]) => boolean;
type Test = (value: unknown) => boolean;

/**
 * Compiles the `filterPatterns` of an event source to a predicate that says whether the function receives a record.
 * Without a pattern it receives every record; with several patterns one must match. Supported are exact values (also
 * `null` and `""`), `prefix` and `exists`, as defined in
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax
 * @throws Error for any other rule, which stops the start: a filter that differs from the one of AWS would be noticed
 * only in production
 */
export function compileFilters(patterns: unknown): Test {
  if (patterns === undefined) return () => true;
  if (!Array.isArray(patterns)) throw new Error('filterPatterns must be a list of patterns');
  const alternatives = patterns.map((pattern, index) => compileObject(pattern, `filterPatterns[${index}]`));
  return (record) => alternatives.length === 0 || alternatives.some((matches) => matches(record));
}

/** An object in a pattern: all keys must match. */
function compileObject(pattern: unknown, place: string): Test {
  if (!isObject(pattern)) throw new Error(`${place} must be an object`);
  const keys = Object.entries(pattern).map(([key, wanted]): [string, Test] => {
    const at = `${place}.${key}`;
    if (key === '$or') throw new Error(`${at} is not emulated locally`);
    return [key, Array.isArray(wanted) ? compileValues(wanted, at) : compileObject(wanted, at)];
  });
  if (keys.length === 0) throw new Error(`${place} is empty, which AWS rejects`);
  const matchesOne: Test = (value) =>
    keys.every(([key, matches]) => matches(isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined));
  // Where the record has a list of objects, at least one of them must match all keys of the pattern.
  return (value) => (Array.isArray(value) && value.length > 0 ? value.some(matchesOne) : matchesOne(value));
}

/** A list in a pattern: one of its conditions must match. */
function compileValues(wanted: unknown[], place: string): Test {
  if (wanted.length === 0) throw new Error(`${place} is empty, which AWS rejects`);
  const conditions = wanted.map((condition, index) => compileCondition(condition, `${place}[${index}]`));
  return (value) => {
    const values = leaves(value);
    return conditions.some((holds) => holds(values));
  };
}

function compileCondition(condition: unknown, place: string): Condition {
  if (condition === null || ['string', 'number', 'boolean'].includes(typeof condition)) {
    return (values) => values.includes(condition);
  }
  const [rule, ...others] = isObject(condition) ? Object.entries(condition) : [];
  if (rule && others.length === 0) {
    const [name, operand] = rule;
    if (name === 'prefix' && typeof operand === 'string') {
      return (values) => values.some((value) => typeof value === 'string' && value.startsWith(operand));
    }
    if (name === 'exists' && typeof operand === 'boolean') return (values) => values.length > 0 === operand;
  }
  throw new Error(`${place} is not emulated locally: only exact values, prefix and exists are`);
}

/**
 * The values that a condition is tested on: each element of a list, or the value itself. None for an object, since
 * AWS matches "only on leaf nodes".
 */
function leaves(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(leaves);
  return value === undefined || isObject(value) ? [] : [value];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
