// The rules for a message's text. They use no schema library, so that the web client can check a text before sending
// it without loading one.

/** The limit counts code points: an emoji that is one code point counts once, although it is two UTF-16 units. */
export const maxCodePoints = 1024;

/** The length of a text in code points. */
export function codePoints(text: string): number {
  return [...text].length;
}

/**
 * The characters that leave no mark, other than white space and control characters, as a part of a class in a regular expression: zero-width
 * and direction characters, fillers, variation selectors. Unicode lists some characters as none of these although they are invisible: the
 * blank Braille pattern, interlinear annotation marks, the format controls and blanks of Egyptian hieroglyphs, the Khitan filler, the null
 * notehead.
 */
export const leavesNoMark = String.raw`\p{Default_Ignorable_Code_Point}\u2800\ufff9-\ufffb\u{13430}-\u{1343f}\u{13441}\u{13442}\u{16fe4}\u{1d159}`;
const visible = new RegExp(String.raw`[^\p{White_Space}\p{Cc}${leavesNoMark}]`, 'u');

/** Whether a text has no visible character. */
export function isBlank(text: string): boolean {
  return !visible.test(text);
}
