import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fold, matches, mostKeys, searchWords, wordsOf } from '../../core/model/search.ts';
import type { Handle } from '../../core/model/user.ts';
import { searchItems } from '../../core/table/items.ts';

const text = fc.string({ unit: 'binary', maxLength: 40 });
const letters = fc.string({
  unit: fc.constantFrom(...'aàÀåÅßẞçÇñéÉİıIiøØσςΣжЖйЙёЁ한글가かがカガ山ﬁﬀǅǆŉΐΰ'),
  minLength: 1,
  maxLength: 20,
});
const handle = fc.stringMatching(/^[a-z0-9_]{1,30}$/) as fc.Arbitrary<string> as fc.Arbitrary<Handle>;
const user_uuid = '5ae290ed-55d1-47a0-bc6d-fe2bc2700399' as never;

describe('folding', () => {
  test('a folded text changes nothing', () => {
    fc.assert(
      fc.property(fc.oneof(text, letters), (any) => {
        expect(fold(fold(any))).toBe(fold(any));
      }),
    );
  });

  test('makes no difference between upper and lower case, composed and decomposed', () => {
    fc.assert(
      fc.property(letters, (any) => {
        for (const other of [any.toUpperCase(), any.toLowerCase(), any.normalize('NFD'), any.normalize('NFC')])
          expect(fold(other)).toBe(fold(any));
      }),
    );
  });

  test.each([
    ['Zoë Müller', 'zoe muller'],
    ['STRASSE', fold('Straße')],
    ['ΟΔΟΣ', fold('οδος')],
    ['İıIi', 'iiii'],
    ['ﬁﬀ', 'fiff'],
    ['Ａｄａ', 'ada'],
    ['ガ', fold('カ')],
  ])('%s is %s', (one, folded) => {
    expect(fold(one)).toBe(folded);
  });
});

describe('search words', () => {
  test('are six at most, of two code points or more, each once', () => {
    fc.assert(
      fc.property(handle, fc.oneof(text, letters), (handle, display_name) => {
        const words = searchWords({ handle, display_name });
        expect(words.length).toBeLessThanOrEqual(mostKeys);
        expect(new Set(words).size).toBe(words.length);
        for (const word of words) expect([...word].length).toBeGreaterThanOrEqual(2);
      }),
    );
  });

  test('are found by each of their beginnings, which lead to the partition of the item', () => {
    fc.assert(
      fc.property(handle, letters, letters, (handle, one, other) => {
        const display_name = `${one} ${other}`;
        for (const item of searchItems({ user_uuid, handle, display_name })) {
          const [word = ''] = item.sk.split('#');
          expect(item.pk).toBe(`NAME#${[...word].slice(0, 2).join('')}`);
          for (let length = 2; length <= [...word].length; length++) {
            const typed = [...word].slice(0, length).join('');
            // In the order of DynamoDB, which is that of the bytes.
            expect(Buffer.compare(Buffer.from(item.sk), Buffer.from(typed))).toBe(1);
            expect(Buffer.compare(Buffer.from(item.sk), Buffer.from(`${typed}\u{10ffff}`))).toBe(-1);
            expect(matches({ handle, display_name }, wordsOf(typed))).toBe(true);
          }
        }
      }),
    );
  });

  test('make keys that DynamoDB accepts, even if each character stands for eighteen', () => {
    const display_name = '\ufdfa'.repeat(40);
    for (const { pk, sk } of searchItems({ user_uuid, handle: 'ada' as Handle, display_name }))
      expect([Buffer.byteLength(pk) <= 2048, Buffer.byteLength(sk) <= 1024]).toEqual([true, true]);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 40, maxLength: 40 }), (display_name) => {
        for (const { sk } of searchItems({ user_uuid, handle: 'ada' as Handle, display_name }))
          expect(Buffer.byteLength(sk)).toBeLessThanOrEqual(1024);
      }),
    );
  });
});
