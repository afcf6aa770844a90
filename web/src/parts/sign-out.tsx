import { useMutation } from '@tanstack/react-query';
import { useEffect, useId, useRef, useState } from 'react';
import { endSession } from '../api/session.ts';
import { draftCount, forgetUnstoredDrafts } from '../data/drafts.ts';
import { forgetUnstoredMessages, unsentCount } from '../data/outbox.ts';

/**
 * The button to sign out. Signing out deletes drafts and unsent messages from the browser, so if there are any, it asks before the session
 * ends.
 * @param props.onError called with the error if the session could not be ended, and with null at each attempt
 */
export function SignOut({ onError }: { onError: (error: Error | null) => void }) {
  const [question, setQuestion] = useState<string>();
  const { mutate, isPending } = useMutation({
    mutationFn: () =>
      endSession(() => {
        // Or the browser would ask once more, although the session has ended.
        forgetUnstoredDrafts();
        forgetUnstoredMessages();
      }),
    retry: false,
    networkMode: 'always',
    onMutate: () => onError(null),
    onError: (error) => onError(error),
  });
  const ask = () => {
    const lost = [
      count(unsentCount(), 'message that is not sent', 'messages that are not sent'),
      count(draftCount(), 'draft', 'drafts'),
    ];
    const losses = lost.filter((each) => each !== undefined);
    if (losses.length === 0) mutate();
    else setQuestion(`Signing out deletes ${losses.join(' and ')} from this browser.`);
  };
  return (
    <>
      <button type="button" className="link" aria-busy={isPending} onClick={ask}>
        Sign out
      </button>
      {question && <Question text={question} onClose={() => setQuestion(undefined)} onConfirm={mutate} />}
    </>
  );
}

const count = (number: number, one: string, many: string) =>
  number === 0 ? undefined : number === 1 ? `1 ${one}` : `${number} ${many}`;

/** Asks before signing out. The browser closes it with Escape, keeps the focus in it, and gives the focus back. */
function Question({ text, onClose, onConfirm }: { text: string; onClose: () => void; onConfirm: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const close = () => dialog.current?.close();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby={id} aria-describedby={`${id}-text`} onClose={onClose}>
      <article>
        <h2 id={id}>Sign out?</h2>
        <p id={`${id}-text`}>{text}</p>
        <footer>
          <button type="button" onClick={close}>
            Stay signed in
          </button>
          <button
            type="button"
            className="secondary"
            onClick={() => {
              close();
              onConfirm();
            }}
          >
            Sign out and delete
          </button>
        </footer>
      </article>
    </dialog>
  );
}
