import { compare, copy, type Item, isMap, isSame, sizeOfOperand, typeOf, type Value } from './values.ts';

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

/** An expression as it is parsed once, and what it needs of each request. */
interface Parsed<Tree> {
  tree: Tree;
  /** The placeholders that it uses. */
  used: Set<string>;
  /** The placeholders of values that must have an order. */
  ordered: string[];
}

function remembered<Tree>(parse: (text: string) => Tree, check: (tree: Tree, parsed: Parsed<Tree>) => void) {
  const known = new Map<string, Parsed<Tree>>();
  return (text: string | undefined): Parsed<Tree> | undefined => {
    if (text === undefined) return undefined;
    let parsed = known.get(text);
    if (parsed === undefined) {
      parsed = { tree: parse(text), used: new Set(), ordered: [] };
      check(parsed.tree, parsed);
      known.set(text, parsed);
    }
    return parsed;
  };
}

const parseCondition = remembered((text) => new Parser(text).condition(), checkTest);
const parseUpdate = remembered(
  (text) => new Parser(text).update(),
  (clauses, parsed) => {
    for (const { path, operand } of clauses) {
      notePath(path, parsed);
      if (operand) checkOperand(operand, parsed);
    }
  },
);
const parsePaths = remembered(
  (text) => new Parser(text).paths(),
  (paths, parsed) => {
    for (const path of paths) notePath(path, parsed);
  },
);

type Notes = Omit<Parsed<unknown>, 'tree'>;

function notePath(path: Path, { used }: Notes): void {
  for (const part of path) if (isPlaceholder(part)) used.add(part);
}

/** Notes what an operand uses. @throws InvalidExpression for a function that is none of an operand */
function checkOperand(operand: Operand, notes: Notes): void {
  if (operand.kind === 'path') notePath(operand.path, notes);
  else if (operand.kind === 'value') notes.used.add(operand.name);
  else {
    if (operand.kind === 'call' && !['size', 'if_not_exists', 'list_append'].includes(operand.name))
      throw new InvalidExpression(`${operand.name} is no function of an operand`);
    for (const part of operand.kind === 'call' ? operand.args : [operand.left, operand.right])
      checkOperand(part, notes);
  }
}

/** Notes what a condition uses. @throws InvalidExpression for a function that is no condition */
function checkTest(test: Test, notes: Notes): void {
  switch (test.kind) {
    case 'and':
    case 'or':
      checkTest(test.left, notes);
      checkTest(test.right, notes);
      return;
    case 'not':
      checkTest(test.test, notes);
      return;
    case 'call':
      if (!conditions.includes(test.name)) throw new InvalidExpression(`${test.name} is no condition`);
      for (const operand of test.args) checkOperand(operand, notes);
      return;
  }
  const isEquality = test.kind === 'in' || (test.kind === 'compare' && ['=', '<>'].includes(test.operator));
  const operands =
    test.kind === 'in'
      ? [test.operand, ...test.list]
      : test.kind === 'between'
        ? [test.low, test.high, test.operand]
        : [test.left, test.right];
  for (const operand of operands) {
    checkOperand(operand, notes);
    if (!isEquality && operand.kind === 'value' && !(test.kind === 'between' && operand === test.operand))
      notes.ordered.push(operand.name);
  }
}

const conditions = ['attribute_exists', 'attribute_not_exists', 'attribute_type', 'begins_with', 'contains'];
const isPlaceholder = (part: string | number): part is string => typeof part === 'string' && part.startsWith('#');

/** The expressions of one request, with its placeholders. */
export interface Expressions extends Placeholders {
  ConditionExpression?: string | undefined;
  KeyConditionExpression?: string | undefined;
  FilterExpression?: string | undefined;
  UpdateExpression?: string | undefined;
  ProjectionExpression?: string | undefined;
}

interface Scope {
  names: Record<string, string>;
  values: Record<string, Value>;
}

const nothing: Item = {};

/** What the expressions of a request do, ready to be applied to an item. */
export class Compiled {
  readonly #scope: Scope;
  readonly #condition: Parsed<Test> | undefined;
  readonly #keyCondition: Parsed<Test> | undefined;
  readonly #filter: Parsed<Test> | undefined;
  readonly #paths: Path[] | undefined;
  readonly #clauses: ResolvedClause[] | undefined;

  /** @throws InvalidExpression for an error of syntax, and for a placeholder that is not defined or not used */
  constructor(request: Expressions) {
    const scope = {
      names: request.ExpressionAttributeNames ?? {},
      values: notEmpty(request.ExpressionAttributeValues),
    };
    this.#scope = scope;
    this.#condition = parseCondition(request.ConditionExpression);
    this.#keyCondition = parseCondition(request.KeyConditionExpression);
    this.#filter = parseCondition(request.FilterExpression);
    const update = parseUpdate(request.UpdateExpression);
    const projection = parsePaths(request.ProjectionExpression);
    const all = [this.#condition, this.#keyCondition, this.#filter, update, projection];
    for (const parsed of all) if (parsed) checkDefined(parsed, scope);
    const isUsed = (name: string) => all.some((parsed) => parsed?.used.has(name));
    for (const name in scope.names) if (!isUsed(name)) throw new InvalidExpression(`${name} is not used`);
    for (const name in scope.values)
      if (scope.values[name] !== undefined && !isUsed(name)) throw new InvalidExpression(`${name} is not used`);
    this.#clauses = update && resolveUpdate(update.tree, scope);
    this.#paths = projection?.tree.map((path) => resolvePath(path, scope));
  }

  /** The condition of a write; true if there is none. */
  holds(item: Item | undefined): boolean {
    return this.#condition === undefined || holds(this.#condition.tree, item ?? nothing, this.#scope);
  }

  keyHolds(key: Item): boolean {
    return this.#keyCondition === undefined || holds(this.#keyCondition.tree, key, this.#scope);
  }

  filterHolds(item: Item): boolean {
    return this.#filter === undefined || holds(this.#filter.tree, item, this.#scope);
  }

  /** @returns the item after the update; the argument stays as it is */
  update(item: Item): Item {
    return applyUpdate(item, this.#clauses ?? [], this.#scope);
  }

  project(item: Item): Item {
    return this.#paths ? projected(item, this.#paths) : item;
  }

  /** Whether the update changes an attribute at the top. */
  changes(name: string): boolean {
    return this.#clauses?.some(({ path }) => path[0] === name) === true;
  }

  /** The partition that the key condition names. */
  get partition(): string | undefined {
    return this.#keyCondition && partitionOf(this.#keyCondition.tree, this.#scope);
  }
}

function checkDefined({ used, ordered }: Notes, { names, values }: Scope): void {
  for (const name of used)
    if ((isPlaceholder(name) ? names : values)[name] === undefined)
      throw new InvalidExpression(`${name} is not defined`);
  for (const name of ordered)
    if (!['S', 'N', 'B'].includes(typeOf(values[name]) as string)) throw new InvalidExpression(`${name} has no order`);
}

function resolvePath(path: Path, { names }: Scope): Path {
  return path.some(isPlaceholder) ? path.map((part) => (isPlaceholder(part) ? (names[part] as string) : part)) : path;
}

function partitionOf(test: Test, scope: Scope): string | undefined {
  if (test.kind === 'and') return partitionOf(test.left, scope) ?? partitionOf(test.right, scope);
  if (test.kind !== 'compare' || test.operator !== '=' || test.left.kind !== 'path' || test.right.kind !== 'value')
    return undefined;
  const [name] = resolvePath(test.left.path, scope);
  return name === 'pk' ? (scope.values[test.right.name] as string) : undefined;
}

function read(operand: Operand, item: Item, scope: Scope): Value | undefined {
  switch (operand.kind) {
    case 'value':
      return scope.values[operand.name];
    case 'path':
      return at(item, operand.path, scope.names);
    case 'sum': {
      const [one, other] = [read(operand.left, item, scope), read(operand.right, item, scope)];
      if (typeof one !== 'number' || typeof other !== 'number') throw new InvalidExpression('a sum of no numbers');
      return one + operand.sign * other;
    }
  }
  const [first, second] = operand.args as [Operand, Operand];
  if (operand.name === 'size') return sizeOfOperand(read(first, item, scope));
  if (operand.name === 'if_not_exists') return read(first, item, scope) ?? read(second, item, scope);
  return [...(read(first, item, scope) as Value[]), ...(read(second, item, scope) as Value[])]; // list_append
}

function holds(test: Test, item: Item, scope: Scope): boolean {
  switch (test.kind) {
    case 'and':
      return holds(test.left, item, scope) && holds(test.right, item, scope);
    case 'or':
      return holds(test.left, item, scope) || holds(test.right, item, scope);
    case 'not':
      return !holds(test.test, item, scope);
    case 'compare':
      return compares(test.operator, read(test.left, item, scope), read(test.right, item, scope));
    case 'between': {
      const operand = read(test.operand, item, scope);
      return (
        compares('>=', operand, read(test.low, item, scope)) && compares('<=', operand, read(test.high, item, scope))
      );
    }
    case 'in': {
      const operand = read(test.operand, item, scope);
      return test.list.some((member) => isSame(operand, read(member, item, scope)));
    }
  }
  const first = read(test.args[0] as Operand, item, scope);
  if (test.name === 'attribute_exists') return first !== undefined;
  if (test.name === 'attribute_not_exists') return first === undefined;
  const second = read(test.args[1] as Operand, item, scope);
  if (test.name === 'attribute_type') return typeOf(first) === second;
  return test.name === 'begins_with' ? beginsWith(first, second) : contains(first, second);
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

/** @param names the attributes that the placeholders of the path stand for */
function at(item: Item, path: Path, names: Record<string, string> = {}): Value | undefined {
  let value: Value | undefined = item;
  for (const part of path) {
    if (typeof part === 'number') value = Array.isArray(value) ? value[part] : undefined;
    else value = isMap(value) ? value[isPlaceholder(part) ? (names[part] as string) : part] : undefined;
    if (value === undefined) return undefined;
  }
  return value;
}

interface ResolvedClause {
  action: Clause['action'];
  path: Path;
  operand?: Operand;
}

function resolveUpdate(clauses: Clause[], scope: Scope): ResolvedClause[] {
  const resolved = clauses.map((clause) => ({ ...clause, path: resolvePath(clause.path, scope) }));
  for (const [n, { path }] of resolved.entries())
    for (const { path: other } of resolved.slice(n + 1))
      if (path.every((part, depth) => depth >= other.length || part === other[depth]))
        throw new InvalidExpression('two paths of the update overlap');
  return resolved;
}

function applyUpdate(item: Item, clauses: ResolvedClause[], scope: Scope): Item {
  const after = { ...item };
  for (const { action, path, operand } of clauses) {
    const name = path.at(-1) as string;
    const parent = ownParent(after, path);
    const value = operand && read(operand, item, scope);
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

/** The map that holds the last part of a path, as a copy that the item does not share with what is stored. */
function ownParent(item: Item, path: Path): Item {
  let parent: Item | Value[] = item;
  for (const part of path.slice(0, -1)) {
    const inner: Value | undefined = parent[part as never];
    if (!isMap(inner) && !Array.isArray(inner)) throw new InvalidExpression('the path of the update does not exist');
    const own: Item | Value[] = Array.isArray(inner) ? [...inner] : { ...(inner as Item) };
    parent[part as never] = own as never;
    parent = own;
  }
  if (Array.isArray(parent)) throw new InvalidExpression('the path of the update does not exist');
  return parent;
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

/** @throws InvalidExpression for an object without a member: DynamoDB rejects it */
function notEmpty(values: Record<string, Value> | undefined): Record<string, Value> {
  if (values && Object.keys(values).length === 0)
    throw new InvalidExpression('ExpressionAttributeValues must not be empty');
  return values ?? nothing;
}
