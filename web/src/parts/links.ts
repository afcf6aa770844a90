/** A web address within a text. */
export interface WebLink {
  /** Where it leads. */
  href: string;
  /** What to show: the address as written, or as it leads if it has invisible characters. */
  shown: string;
}

// An address begins with http(s):// or www. and goes on to a space or to punctuation that none contains: quotes, and the
// punctuation of Chinese and Japanese, which no space follows. `a.example/x,https://b.example` is two addresses.
const candidates =
  /(?<![\p{Script=Latin}\p{N}_@./-])(?:https?:\/\/|www\.)(?:(?![,;|]https?:\/\/)[^\s<>"`“”„«»‹›‘、。〈-】〔-〟｡-､，；：！？（）［］｛｝])+/giu;
const endsWithPunctuation = /[.,;:!?'’*_~…،؛؟।]$/u;
const closing = { ')': '(', ']': '[', '}': '{' };
const invisible = /[\p{C}\p{Default_Ignorable_Code_Point}]/u;

/** @returns the text in pieces, in order: plain text, and addresses of the web */
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

/** Takes off what belongs to the sentence: its full stop, and a bracket that was opened before the address. */
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
  // A character that turns the direction makes an address read otherwise than it leads.
  return { href, shown: invisible.test(address) ? new URL(href).href : address };
}
