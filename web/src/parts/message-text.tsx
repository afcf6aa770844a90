import Linkify from 'linkify-react';
import type { Opts } from 'linkifyjs';

const options: Opts = {
  // Only what says http(s) itself: `javascript:` and the like are no links, and neither is every `well.known`.
  validate: (value, type) => type === 'url' && /^https?:\/\//i.test(value),
  target: '_blank',
  rel: 'noopener noreferrer nofollow ugc',
};

/** The text of a message: letters, whatever it says, with links to the web. Its direction is that of its own first letter. */
export function MessageText({ text }: { text: string }) {
  return (
    <p dir="auto">
      <Linkify options={options}>{text}</Linkify>
    </p>
  );
}
