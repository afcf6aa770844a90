import { marshall } from '@aws-sdk/util-dynamodb';
import { itemSize } from '../../../bench/costs/rules.ts';

/** A value as the document client takes and returns it. */
export type Value = string | number | boolean | null | Uint8Array | Set<unknown> | Value[] | { [name: string]: Value };
export type Item = { [name: string]: Value };

/** @returns a copy without undefined, as the client stores it; nothing is shared with the original */
export function copy(value: Value): Value {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (value instanceof Set) return new Set(value);
  if (Array.isArray(value)) return value.map(copy);
  const map: Item = {};
  for (const name in value) if (value[name] !== undefined) map[name] = copy(value[name]);
  return map;
}

/** Freezes a value with all that it contains. @returns the value */
export function frozen(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (value instanceof Set || value instanceof Uint8Array) return value; // their content cannot be frozen
  for (const name in value) frozen(value[name as never]);
  Object.freeze(value);
  return value;
}

/** DynamoDB's equality: of the same type, with the same content; the order of a map's or a set's members does not count. */
export function isSame(one: Value | undefined, other: Value | undefined): boolean {
  if (one === other) return one !== undefined;
  if (typeOf(one) !== typeOf(other)) return false;
  if (one instanceof Uint8Array) return compareBytes(one, other as Uint8Array) === 0;
  if (one instanceof Set)
    return one.size === (other as Set<unknown>).size && [...one].every((member) => (other as Set<unknown>).has(member));
  if (Array.isArray(one))
    return one.length === (other as Value[]).length && one.every((member, n) => isSame(member, (other as Value[])[n]));
  if (typeof one !== 'object' || one === null) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other as Item).length &&
    names.every((name) => isSame(one[name], (other as Item)[name]))
  );
}

/** @returns negative, zero or positive; undefined if DynamoDB does not order such values */
export function compare(one: Value | undefined, other: Value | undefined): number | undefined {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  if (typeof one === 'string' && typeof other === 'string') return compareText(one, other);
  if (one instanceof Uint8Array && other instanceof Uint8Array) return compareBytes(one, other);
  return undefined;
}

/** By the bytes of UTF-8, as DynamoDB sorts: JavaScript compares UTF-16, which orders emoji before U+E000 to U+FFFF. */
export function compareText(one: string, other: string): number {
  if (one === other) return 0;
  for (let n = 0; n < one.length && n < other.length; n++) {
    const [a, b] = [one.charCodeAt(n), other.charCodeAt(n)];
    if (a === b) continue;
    const isSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdfff;
    if (isSurrogate(a) !== isSurrogate(b)) return isSurrogate(a) ? 1 : -1;
    return a - b;
  }
  return one.length - other.length;
}

const compareBytes = (one: Uint8Array, other: Uint8Array) => Buffer.compare(one, other);

export const isMap = (value: Value | undefined): value is Item =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Set) &&
  !(value instanceof Uint8Array);

/** The letters by which DynamoDB names the type of a value. */
export function typeOf(value: Value | undefined): string | undefined {
  switch (typeof value) {
    case 'undefined':
      return undefined;
    case 'string':
      return 'S';
    case 'number':
      return 'N';
    case 'boolean':
      return 'BOOL';
  }
  if (value === null) return 'NULL';
  if (value instanceof Uint8Array) return 'B';
  if (Array.isArray(value)) return 'L';
  if (!(value instanceof Set)) return 'M';
  const [first] = value;
  return typeof first === 'number' ? 'NS' : first instanceof Uint8Array ? 'BS' : 'SS';
}

/** Whether an item has more than so many bytes. */
export const isLargerThan = (item: Item, limit: number) =>
  longest(item) > limit && itemSize(marshall(item, { removeUndefinedValues: true })) > limit;

/** An upper bound of the size: quick to tell, since UTF-8 takes three bytes at most for a unit of UTF-16. */
function longest(value: Value | undefined): number {
  if (typeof value === 'string') return 3 * value.length;
  if (typeof value !== 'object' || value === null) return 22;
  if (value instanceof Uint8Array) return value.byteLength;
  let size = 3;
  if (value instanceof Set) for (const member of value) size += longest(member as Value);
  else for (const name in value) size += 1 + 3 * name.length + longest(value[name as never]);
  return size;
}

/** The function `size` of DynamoDB's expressions: of a text its bytes, of a collection its members. */
export function sizeOfOperand(value: Value | undefined): number | undefined {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (value instanceof Uint8Array) return value.byteLength;
  if (value instanceof Set) return value.size;
  if (Array.isArray(value)) return value.length;
  return typeOf(value) === 'M' ? Object.keys(value as Item).length : undefined;
}
