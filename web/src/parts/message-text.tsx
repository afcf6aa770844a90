import Linkify from 'linkify-react';
import type { Opts } from 'linkifyjs';

const options: Opts = {
  // Links only explicit http(s) URLs: no `javascript:`, and no bare `example.com`.
  validate: (value, type) => type === 'url' && /^https?:\/\//i.test(value),
  target: '_blank',
  rel: 'noopener noreferrer nofollow ugc',
};

/** The text of a message, never as HTML, with links to web addresses. Its first letter decides the writing direction. */
export function MessageText({ text }: { text: string }) {
  return (
    <p dir="auto">
      <Linkify options={options}>{text}</Linkify>
    </p>
  );
}
