// The rules for a message's text. They use no schema library, so that the web client can check a text before sending
// it without loading one.

/** The limit counts code points: an emoji that is one code point counts once, although it is two UTF-16 units. */
export const maxCodePoints = 1024;

/** The length of a text in code points. */
export function codePoints(text: string): number {
  return [...text].length;
}

// A visible character is neither white space nor one that leaves no mark: a zero-width or direction character, a filler, a variation
// selector. Unicode lists some characters as none of these although they are invisible: the blank Braille pattern, interlinear
// annotation marks, the format controls and blanks of Egyptian hieroglyphs, the Khitan filler, the null notehead.
const visible =
  /[^\p{White_Space}\p{Cc}\p{Default_Ignorable_Code_Point}\u2800\ufff9-\ufffb\u{13430}-\u{1343f}\u{13441}\u{13442}\u{16fe4}\u{1d159}]/u;

/** Whether a text has no visible character. */
export function isBlank(text: string): boolean {
  return !visible.test(text);
}
