import fc from 'fast-check';
import type { Value } from './values.ts';

// Random operations on few keys, so that conditions hold and fail about equally often.

export interface Operation {
  name: 'Get' | 'Query' | 'Scan' | 'BatchGet' | 'TransactGet' | 'TransactWrite' | 'Put' | 'Update' | 'Delete';
  /** Without the table's name, which each side puts in. */
  input: Record<string, unknown>;
}

const key = fc.record({ pk: fc.constantFrom('A', 'B'), sk: fc.constantFrom('1', '2', '\u{1f600}', '\uff21') });
const small: fc.Arbitrary<Value> = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -1, max: 2 }) },
  { weight: 3, arbitrary: fc.constantFrom('', 'a', 'ab', 'é') },
  fc.boolean(),
  fc.constant(null),
  fc.subarray(['a', 'b', 'c'], { minLength: 1 }).map((members) => new Set(members)),
  fc.subarray([1, 2], { minLength: 1 }).map((members) => new Set(members)),
  fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 2 }),
  fc.dictionary(fc.constantFrom('a', 'b'), fc.integer({ min: 0, max: 1 }), { maxKeys: 2 }),
);
const attribute = fc.constantFrom('a', 'b', 'c');
const item = fc.tuple(key, fc.dictionary(attribute, small, { maxKeys: 3 })).map(([at, rest]) => ({ ...rest, ...at }));

/** An expression with the placeholders that it uses. */
interface Expression {
  text: string;
  names: Record<string, string>;
  values: Record<string, Value>;
}
type Part = (n: number) => Expression;

const path: fc.Arbitrary<Part> = fc
  .tuple(attribute, fc.option(fc.constantFrom('a', 'b')))
  .map(([name, inner]) => (n) => ({
    text: inner === null ? `#p${n}` : `#p${n}.#i${n}`,
    names: { [`#p${n}`]: name, ...(inner !== null && { [`#i${n}`]: inner }) },
    values: {},
  }));
const value: fc.Arbitrary<Part> = small.map((of) => (n) => ({ text: `:v${n}`, names: {}, values: { [`:v${n}`]: of } }));

const joined = (text: string, ...parts: Expression[]): Expression => ({
  text,
  names: Object.assign({}, ...parts.map(({ names }) => names)),
  values: Object.assign({}, ...parts.map(({ values }) => values)),
});

const equality = fc.tuple(path, fc.constantFrom('=', '=', '<>'), value);
const ordered = fc.oneof(fc.integer({ min: -1, max: 2 }), fc.constantFrom('', 'a', 'ab')).map(
  (of): Part =>
    (n) => ({ text: `:v${n}`, names: {}, values: { [`:v${n}`]: of } }),
);
const order = fc.tuple(path, fc.constantFrom('<', '<=', '>', '>='), fc.oneof({ weight: 9, arbitrary: ordered }, value));
const comparison = fc.oneof(equality, order).map(
  ([left, operator, right]): Part =>
    (n) => {
      const [one, other] = [left(n), right(n)];
      return joined(`${one.text} ${operator} ${other.text}`, one, other);
    },
);
const call = fc
  .tuple(
    fc.constantFrom('attribute_exists', 'attribute_not_exists', 'begins_with', 'contains'),
    path,
    fc.constantFrom('a', 'b'),
  )
  .map(
    ([name, left, text]): Part =>
      (n) => {
        const one = left(n);
        if (name.startsWith('attribute')) return joined(`${name}(${one.text})`, one);
        return joined(`${name}(${one.text}, :v${n})`, one, { text: '', names: {}, values: { [`:v${n}`]: text } });
      },
  );
const list = fc.tuple(path, value, value).map(
  ([left, first, second]): Part =>
    (n) => {
      const [one, two, three] = [left(n), first(n), second(n + 50)];
      return joined(`${one.text} IN (${two.text}, ${three.text})`, one, two, three);
    },
);
const whole = fc.constantFrom('attribute_exists(pk)', 'attribute_not_exists(pk)').map(
  (text): Part =>
    () => ({ text, names: {}, values: {} }),
);
const simple = fc.oneof({ weight: 3, arbitrary: comparison }, call, list, { weight: 2, arbitrary: whole });
const condition: fc.Arbitrary<Part> = fc.oneof(
  { weight: 4, arbitrary: simple },
  fc.tuple(simple, fc.constantFrom('AND', 'OR'), simple).map(
    ([left, word, right]): Part =>
      (n) => {
        const [one, other] = [left(n), right(n + 10)];
        return joined(`(${one.text}) ${word} ${other.text}`, one, other);
      },
  ),
  simple.map(
    (inner): Part =>
      (n) => {
        const one = inner(n);
        return joined(`NOT ${one.text}`, one);
      },
  ),
);

const clause = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constant('SET'), attribute, small) },
  fc.tuple(fc.constant('REMOVE'), attribute, fc.constant(null)),
  fc.tuple(fc.constant('ADD'), attribute, fc.oneof(fc.integer({ min: 1, max: 2 }), fc.constant(new Set(['a', 'b'])))),
  fc.tuple(fc.constant('DELETE'), attribute, fc.constant(new Set(['a', 'c']))),
);
const update: fc.Arbitrary<Expression> = fc
  .uniqueArray(clause, { minLength: 1, maxLength: 2, selector: ([action]) => action })
  .map((clauses) => {
    const parts = clauses.map(([action, name, of], n) => {
      const text = action === 'SET' ? `#u${n} = :u${n}` : action === 'REMOVE' ? `#u${n}` : `#u${n} :u${n}`;
      return {
        text: `${action} ${text}`,
        names: { [`#u${n}`]: name },
        values: action === 'REMOVE' ? {} : { [`:u${n}`]: of as Value },
      };
    });
    return joined(parts.map(({ text }) => text).join(' '), ...parts);
  });

function withExpressions(input: Record<string, unknown>, expressions: Record<string, Expression | undefined>) {
  const used = Object.entries(expressions).filter(([, expression]) => expression !== undefined) as [
    string,
    Expression,
  ][];
  const all = joined('', ...used.map(([, expression]) => expression));
  return {
    ...input,
    ...Object.fromEntries(used.map(([name, { text }]) => [name, text])),
    ...(Object.keys(all.names).length > 0 && { ExpressionAttributeNames: all.names }),
    ...(Object.keys(all.values).length > 0 && { ExpressionAttributeValues: all.values }),
  };
}

const onFailure = fc.constantFrom(
  {},
  { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' },
  { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' },
);
const maybe = fc.option(condition, { nil: undefined, freq: 4 });
const put = fc
  .tuple(item, maybe, onFailure)
  .map(([Item, when, more]) => withExpressions({ Item, ...more }, { ConditionExpression: when?.(0) }));
const remove = fc
  .tuple(key, maybe, onFailure)
  .map(([Key, when, more]) => withExpressions({ Key, ...more }, { ConditionExpression: when?.(0) }));
const change = fc
  .tuple(key, update, maybe, onFailure)
  .map(([Key, UpdateExpression, when, more]) =>
    withExpressions({ Key, ...more }, { UpdateExpression, ConditionExpression: when?.(0) }),
  );
const check = fc
  .tuple(key, condition, onFailure)
  .map(([Key, when, more]) => withExpressions({ Key, ...more }, { ConditionExpression: when(0) }));

const write = fc.oneof(
  put.map((Put) => ({ Put })),
  change.map((Update) => ({ Update })),
  remove.map((Delete) => ({ Delete })),
  check.map((ConditionCheck) => ({ ConditionCheck })),
);
// DynamoDB refuses a transaction that writes an item twice before it looks at any condition, DynamoDB Local afterwards.
const writes = fc.uniqueArray(write, { minLength: 1, maxLength: 4, selector: placeOf });
function placeOf(entry: object): string {
  const [{ Key, Item }] = Object.values(entry) as [{ Key?: object; Item?: object }];
  const { pk, sk } = (Key ?? Item) as { pk: string; sk: string };
  return `${pk} ${sk}`;
}
/** Few tokens, so that one comes again: with the same writes now and then, since a whole request is repeated below. */
const token = fc.constantFrom(undefined, undefined, undefined, undefined, 'one', 'two', 'three');
const consistent = { ConsistentRead: true };

const query = fc
  .tuple(
    fc.constantFrom('A', 'B'),
    fc.option(fc.tuple(fc.constantFrom('<', '<=', '>', '>=', '='), fc.constantFrom('1', '2', '\uff21'))),
    fc.boolean(),
    fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
  )
  .map(([pk, range, ScanIndexForward, Limit]) => ({
    KeyConditionExpression: `pk = :pk${range ? ` AND sk ${range[0]} :sk` : ''}`,
    ExpressionAttributeValues: { ':pk': pk, ...(range && { ':sk': range[1] }) },
    ScanIndexForward,
    ...(Limit !== undefined && { Limit }),
    ...consistent,
  }));
const filter = fc.tuple(query, condition).map(([of, when]) => {
  const { text, names, values } = when(0);
  if (text.includes('(pk)')) return of; // a filter may not name the key
  return {
    ...of,
    FilterExpression: text,
    ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
    ExpressionAttributeValues: { ...of.ExpressionAttributeValues, ...values },
  };
});

/** One operation; it may be one that DynamoDB refuses. */
export const operations: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 1, arbitrary: key.map((Key) => ({ name: 'Get' as const, input: { Key, ...consistent } })) },
  { weight: 2, arbitrary: query.map((input) => ({ name: 'Query' as const, input })) },
  { weight: 1, arbitrary: filter.map((input) => ({ name: 'Query' as const, input })) },
  { weight: 1, arbitrary: fc.constant({ name: 'Scan' as const, input: consistent }) },
  {
    weight: 1,
    arbitrary: fc
      .array(key, { minLength: 1, maxLength: 3 })
      .map((Keys) => ({ name: 'BatchGet' as const, input: { Keys, ...consistent } })),
  },
  {
    weight: 1,
    arbitrary: fc.array(key, { minLength: 1, maxLength: 3 }).map((keys) => ({
      name: 'TransactGet' as const,
      input: { TransactItems: keys.map((Key) => ({ Get: { Key } })) },
    })),
  },
  { weight: 2, arbitrary: put.map((input) => ({ name: 'Put' as const, input })) },
  { weight: 2, arbitrary: change.map((input) => ({ name: 'Update' as const, input })) },
  { weight: 1, arbitrary: remove.map((input) => ({ name: 'Delete' as const, input })) },
  {
    weight: 10,
    arbitrary: fc.tuple(writes, token).map(([TransactItems, ClientRequestToken]) => ({
      name: 'TransactWrite' as const,
      input: { TransactItems, ...(ClientRequestToken && { ClientRequestToken }) },
    })),
  },
);
