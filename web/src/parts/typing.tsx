import { useTyping } from '../data/typing.ts';
import { useSignedInUser } from './require-sign-in.tsx';

/** Whether to show that the other user of a conversation is typing: with read receipts off, neither of the two sees it. */
export function useShownTyping(uuid: string | undefined): boolean {
  const { read_receipts } = useSignedInUser();
  return useTyping(uuid) && read_receipts;
}

/**
 * Says that the other user is typing. No live region: a screen reader would announce it again at each pause.
 * @param props.name of the other user
 */
export function TypingNotice({ uuid, name }: { uuid: string; name: string }) {
  if (!useShownTyping(uuid)) return null;
  return (
    <p className="typing">
      <TypingDots /> <bdi>{name}</bdi> is typing
    </p>
  );
}

/** Three dots that move, for the eye only. */
export function TypingDots() {
  return (
    <span className="dots" aria-hidden="true">
      <i />
      <i />
      <i />
    </span>
  );
}
