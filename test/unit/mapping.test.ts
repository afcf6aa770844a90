import { expect, expectTypeOf, test } from 'vitest';
import type { Head } from '../../core/model/head.ts';
import type { InboxRow } from '../../core/model/inbox.ts';
import type { Message } from '../../core/model/message.ts';
import { headItem, headOf, inboxRowItem, inboxRowOf, messageItem, messageOf } from '../../core/table/items.ts';
import { attribute, type Field, mapping, sortKey } from '../../core/table/mapping.ts';

interface Rec {
  id: string;
  at: string;
  note?: string;
}

test('a record becomes an item and comes back the same', () => {
  const { toItem, fromItem } = mapping<Rec>({ id: attribute(), at: sortKey(), note: attribute() });
  const whole: Rec = { id: 'a', at: '2024', note: 'n' };
  expect(toItem(whole)).toEqual({ id: 'a', sk: '2024', note: 'n' });
  expect(fromItem({ pk: 'P', ...toItem(whole) })).toEqual(whole);
});

test('an absent optional field is stored as no attribute, and an absent attribute is read as no field', () => {
  const { toItem, fromItem } = mapping<Rec>({ id: attribute(), at: sortKey(), note: attribute() });
  expect(Object.keys(toItem({ id: 'a', at: '2024' }))).toEqual(['id', 'sk']);
  expect(Object.keys(fromItem({ pk: 'P', id: 'a', sk: '2024' }))).toEqual(['id', 'at']);
});

// Checked by `npm run check`: an expected error that does not occur is an error itself.
test('a field that no attribute stores does not compile', () => {
  // @ts-expect-error `at` is not mapped
  mapping<Rec>({ id: attribute(), note: attribute() });
  // @ts-expect-error `note` is not mapped, although it is optional
  mapping<Rec>({ id: attribute(), at: sortKey() });
  // @ts-expect-error `other` is no field of the record
  mapping<Rec>({ id: attribute(), at: sortKey(), note: attribute(), other: attribute() });
  const number: Field<number> = attribute();
  // @ts-expect-error a field of another type
  mapping<Rec>({ id: number, at: sortKey(), note: attribute() });
});

test('the items of messages, inbox rows and heads are mapped both ways by the same mapping', () => {
  expectTypeOf(messageItem).parameter(0).toEqualTypeOf<Message>();
  expectTypeOf(messageOf).returns.toEqualTypeOf<Message>();
  expectTypeOf(inboxRowItem).parameter(1).toEqualTypeOf<InboxRow>();
  expectTypeOf(inboxRowOf).returns.toEqualTypeOf<InboxRow>();
  expectTypeOf(headItem).parameter(0).toEqualTypeOf<Head>();
  expectTypeOf(headOf).returns.toEqualTypeOf<Head>();
});
