import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CursorScope, fromCursor, type Position, toCursor } from '../../core/table/cursor.ts';
import { timestamps, uuids } from '../support/arbitraries.ts';

const scopes: fc.Arbitrary<CursorScope> = fc.oneof(
  fc.record({ list: fc.constant('messages' as const), user_uuid: uuids, message_group_uuid: uuids }),
  fc.record({ list: fc.constant('message_groups' as const), user_uuid: uuids }),
);
const positions: fc.Arbitrary<Position> = fc.oneof(
  fc.record({ stop: timestamps }),
  fc.record({ stop: timestamps, seq: fc.nat() }),
);

test('a cursor decodes to its position, and is safe in a URL', () => {
  fc.assert(
    fc.property(scopes, positions, (scope, position) => {
      const cursor = toCursor(scope, position);
      expect(fromCursor(scope, cursor)).toEqual(position);
      expect(encodeURIComponent(cursor)).toBe(cursor);
    }),
  );
});

test('a cursor of another list, user or conversation is rejected', () => {
  fc.assert(
    fc.property(scopes, scopes, positions, (scope, other, position) => {
      fc.pre(JSON.stringify(scope) !== JSON.stringify(other));
      expect(() => fromCursor(other, toCursor(scope, position))).toThrow(/^cursor_invalid$/);
    }),
  );
});

test('a cursor with one character changed, removed or added is rejected', () => {
  fc.assert(
    fc.property(
      scopes,
      positions,
      fc.nat(),
      fc.constantFrom('', 'A', 'z', '-', '.', ' ', '=', 'é'),
      (scope, position, at, by) => {
        const cursor = toCursor(scope, position);
        const index = at % cursor.length;
        for (const damaged of [
          cursor.slice(0, index) + by + cursor.slice(index + 1),
          cursor.slice(0, index) + (by || 'B') + cursor.slice(index),
        ]) {
          if (damaged !== cursor) expect(() => fromCursor(scope, damaged)).toThrow(/^cursor_invalid$/);
        }
      },
    ),
  );
});

test('any other text is rejected with cursor_invalid', () => {
  const scope = { list: 'message_groups', user_uuid: 'x' } as unknown as CursorScope;
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json().map((text) => Buffer.from(text).toString('base64url')),
      ),
      (text) => {
        expect(() => fromCursor(scope, text)).toThrow(/^cursor_invalid$/);
      },
    ),
  );
});
