import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { sum } from '../harness/statistics.ts';

// What DynamoDB charges for, computed by its documented rules, since DynamoDB Local reports the same capacity for every transaction:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html (sizes of items)
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html (units)
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-capacity-handling
// All read on 2026-11-27.

/** An item as it goes over the wire. */
export type StoredItem = Record<string, AttributeValue>;

const bytes = (text: string) => Buffer.byteLength(text);

/** The size of an item in bytes: its names and values. The 100 bytes of each item's index count for storage only. */
export const itemSize = (item: StoredItem): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + bytes(name) + valueSize(value), 0);

function valueSize(value: AttributeValue): number {
  if (value.S !== undefined) return bytes(value.S);
  if (value.N !== undefined) return numberSize(value.N);
  if (value.B !== undefined) return value.B.length;
  if (value.BOOL !== undefined || value.NULL !== undefined) return 1;
  if (value.SS !== undefined) return sum(value.SS.map(bytes));
  if (value.NS !== undefined) return sum(value.NS.map(numberSize));
  if (value.BS !== undefined) return sum(value.BS.map(({ length }) => length));
  // 3 bytes for a list or map, and 1 for each element
  if (value.L !== undefined) return 3 + sum(value.L.map((element) => 1 + valueSize(element)));
  if (value.M !== undefined)
    return 3 + sum(Object.entries(value.M).map(([name, element]) => 1 + bytes(name) + valueSize(element)));
  throw new Error(`an attribute of an unknown type: ${JSON.stringify(value)}`);
}

/** A byte for every two significant digits, and one more; a minus sign takes one too. */
function numberSize(text: string): number {
  const [mantissa = ''] = text.toLowerCase().split('e');
  const digits = mantissa.replace(/^-/, '').replace('.', '').replace(/^0+/, '');
  const isInteger = !mantissa.includes('.');
  const significant = isInteger ? digits.replace(/0+$/, '') : digits;
  return Math.ceil(significant.length / 2) + 1 + (text.startsWith('-') ? 1 : 0);
}

/** How an item is read or written. A transaction prepares and commits each item: twice the units. */
export type Writing = 'standard' | 'transactional';
export type Reading = 'eventual' | 'strong' | 'transactional';

const writeFactor: Record<Writing, number> = { standard: 1, transactional: 2 };
const readFactor: Record<Reading, number> = { eventual: 0.5, strong: 1, transactional: 2 };

/** The write units of an item: one per KB, rounded up, and at least one. @param size in bytes */
export const writeUnits = (size: number, writing: Writing): number =>
  Math.max(1, Math.ceil(size / 1024)) * writeFactor[writing];

/** The read units of an item, or of all items of a query together: one per 4 KB, rounded up, and at least one. @param size in bytes */
export const readUnits = (size: number, reading: Reading): number =>
  Math.max(1, Math.ceil(size / 4096)) * readFactor[reading];

/** A global secondary index. */
export interface Index {
  name: string;
  /** The attributes of its key. An item without one of them is not in the index. */
  key: string[];
  /** The projected attributes, beside the keys; `all` by default. */
  projects?: string[] | 'all';
}

/**
 * The write units that a write costs in an index: one write for an entry that appears, changes in place or goes; two for one whose index
 * key changes, since it is deleted and put. An index follows the table asynchronously, so its writes count once, also those of a transaction:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes
 * @param tableKey the names of the table's key attributes, which every index projects
 */
export function indexWriteUnits(
  { key, projects = 'all' }: Index,
  tableKey: string[],
  before: StoredItem | undefined,
  after: StoredItem | undefined,
): number {
  const kept = projects === 'all' ? undefined : [...tableKey, ...key, ...projects];
  const entryOf = (item: StoredItem | undefined): StoredItem | undefined => {
    if (!item || key.some((name) => item[name] === undefined)) return undefined;
    return kept ? Object.fromEntries(Object.entries(item).filter(([name]) => kept.includes(name))) : item;
  };
  const [old, current] = [entryOf(before), entryOf(after)];
  const units = (entry: StoredItem) => writeUnits(itemSize(entry), 'standard');
  if (!old || !current) return old || current ? units((old ?? current) as StoredItem) : 0;
  const same = (names: string[]) => names.every((name) => JSON.stringify(old[name]) === JSON.stringify(current[name]));
  if (!same(key)) return units(old) + units(current);
  return same(Object.keys({ ...old, ...current })) ? 0 : Math.max(units(old), units(current));
}
