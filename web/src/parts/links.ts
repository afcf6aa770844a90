/** A web address within a text. */
export interface WebLink {
  /** Where it leads. */
  href: string;
  /** What to show: the address as written; if it has invisible characters, the encoded address to which the link really leads. */
  shown: string;
}

// An address begins with http(s):// or www. and ends before a space or before punctuation that addresses do not contain: quotes, and
// Chinese or Japanese punctuation, after which no space is written. `a.example/x,https://b.example` is two addresses.
const candidates =
  /(?<![\p{Script=Latin}\p{N}_@./-])(?:https?:\/\/|www\.)(?:(?![,;|]https?:\/\/)[^\s<>"`“”„«»‹›‘、。〈-】〔-〟｡-､，；：！？（）［］｛｝])+/giu;
const endsWithPunctuation = /[.,;:!?'’*_~…،؛؟।]$/u;
const closing = { ')': '(', ']': '[', '}': '{' };
const invisible = /[\p{C}\p{Default_Ignorable_Code_Point}]/u;

/** @returns the text divided into plain text and web addresses, in their order */
export function splitAtLinks(text: string): (string | WebLink)[] {
  const pieces: (string | WebLink)[] = [];
  let from = 0;
  for (const { 0: candidate, index } of text.matchAll(candidates)) {
    const address = withoutEnd(candidate);
    const link = toLink(address);
    if (!link) continue;
    if (index > from) pieces.push(text.slice(from, index));
    pieces.push(link);
    from = index + address.length;
  }
  if (from < text.length) pieces.push(text.slice(from));
  return pieces;
}

/** Removes from the end what belongs to the sentence around the address: a full stop, or a bracket that was opened before the address. */
function withoutEnd(candidate: string): string {
  const count = (character: string) => candidate.split(character).length;
  const last = candidate.slice(-1);
  const opening = closing[last as keyof typeof closing];
  const isOfSentence = opening ? count(last) > count(opening) : endsWithPunctuation.test(candidate);
  return isOfSentence ? withoutEnd(candidate.slice(0, -1)) : candidate;
}

function toLink(address: string): WebLink | undefined {
  const isBare = /^www\./i.test(address);
  const href = isBare ? `https://${address}` : address;
  if (!URL.canParse(href) || (isBare && !/^www\.[^./]+\.[^./]/i.test(address))) return undefined;
  // An invisible character that reverses the text direction can make an address look like another one.
  return { href, shown: invisible.test(address) ? new URL(href).href : address };
}
