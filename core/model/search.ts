import { codePoints } from './text.ts';
import type { User } from './user.ts';

// By which words a user is found.

/** A shorter word leads to too many users. */
export const leastCodePoints = 2;
const mostWords = 5;
/** One user is found by at most so many words: their handle, and those of their display name. */
export const mostKeys = 1 + mostWords;
/** A compatibility character may stand for 18 others, and a sort key has 1,024 bytes at most. */
const mostCodePoints = 40;

/**
 * A text as it is compared: without accents and other marks, without differences of case or of form, such as that of a ligature.
 * @returns the same text for a text that is folded already
 */
export function fold(text: string): string {
  const plain = (marked: string) => marked.normalize('NFKD').replace(/\p{M}/gu, '');
  // By way of the upper case, in which more letters agree: ß is SS there, but for a capital ẞ. A sigma has two lower cases.
  return plain(plain(text).toLowerCase().toUpperCase().toLowerCase()).replaceAll('ς', 'σ');
}

/** The words of a text, folded: letters, digits and `_` without anything between them. */
export function wordsOf(text: string): string[] {
  const words = fold(text).split(/[^\p{L}\p{N}_]+/u);
  return words.filter((word) => word !== '').map((word) => [...word].slice(0, mostCodePoints).join(''));
}

const isLongEnough = (word: string) => codePoints(word) >= leastCodePoints;

/** The words by whose beginnings a user is found: their handle, and the first five longer words of their display name, each once. */
export function searchWords({ handle, display_name }: Pick<User, 'handle' | 'display_name'>): string[] {
  const named = new Set(wordsOf(display_name).filter(isLongEnough));
  return [...new Set([handle, ...[...named].slice(0, mostWords)])].filter(isLongEnough);
}

/** Whether a user has, for each of these words, one that begins with it. @param words folded */
export function matches(user: Pick<User, 'handle' | 'display_name'>, words: readonly string[]): boolean {
  const names = [user.handle, ...wordsOf(user.display_name)];
  return words.every((word) => names.some((name) => name.startsWith(word)));
}
