import { compare, copy, type Item, isSame, sizeOfOperand, typeOf, type Value } from './values.ts';

// DynamoDB's expression language, as far as this service uses it or will soon:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
// An expression is parsed once; its names and values come with each request.

/** DynamoDB's answer to an expression that it cannot read or apply. */
export class InvalidExpression extends Error {}

/** The names and values of one request. */
export interface Placeholders {
  ExpressionAttributeNames?: Record<string, string> | undefined;
  ExpressionAttributeValues?: Record<string, Value> | undefined;
}

type Path = (string | number)[];
type Operand =
  | { kind: 'path'; path: Path }
  | { kind: 'value'; name: string }
  | { kind: 'call'; name: string; args: Operand[] }
  | { kind: 'sum'; sign: 1 | -1; left: Operand; right: Operand };
type Test =
  | { kind: 'and' | 'or'; left: Test; right: Test }
  | { kind: 'not'; test: Test }
  | { kind: 'compare'; operator: string; left: Operand; right: Operand }
  | { kind: 'between'; operand: Operand; low: Operand; high: Operand }
  | { kind: 'in'; operand: Operand; list: Operand[] }
  | { kind: 'call'; name: string; args: Operand[] };
type Clause = { action: 'SET' | 'REMOVE' | 'ADD' | 'DELETE'; path: Path; operand?: Operand };

const token = /\s*(<>|<=|>=|[A-Za-z_][\w]*|#\w+|:\w+|\d+|[()=<>,.[\]+-])/y;

class Parser {
  readonly #tokens: string[] = [];
  #at = 0;

  constructor(text: string) {
    token.lastIndex = 0;
    const trimmed = text.trimEnd();
    while (token.lastIndex < trimmed.length) {
      const found = token.exec(trimmed);
      if (!found) throw new InvalidExpression(`syntax: ${text}`);
      this.#tokens.push(found[1] as string);
    }
  }

  condition(): Test {
    const test = this.#or();
    this.#end();
    return test;
  }

  update(): Clause[] {
    const clauses: Clause[] = [];
    const seen = new Set<string>();
    while (this.#at < this.#tokens.length) {
      const action = this.#next().toUpperCase() as Clause['action'];
      if (!['SET', 'REMOVE', 'ADD', 'DELETE'].includes(action) || seen.has(action)) this.#fail();
      seen.add(action);
      do clauses.push(this.#clause(action));
      while (this.#takes(','));
    }
    return clauses;
  }

  paths(): Path[] {
    const paths = [this.#path()];
    while (this.#takes(',')) paths.push(this.#path());
    this.#end();
    return paths;
  }

  #clause(action: Clause['action']): Clause {
    const path = this.#path();
    if (action === 'REMOVE') return { action, path };
    if (action !== 'SET') return { action, path, operand: this.#operand() };
    if (!this.#takes('=')) this.#fail();
    const left = this.#operand();
    const sign = this.#takes('+') ? 1 : this.#takes('-') ? -1 : undefined;
    return { action, path, operand: sign ? { kind: 'sum', sign, left, right: this.#operand() } : left };
  }

  #or(): Test {
    let left = this.#and();
    while (this.#takesWord('OR')) left = { kind: 'or', left, right: this.#and() };
    return left;
  }

  #and(): Test {
    let left = this.#not();
    while (this.#takesWord('AND')) left = { kind: 'and', left, right: this.#not() };
    return left;
  }

  #not(): Test {
    if (this.#takesWord('NOT')) return { kind: 'not', test: this.#not() };
    if (this.#takes('(')) {
      const test = this.#or();
      if (!this.#takes(')')) this.#fail();
      return test;
    }
    const left = this.#operand();
    const next = this.#tokens[this.#at] ?? '';
    if (['=', '<>', '<', '<=', '>', '>='].includes(next)) {
      this.#at++;
      return { kind: 'compare', operator: next, left, right: this.#operand() };
    }
    if (this.#takesWord('BETWEEN')) {
      const low = this.#operand();
      if (!this.#takesWord('AND')) this.#fail();
      return { kind: 'between', operand: left, low, high: this.#operand() };
    }
    if (this.#takesWord('IN')) return { kind: 'in', operand: left, list: this.#list() };
    if (left.kind !== 'call') this.#fail();
    return left as Test;
  }

  #operand(): Operand {
    const next = this.#tokens[this.#at] ?? '';
    if (next.startsWith(':')) {
      this.#at++;
      return { kind: 'value', name: next };
    }
    if (this.#tokens[this.#at + 1] === '(' && /^[a-z_]+$/.test(next)) {
      this.#at++;
      return { kind: 'call', name: next, args: this.#list() };
    }
    return { kind: 'path', path: this.#path() };
  }

  #list(): Operand[] {
    if (!this.#takes('(')) this.#fail();
    const list = [this.#operand()];
    while (this.#takes(',')) list.push(this.#operand());
    if (!this.#takes(')')) this.#fail();
    return list;
  }

  #path(): Path {
    const path: Path = [this.#name()];
    for (;;) {
      if (this.#takes('.')) path.push(this.#name());
      else if (this.#takes('[')) {
        path.push(Number(this.#next()));
        if (!this.#takes(']')) this.#fail();
      } else return path;
    }
  }

  #name(): string {
    const name = this.#next();
    if (!/^[#A-Za-z_]/.test(name)) this.#fail();
    return name;
  }

  #next(): string {
    return this.#tokens[this.#at++] ?? this.#fail();
  }
  #takes(text: string): boolean {
    if (this.#tokens[this.#at] !== text) return false;
    this.#at++;
    return true;
  }
  #takesWord(word: string): boolean {
    return this.#tokens[this.#at]?.toUpperCase() === word && ++this.#at > 0;
  }
  #end(): void {
    if (this.#at < this.#tokens.length) this.#fail();
  }
  #fail(): never {
    throw new InvalidExpression(`syntax: ${this.#tokens.join(' ')}`);
  }
}

function remembered<Parsed>(parse: (text: string) => Parsed): (text: string) => Parsed {
  const known = new Map<string, Parsed>();
  return (text) => {
    let parsed = known.get(text);
    if (parsed === undefined) {
      parsed = parse(text);
      known.set(text, parsed);
    }
    return parsed;
  };
}

const parseCondition = remembered((text) => new Parser(text).condition());
const parseUpdate = remembered((text) => new Parser(text).update());
const parsePaths = remembered((text) => new Parser(text).paths());

/** Resolves the placeholders of a request, and notes which of them its expressions use. */
class Resolver {
  readonly #names: Record<string, string>;
  readonly #values: Record<string, Value>;
  readonly used = new Set<string>();

  constructor({ ExpressionAttributeNames = {}, ExpressionAttributeValues = {} }: Placeholders) {
    this.#names = ExpressionAttributeNames;
    this.#values = ExpressionAttributeValues;
  }

  path(path: Path): Path {
    return path.map((part) => {
      if (typeof part === 'number' || !part.startsWith('#')) return part;
      this.used.add(part);
      const name = this.#names[part];
      if (name === undefined) throw new InvalidExpression(`name ${part} is not defined`);
      return name;
    });
  }

  value(name: string): Value {
    this.used.add(name);
    const value = this.#values[name];
    if (value === undefined) throw new InvalidExpression(`value ${name} is not defined`);
    return value;
  }

  /** @throws InvalidExpression for a placeholder that no expression uses, as DynamoDB does */
  checkUse(): void {
    for (const name of [...Object.keys(this.#names), ...Object.keys(this.#values)])
      if (!this.used.has(name) && (name.startsWith('#') || this.#values[name] !== undefined))
        throw new InvalidExpression(`${name} is not used`);
  }
}

/** The expressions of one request, with its placeholders. */
export interface Expressions extends Placeholders {
  ConditionExpression?: string | undefined;
  KeyConditionExpression?: string | undefined;
  FilterExpression?: string | undefined;
  UpdateExpression?: string | undefined;
  ProjectionExpression?: string | undefined;
}

/** What the expressions of a request do, ready to be applied to an item. */
export interface Compiled {
  /** The condition of a write; true if there is none. */
  holds: (item: Item | undefined) => boolean;
  keyHolds: (item: Item) => boolean;
  filterHolds: (item: Item) => boolean;
  /** @returns the item after the update; the argument stays as it is */
  update: (item: Item) => Item;
  project: (item: Item) => Item;
  /** The attributes at the top that the update changes. */
  changed: string[];
  /** The partition that the key condition names. */
  partition: string | undefined;
}

/** @throws InvalidExpression for an error of syntax, and for a placeholder that is not defined or not used */
export function compile(request: Expressions): Compiled {
  const resolver = new Resolver(request);
  const test = (text: string | undefined) => {
    if (text === undefined) return () => true;
    const resolved = resolveTest(parseCondition(text), resolver);
    return (item: Item | undefined) => resolved(item ?? {});
  };
  const clauses =
    request.UpdateExpression === undefined ? [] : resolveUpdate(parseUpdate(request.UpdateExpression), resolver);
  const paths =
    request.ProjectionExpression === undefined
      ? undefined
      : parsePaths(request.ProjectionExpression).map((path) => resolver.path(path));
  const compiled = {
    holds: test(request.ConditionExpression),
    keyHolds: test(request.KeyConditionExpression),
    filterHolds: test(request.FilterExpression),
    update: (item: Item) => applyUpdate(item, clauses),
    project: (item: Item) => (paths ? projected(item, paths) : item),
    changed: clauses.map(({ path }) => path[0] as string),
    partition:
      request.KeyConditionExpression === undefined
        ? undefined
        : partitionOf(parseCondition(request.KeyConditionExpression), resolver),
  };
  resolver.checkUse();
  return compiled;
}

function partitionOf(test: Test, resolver: Resolver): string | undefined {
  if (test.kind === 'and') return partitionOf(test.left, resolver) ?? partitionOf(test.right, resolver);
  if (test.kind !== 'compare' || test.operator !== '=' || test.left.kind !== 'path' || test.right.kind !== 'value')
    return undefined;
  const [name] = resolver.path(test.left.path);
  return name === 'pk' ? (resolver.value(test.right.name) as string) : undefined;
}

type Reader = (item: Item) => Value | undefined;

function resolveOperand(operand: Operand, resolver: Resolver): Reader {
  switch (operand.kind) {
    case 'value': {
      const value = resolver.value(operand.name);
      return () => value;
    }
    case 'path': {
      const path = resolver.path(operand.path);
      return (item) => at(item, path);
    }
    case 'sum': {
      const [left, right] = [resolveOperand(operand.left, resolver), resolveOperand(operand.right, resolver)];
      return (item) => {
        const [one, other] = [left(item), right(item)];
        if (typeof one !== 'number' || typeof other !== 'number') throw new InvalidExpression('a sum of no numbers');
        return one + operand.sign * other;
      };
    }
    case 'call':
      return resolveFunction(operand.name, operand.args, resolver);
  }
}

function resolveFunction(name: string, args: Operand[], resolver: Resolver): Reader {
  const readers = args.map((arg) => resolveOperand(arg, resolver));
  const [first, second] = readers as [Reader, Reader];
  if (name === 'size') return (item) => sizeOfOperand(first(item));
  if (name === 'if_not_exists') return (item) => first(item) ?? second(item);
  if (name === 'list_append') return (item) => [...(first(item) as Value[]), ...(second(item) as Value[])];
  throw new InvalidExpression(`${name} is no function of an operand`);
}

function resolveTest(test: Test, resolver: Resolver): (item: Item) => boolean {
  switch (test.kind) {
    case 'and':
    case 'or': {
      const [left, right] = [resolveTest(test.left, resolver), resolveTest(test.right, resolver)];
      return test.kind === 'and' ? (item) => left(item) && right(item) : (item) => left(item) || right(item);
    }
    case 'not': {
      const inner = resolveTest(test.test, resolver);
      return (item) => !inner(item);
    }
    case 'compare': {
      if (!['=', '<>'].includes(test.operator)) mustBeOrdered([test.left, test.right], resolver);
      const [left, right] = [resolveOperand(test.left, resolver), resolveOperand(test.right, resolver)];
      return (item) => compares(test.operator, left(item), right(item));
    }
    case 'between': {
      mustBeOrdered([test.low, test.high], resolver);
      const [operand, low, high] = [test.operand, test.low, test.high].map((part) =>
        resolveOperand(part, resolver),
      ) as [Reader, Reader, Reader];
      return (item) => compares('>=', operand(item), low(item)) && compares('<=', operand(item), high(item));
    }
    case 'in': {
      const operand = resolveOperand(test.operand, resolver);
      const list = test.list.map((part) => resolveOperand(part, resolver));
      return (item) => list.some((member) => isSame(operand(item), member(item)));
    }
    case 'call': {
      const readers = test.args.map((arg) => resolveOperand(arg, resolver));
      const [first, second] = readers as [Reader, Reader];
      switch (test.name) {
        case 'attribute_exists':
          return (item) => first(item) !== undefined;
        case 'attribute_not_exists':
          return (item) => first(item) === undefined;
        case 'attribute_type':
          return (item) => typeOf(first(item)) === second(item);
        case 'begins_with':
          return (item) => beginsWith(first(item), second(item));
        case 'contains':
          return (item) => contains(first(item), second(item));
        default:
          throw new InvalidExpression(`${test.name} is no condition`);
      }
    }
  }
}

/** @throws InvalidExpression for a value that is no text, number or bytes: DynamoDB orders no other */
function mustBeOrdered(operands: Operand[], resolver: Resolver): void {
  for (const operand of operands)
    if (operand.kind === 'value' && !['S', 'N', 'B'].includes(typeOf(resolver.value(operand.name)) as string))
      throw new InvalidExpression(`${operand.name} has no order`);
}

function compares(operator: string, one: Value | undefined, other: Value | undefined): boolean {
  if (operator === '=') return isSame(one, other);
  if (operator === '<>') return !isSame(one, other);
  const order = compare(one, other);
  if (order === undefined) return false;
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0;
  return operator === '>' ? order > 0 : order >= 0;
}

const beginsWith = (text: Value | undefined, start: Value | undefined) =>
  typeof text === 'string' && typeof start === 'string' && text.startsWith(start);

function contains(whole: Value | undefined, part: Value | undefined): boolean {
  if (typeof whole === 'string') return typeof part === 'string' && whole.includes(part);
  if (whole instanceof Set) return whole.has(part);
  return Array.isArray(whole) && whole.some((member) => isSame(member, part));
}

function at(item: Item, path: Path): Value | undefined {
  let value: Value | undefined = item;
  for (const part of path) {
    if (typeof part === 'number') value = Array.isArray(value) ? value[part] : undefined;
    else value = typeOf(value) === 'M' ? (value as Item)[part] : undefined;
    if (value === undefined) return undefined;
  }
  return value;
}

interface ResolvedClause {
  action: Clause['action'];
  path: Path;
  operand: Reader;
}

function resolveUpdate(clauses: Clause[], resolver: Resolver): ResolvedClause[] {
  const resolved = clauses.map(({ action, path, operand }) => ({
    action,
    path: resolver.path(path),
    operand: operand ? resolveOperand(operand, resolver) : () => undefined,
  }));
  for (const [n, { path }] of resolved.entries())
    for (const { path: other } of resolved.slice(n + 1))
      if (path.every((part, depth) => depth >= other.length || part === other[depth]))
        throw new InvalidExpression('two paths of the update overlap');
  return resolved;
}

function applyUpdate(item: Item, clauses: ResolvedClause[]): Item {
  const after = copy(item) as Item;
  for (const { action, path, operand } of clauses) {
    const parent = at(after, path.slice(0, -1)) as Item | undefined;
    if (parent === undefined || typeOf(parent) !== 'M')
      throw new InvalidExpression('the path of the update does not exist');
    const name = path.at(-1) as string;
    const value = operand(item);
    if (action === 'REMOVE') delete parent[name];
    else if (action === 'SET') {
      if (value === undefined) throw new InvalidExpression('an operand of the update does not exist');
      parent[name] = copy(value);
    } else if (action === 'ADD') parent[name] = added(parent[name], value);
    else {
      const left = removed(parent[name], value);
      if (left === undefined) delete parent[name];
      else parent[name] = left;
    }
  }
  return after;
}

function added(before: Value | undefined, value: Value | undefined): Value {
  if (typeof value === 'number' && (before === undefined || typeof before === 'number')) return (before ?? 0) + value;
  if (value instanceof Set && (before === undefined || typeOf(before) === typeOf(value)))
    return new Set([...((before as Set<unknown>) ?? []), ...value]);
  throw new InvalidExpression('ADD takes a number or a set, as the attribute is');
}

function removed(before: Value | undefined, value: Value | undefined): Value | undefined {
  if (!(value instanceof Set)) throw new InvalidExpression('DELETE takes a set');
  if (before === undefined) return undefined;
  if (typeOf(before) !== typeOf(value)) throw new InvalidExpression('DELETE takes a set, as the attribute is');
  const left = [...(before as Set<unknown>)].filter((member) => !value.has(member));
  return left.length > 0 ? new Set(left) : undefined;
}

function projected(item: Item, paths: Path[]): Item {
  const result: Item = {};
  for (const path of paths) {
    const value = at(item, path);
    if (value !== undefined) result[path[0] as string] = value; // this service projects attributes at the top only
  }
  return result;
}
