import { leavesNoMark } from './text.ts';

// Display names are not unique, so a name may be that of another user, whose handle then tells them apart. What is refused are names
// that only look like another one, or like nothing at all. It follows from the Unicode data of the engine: UTS #39, "highly restrictive"
// for each word (https://www.unicode.org/reports/tr39/#Restriction_Level_Detection). A word whose letters are all of another script,
// and look like Latin ones, is not recognized: that would take a table of confusable characters, and many such words are names.

/** Scripts in use today: "recommended" and "limited use" in UAX #31. */
const livingScripts = [
  ...[
    'Adlam',
    'Arabic',
    'Armenian',
    'Balinese',
    'Bamum',
    'Batak',
    'Bengali',
    'Canadian_Aboriginal',
    'Chakma',
    'Cham',
    'Cherokee',
  ],
  ...[
    'Cyrillic',
    'Devanagari',
    'Ethiopic',
    'Georgian',
    'Greek',
    'Gujarati',
    'Gurmukhi',
    'Hanifi_Rohingya',
    'Hebrew',
    'Javanese',
  ],
  ...[
    'Kannada',
    'Kayah_Li',
    'Khmer',
    'Lao',
    'Lepcha',
    'Limbu',
    'Lisu',
    'Malayalam',
    'Mandaic',
    'Meetei_Mayek',
    'Miao',
    'Mongolian',
  ],
  ...[
    'Myanmar',
    'New_Tai_Lue',
    'Newa',
    'Nko',
    'Nyiakeng_Puachue_Hmong',
    'Ol_Chiki',
    'Oriya',
    'Osage',
    'Saurashtra',
    'Sinhala',
  ],
  ...[
    'Sundanese',
    'Syloti_Nagri',
    'Syriac',
    'Tai_Le',
    'Tai_Tham',
    'Tai_Viet',
    'Tamil',
    'Telugu',
    'Thaana',
    'Thai',
    'Tibetan',
  ],
  ...['Tifinagh', 'Vai', 'Wancho', 'Yi'],
];
/** Scripts that are written together, in Japanese, Chinese and Korean. */
const together = [
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Bopomofo'],
  ['Latin', 'Han', 'Hangul'],
];

const scriptsOf = (...names: string[]) => names.map((name) => `\\p{Script_Extensions=${name}}`).join('');
/** Digits, punctuation, symbols and marks belong to every script, unless Unicode names theirs. */
const onlyOf = (...names: string[]) => new RegExp(`^[${scriptsOf(...names, 'Common', 'Inherited')}]*$`, 'u');

/** TypeScript accepts the flag `v` in a literal only for newer engines than the oldest that runs this. */
const unicodeSets: string = 'gv';

/** What the check needs, made with the first name: few functions ever check one. */
function newPatterns() {
  const joined = scriptsOf(
    ...[
      'Arabic',
      'Bengali',
      'Devanagari',
      'Gujarati',
      'Gurmukhi',
      'Kannada',
      'Malayalam',
      'Oriya',
      'Sinhala',
      'Tamil',
      'Telugu',
    ],
  );
  return {
    emoji: new RegExp(String.raw`\p{RGI_Emoji}`, unicodeSets),
    // Characters without a mark of their own that form letters: joiners, and the selectors of variants of ideographs.
    shaping: new RegExp(
      `(?<=[${joined}])[\u200c\u200d](?=[${joined}])|(?<=\\p{Script=Han})[\u{e0100}-\u{e01ef}]|(?<=\\p{Script=Mongolian})[\u180b-\u180d\u180f]`,
      'gu',
    ),
    hidden: new RegExp(`[${leavesNoMark}]`, 'u'),
    latin: onlyOf('Latin'),
    families: [...together.map((names) => onlyOf(...names)), ...livingScripts.map((name) => onlyOf(name))],
  };
}
let patterns: ReturnType<typeof newPatterns> | undefined;

const otherBlanks = /[^\S \u3000]/u;
// UTS #39, 5.4: no more than four nonspacing marks in a row, none of them twice in a row.
const stackedMarks = /[\p{Mn}\p{Me}]{5}|([\p{Mn}\p{Me}])\1|(?:^|\s)\p{M}/u;

/** A symbol that stands for one letter, such as a mathematical one or one in a circle. */
const isStyledLetter = (character: string) => {
  const plain = character.normalize('NFKC');
  return plain !== character && /^\p{L}$/u.test(plain) && /^\p{Script_Extensions=Common}$/u.test(character);
};

/**
 * Whether a display name looks like another one or like nothing: by characters that show nothing, stacked marks, styled letters, or letters
 * of several scripts. Scripts that one language uses may be mixed; Latin words may stand beside words of one other script.
 * @param name well-formed
 */
export function isMisleading(name: string): boolean {
  patterns ??= newPatterns();
  const { emoji, shaping, hidden, latin, families } = patterns;
  const text = name.replace(emoji, '*').replace(shaping, '');
  if (hidden.test(text) || otherBlanks.test(text) || stackedMarks.test(text.normalize('NFD'))) return true;
  if ([...text].some(isStyledLetter)) return true;
  const words = text.split(/\s+/u);
  return !families.some((family) => words.every((word) => family.test(word) || latin.test(word)));
}
