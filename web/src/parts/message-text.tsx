import { splitAtLinks } from './links.ts';

/**
 * Shows the text of a message, never as HTML, and makes web addresses in it links. The first letter of each line
 * decides its writing direction (style/messages.css).
 */
export function MessageText({ text }: { text: string }) {
  return (
    <p dir="auto" data-text="">
      {splitAtLinks(text).map(toElement)}
    </p>
  );
}

function toElement(piece: ReturnType<typeof splitAtLinks>[number], index: number) {
  if (typeof piece === 'string') return piece;
  return (
    <a key={index} href={piece.href} dir="ltr" target="_blank" rel="noopener noreferrer nofollow ugc">
      {piece.shown}
    </a>
  );
}
