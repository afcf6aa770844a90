import { cancelled, conditionFailed, inProgress, invalid, type Reason, tokenReused } from './errors.ts';
import { Compiled, type Expressions, InvalidExpression } from './expressions.ts';
import { compareText, copy, frozen, type Item, isLargerThan, isSame, type Value } from './values.ts';

// A DynamoDB table in memory, at the level of the document client: the operations that core/ and admin/ use. A test holds it to
// DynamoDB Local, operation by operation. What DynamoDB Local never does, and DynamoDB does, is here too, when a `Behaviour` asks for it:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-isolation
// Items are frozen and never change: a write stores a new one, and a read returns the one that is stored.

/** What DynamoDB leaves open, and a simulation decides. The default is what DynamoDB Local does. */
export interface Behaviour {
  /** Milliseconds since 1970: the age of tokens is told by it. */
  now: () => number;
  /** Whether the items of a transaction become visible one by one: see {@link Answer}. */
  tears: () => boolean;
  /** How many versions back an eventually consistent read sees an item, of so many that there are. */
  stale: (versions: number) => number;
  /** Whether a write whose condition failed is named among the reasons. At least one always is. */
  names: () => boolean;
}

const asDynamoDbLocal: Behaviour = { now: () => 0, tears: () => false, stale: () => 0, names: () => true };

/** A change of an item, as the table's stream tells it. */
export interface Change {
  eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  keys: { pk: string; sk: string };
  before: Item | undefined;
  after: Item | undefined;
  /** Counts the changes of the table, from 1. */
  sequence: number;
}

export interface Answer {
  /** The parts of DynamoDB's answer that this service reads. */
  output: Record<string, unknown>;
  /** The items of a transaction that single reads do not see yet, until {@link MemoryTable.reveal}. */
  unrevealed: Slot[];
}

/** The place of one item. */
export interface Slot {
  key: { pk: string; sk: string };
  item: Item | undefined;
  /** Earlier versions, the latest first. */
  past: (Item | undefined)[];
  /** What single reads still see while the transaction that wrote the item is not yet visible here. */
  torn?: { before: Item | undefined };
}

type Input = Record<string, unknown>;
interface WriteInput extends Expressions {
  Item?: Item;
  Key?: Item;
  ReturnValuesOnConditionCheckFailure?: string;
}
type WriteKind = 'Put' | 'Update' | 'Delete' | 'ConditionCheck';

const tokenLifetime = 600_000; // milliseconds
const largestItem = 400 * 1024; // bytes
const versionsKept = 4;

export class MemoryTable {
  readonly #partitions = new Map<string, Partition>();
  readonly #tokens = new Map<string, { at: number; items: Value }>();
  readonly #behaviour: Behaviour;
  /** Every change, in the order of the stream. */
  readonly changes: Change[] = [];

  constructor(behaviour: Partial<Behaviour> = {}) {
    this.#behaviour = { ...asDynamoDbLocal, ...behaviour };
  }

  /**
   * Executes one operation.
   * @param operation its name without "Command", such as `TransactWrite`
   * @param input as the document client takes it
   * @throws the error that the client would throw; then nothing has changed
   */
  execute(operation: string, input: Input): Answer {
    const unrevealed: Slot[] = [];
    try {
      return { output: this.#execute(operation, input, unrevealed), unrevealed };
    } catch (error) {
      throw error instanceof InvalidExpression ? invalid(error.message) : error;
    }
  }

  #execute(operation: string, input: Input, unrevealed: Slot[]): Record<string, unknown> {
    switch (operation) {
      case 'Get':
        return this.#get(input);
      case 'Query':
        return this.#query(input);
      case 'Scan':
        return this.#scan(input);
      case 'BatchGet':
        return this.#batchGet(input);
      case 'TransactGet':
        return this.#transactGet(input);
      case 'TransactWrite':
        return this.#transactWrite(input, unrevealed);
      case 'Put':
      case 'Update':
      case 'Delete':
        return this.#write(operation, input as WriteInput);
    }
    throw new Error(`the table in memory has no ${operation}`);
  }

  /** Makes the last change of an item visible to every read, and tells the stream of it. */
  reveal(slot: Slot): void {
    const { torn } = slot;
    delete slot.torn;
    if (torn) this.#tell(slot, torn.before);
  }

  /** Deletes the items whose `expires_at` (seconds since 1970) has passed, as DynamoDB does some time after. */
  expire(seconds: number): void {
    for (const partition of this.#partitions.values())
      for (const slot of partition.values()) {
        const expiry = slot.item?.expires_at;
        if (typeof expiry === 'number' && expiry < seconds && !slot.torn) this.#set(slot, undefined, false);
      }
  }

  /** Every item that there is, whatever is visible. */
  *items(): Generator<Item> {
    for (const partition of this.#partitions.values()) for (const { item } of partition.values()) if (item) yield item;
  }

  #get(input: Input): { Item?: Item } {
    const compiled = new Compiled(input as Expressions);
    const item = this.#read(this.#slotOf(input.Key as Item), input.ConsistentRead === true);
    return item ? { Item: compiled.project(item) } : {};
  }

  #batchGet(input: Input): { Responses: Record<string, Item[]> } {
    const Responses: Record<string, Item[]> = {};
    for (const [table, request] of Object.entries(input.RequestItems as Record<string, Input>)) {
      const slots = (request.Keys as Item[]).map((key) => this.#slotOf(key));
      if (new Set(slots).size < slots.length) throw invalid('a key is asked for twice');
      if (slots.length === 0 || slots.length > 100) throw invalid('1 to 100 keys');
      Responses[table] = slots.flatMap((slot) => {
        const item = this.#read(slot, request.ConsistentRead === true);
        return item ? [item] : [];
      });
    }
    return { Responses };
  }

  #query(input: Input): Record<string, unknown> {
    const compiled = new Compiled(input as Expressions);
    const { partition } = compiled;
    if (partition === undefined) throw invalid('a query needs one partition');
    const slots =
      this.#partitions
        .get(partition)
        ?.inOrder()
        .filter((slot) => compiled.keyHolds(slot.key)) ?? [];
    if (input.ScanIndexForward === false) slots.reverse();
    return this.#page(slots, input, compiled);
  }

  #scan(input: Input): Record<string, unknown> {
    const { Segment = 0, TotalSegments = 1 } = input as { Segment?: number; TotalSegments?: number };
    const slots = [...this.#partitions.values()]
      .filter((_, n) => n % TotalSegments === Segment)
      .flatMap((partition) => partition.inOrder());
    return this.#page(slots, input, new Compiled(input as Expressions));
  }

  #page(slots: readonly Slot[], input: Input, compiled: Compiled): Record<string, unknown> {
    const start = input.ExclusiveStartKey as Item | undefined;
    const startSlot = start && this.#slotOf(start);
    const from = startSlot ? slots.indexOf(startSlot) + 1 : 0;
    const Items: Item[] = [];
    let read = 0;
    for (let n = from; n < slots.length; n++) {
      const slot = slots[n] as Slot;
      const item = this.#read(slot, input.ConsistentRead === true);
      if (!item) continue;
      read++;
      if (compiled.filterHolds(item)) Items.push(compiled.project(item));
      if (read === input.Limit) return { Items, LastEvaluatedKey: slot.key };
    }
    return { Items };
  }

  #transactGet(input: Input): { Responses: { Item?: Item }[] } {
    const gets = (input.TransactItems as { Get: Input }[]).map(({ Get }) => Get);
    if (gets.length === 0 || gets.length > 100) throw invalid('1 to 100 items');
    const slots = gets.map(({ Key }) => this.#slotOf(Key as Item));
    if (new Set(slots).size < slots.length) throw invalid('a transaction reads an item twice');
    if (slots.some(({ torn }) => torn)) throw cancelled(slots.map(({ torn }) => (torn ? conflict : undefined)));
    return {
      Responses: slots.map(({ item }, n) => (item ? { Item: new Compiled(gets[n] as Expressions).project(item) } : {})),
    };
  }

  #transactWrite(input: Input, unrevealed: Slot[]): Record<string, never> {
    const writes = (input.TransactItems as Partial<Record<WriteKind, WriteInput>>[]).map((entry) => {
      const [[kind, write] = []] = Object.entries(entry) as [WriteKind, WriteInput][];
      if (!kind || !write) throw invalid('an item of a transaction without a write');
      return this.#prepare(kind, write);
    });
    if (writes.length === 0 || writes.length > 100) throw invalid('1 to 100 writes');
    const slots = writes.map(({ slot }) => slot);
    if (new Set(slots).size < slots.length) throw invalid('a transaction writes an item twice');

    const token = input.ClientRequestToken as string | undefined;
    const known = token === undefined ? undefined : this.#tokens.get(token);
    // A transaction that failed leaves no token behind.
    if (known && this.#behaviour.now() - known.at < tokenLifetime) {
      if (!isSame(copy(known.items), copy(input.TransactItems as Value))) throw tokenReused();
      if (slots.some(({ torn }) => torn)) throw inProgress(); // the first attempt is not answered either
      return {};
    }

    if (slots.some(({ torn }) => torn)) throw cancelled(slots.map(({ torn }) => (torn ? conflict : undefined)));
    const outcomes = writes.map((write) => this.#outcomeOf(write));
    const failed = outcomes.filter(({ reason }) => reason);
    if (failed.length > 0) {
      const isNamed = failed.map(() => this.#behaviour.names());
      if (!isNamed.includes(true)) isNamed[0] = true;
      throw cancelled(
        outcomes.map(({ reason }) =>
          reason && isNamed[failed.findIndex((one) => one.reason === reason)] ? reason : undefined,
        ),
      );
    }
    if (token !== undefined)
      this.#tokens.set(token, { at: this.#behaviour.now(), items: input.TransactItems as Value });
    const tears = this.#behaviour.tears();
    for (const [n, { after }] of outcomes.entries()) {
      const slot = slots[n] as Slot;
      if (writes[n]?.kind === 'ConditionCheck') continue;
      this.#set(slot, after, tears);
      if (slot.torn) unrevealed.push(slot);
    }
    return {};
  }

  #write(kind: WriteKind, input: WriteInput): Record<string, unknown> {
    const write = this.#prepare(kind, input);
    if (write.slot.torn) throw cancelled([conflict]);
    const { reason, after } = this.#outcomeOf(write);
    if (reason?.Code === 'ConditionalCheckFailed') throw conditionFailed(reason.item);
    if (reason) throw invalid(reason.Code);
    this.#set(write.slot, after, false);
    return {};
  }

  /** @throws what DynamoDB refuses before it looks at the item */
  #prepare(kind: WriteKind, input: WriteInput): PreparedWrite {
    const compiled = new Compiled(input);
    const slot = this.#slotOf((kind === 'Put' ? input.Item : input.Key) as Item, kind === 'Put');
    if (kind === 'ConditionCheck' && input.ConditionExpression === undefined)
      throw invalid('a check needs a condition');
    if (compiled.changes('pk') || compiled.changes('sk')) throw invalid('an update may not change the key');
    if (kind === 'Put' && isLargerThan(input.Item as Item, largestItem))
      throw invalid('the item is larger than 400 KB');
    return { kind, input, compiled, slot };
  }

  #outcomeOf({ kind, input, compiled, slot }: PreparedWrite): { reason?: Reason; after?: Item | undefined } {
    const { item } = slot;
    if (!compiled.holds(item)) {
      const bringsItem = input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
      return { reason: { Code: 'ConditionalCheckFailed', item: bringsItem ? item : undefined } };
    }
    if (kind === 'Put') return { after: frozen(copy(input.Item as Item)) as Item };
    if (kind !== 'Update') return { after: kind === 'Delete' ? undefined : item };
    try {
      const after = compiled.update(item ?? slot.key);
      return isLargerThan(after, largestItem)
        ? { reason: { Code: 'ValidationError' } }
        : { after: frozen(after) as Item };
    } catch (error) {
      if (error instanceof InvalidExpression) return { reason: { Code: 'ValidationError' } };
      throw error;
    }
  }

  #read({ item, past, torn }: Slot, isConsistent: boolean): Item | undefined {
    if (!isConsistent && past.length > 0) {
      const back = this.#behaviour.stale(past.length);
      if (back > 0) return past[back - 1];
    }
    return torn ? torn.before : item;
  }

  #set(slot: Slot, after: Item | undefined, tears: boolean): void {
    const before = slot.item;
    if (!before && !after) return;
    slot.item = after;
    slot.past.unshift(before);
    if (slot.past.length > versionsKept) slot.past.pop();
    if (tears) {
      slot.torn = { before };
    } else this.#tell(slot, before);
  }

  /** A change that leaves an item as it was is none for the stream. */
  #tell({ key: keys, item: after }: Slot, before: Item | undefined): void {
    if (before && after && isSame(before, after)) return;
    const eventName = before ? (after ? 'MODIFY' : 'REMOVE') : 'INSERT';
    this.changes.push({ eventName, keys, before, after, sequence: this.changes.length + 1 });
  }

  #slotOf(key: Item | undefined, mayHaveMore = false): Slot {
    const { pk, sk } = key ?? {};
    if (typeof pk !== 'string' || typeof sk !== 'string' || pk === '' || sk === '')
      throw invalid('the key is not valid');
    if (!mayHaveMore && Object.keys(key as Item).length !== 2)
      throw invalid('the key has more attributes than a key has');
    let partition = this.#partitions.get(pk);
    if (!partition) {
      partition = new Partition();
      this.#partitions.set(pk, partition);
    }
    return partition.slotOf(pk, sk);
  }
}

/** The items of one partition key. */
class Partition {
  readonly #slots = new Map<string, Slot>();
  #inOrder: Slot[] | undefined;

  values = () => this.#slots.values();

  slotOf(pk: string, sk: string): Slot {
    let slot = this.#slots.get(sk);
    if (slot) return slot;
    slot = { key: { pk, sk }, item: undefined, past: [] };
    this.#slots.set(sk, slot);
    this.#inOrder = undefined;
    return slot;
  }

  /** Every slot, in the order of the sort keys. */
  inOrder(): readonly Slot[] {
    this.#inOrder ??= [...this.#slots.values()].sort((one, other) => compareText(one.key.sk, other.key.sk));
    return this.#inOrder;
  }
}

interface PreparedWrite {
  kind: WriteKind;
  input: WriteInput;
  compiled: Compiled;
  slot: Slot;
}

const conflict: Reason = { Code: 'TransactionConflict' };
