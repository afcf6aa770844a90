import fc from 'fast-check';
import { expect, test } from 'vitest';
import { messageText } from '../../core/model/message.ts';
import { parse } from '../../core/model/parse.ts';

const read = (text: unknown) => parse(messageText, text);

test('a message is accepted unchanged', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 1000 }), (text) => {
      expect(read(`${text}x`)).toBe(`${text}x`);
    }),
  );
  for (const text of ['  two spaces, a tab\t and a break\n', 'e\u0301', '\u00e9', '<b>', '👩‍👩‍👧', 'שלום', '٣'])
    expect(read(text)).toBe(text);
});

test.each([
  ['an empty text', ''],
  ['a missing text', undefined],
  ['null', null],
  ['spaces', '   '],
  ['line breaks', '\r\n\n\t'],
  ['no-break and ideographic spaces', '\u00a0\u3000'],
  ['zero-width characters', '\u200b\u200c\u200d\u2060\ufeff'],
  ['direction marks', '\u200e\u200f\u202e\u2066\u2069'],
  ['Hangul fillers', '\u115f\u1160\u3164\uffa0'],
  ['a variation selector', '\ufe0f'],
  ['the blank Braille pattern', '\u2800'],
  ['interlinear annotation marks', '\ufff9\ufffa\ufffb'],
  ['format controls and blanks of hieroglyphs', '\u{13430}\u{1343f}\u{13441}\u{13442}'],
  ['the Khitan filler and the null notehead', '\u{16fe4}\u{1d159}'],
  ['control characters', '\u0000\u0007'],
])('a blank message is rejected: %s', (_, text) => {
  expect(() => read(text)).toThrow(/^message_blank$/);
});

test('a message may have 1024 code points, whatever their length in UTF-16', () => {
  for (const one of ['a', '😀', 'ß', '中']) {
    expect(read(one.repeat(1024))).toHaveLength(one.length * 1024);
    expect(() => read(one.repeat(1025))).toThrow(/^message_exceed_max_chars$/);
  }
});

test('half a surrogate pair is rejected, because it could not be stored unchanged', () => {
  expect(() => read('a\ud83d')).toThrow(/^body_invalid$/);
  expect(() => read('\ude00\ud83d')).toThrow(/^body_invalid$/);
});

test.each([[5], [true], [{}], [['a']]])('a message other than a text is rejected: %j', (text) => {
  expect(() => read(text)).toThrow(/^body_invalid$/);
});
