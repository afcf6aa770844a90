import { type Head, isHidden } from '../../core/model/head.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Timestamp } from '../../core/model/time.ts';
import * as items from '../../core/table/items.ts';
import { kindOf } from '../table/scan.ts';
import type { PlacedRow } from './rules/snapshot.ts';

export const toPlacedRow = (item: items.Item): PlacedRow => ({
  ...items.inboxRowOf(item),
  place: item.sk as Timestamp,
  isHidden: kindOf(item) === 'hidden',
});

/** The key of a row of a user. */
export const keyOfRow = (owner: Uuid, { place, isHidden }: Pick<PlacedRow, 'place' | 'isHidden'>): items.Key =>
  items.inboxRowKey(owner, place, isHidden);

/** Where the head says that a participant's row is; undefined if there is none yet. */
export const placeOfRow = (head: Head, owner: Uuid): Pick<PlacedRow, 'place' | 'isHidden'> | undefined =>
  head.inbox_at === undefined ? undefined : { place: head.inbox_at, isHidden: isHidden(head, owner) };

/** Whether a row of a participant is where the head says. */
export function isInPlace(row: PlacedRow, head: Head, owner: Uuid): boolean {
  const expected = placeOfRow(head, owner);
  return row.place === expected?.place && row.isHidden === expected.isHidden;
}
