import type { MessageGroup } from '../api/schema.ts';

/** Without accents and in one case, so that `Jose` finds `José`. */
const folded = (text: string) => text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();

/** @returns the conversations with users whose name or handle contains the text, which may begin with @ */
export function filterRows(rows: MessageGroup[], text: string): MessageGroup[] {
  const sought = folded(text.trim());
  const isFound = ({ display_name, handle }: MessageGroup) =>
    folded(display_name).includes(sought) || `@${handle}`.includes(sought);
  return sought === '' ? rows : rows.filter(isFound);
}
