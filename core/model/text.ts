// What the text of a message may be, without a schema: the web client asks this too, before anything is sent.

/** In code points, as people count: an emoji of one code point is one. */
export const maxCodePoints = 1024;

/** How long a text is, in code points. */
export function codePoints(text: string): number {
  return [...text].length;
}

// White space, and what a renderer leaves out: zero-width and direction characters, fillers, variation selectors; the
// blank Braille pattern is no white space to Unicode, but nobody sees it.
const visible = /[^\p{White_Space}\p{Cc}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** Whether a reader would see nothing of it. */
export function isBlank(text: string): boolean {
  return !visible.test(text);
}
