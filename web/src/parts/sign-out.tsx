import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { endSession } from '../api/session.ts';
import { draftCount } from '../data/drafts.ts';
import { unsentCount } from '../data/outbox.ts';
import { leaveUser, signOutEverywhere } from '../data/sign-out.ts';
import { Question } from './question.tsx';

/**
 * The button to sign out. Signing out deletes drafts and unsent messages from the browser, so if there are any, it asks before the session
 * ends.
 * @param props.everywhere whether to end all other sessions of the user, too
 * @param props.onError called with the error if the session could not be ended, and with null at each attempt
 */
export function SignOut({
  everywhere = false,
  onError,
}: {
  everywhere?: boolean;
  onError: (error: Error | null) => void;
}) {
  const [question, setQuestion] = useState<string>();
  const { mutate, isPending } = useMutation({
    mutationFn: () => (everywhere ? signOutEverywhere : endSession)(leaveUser),
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
        {everywhere ? 'Sign out everywhere' : 'Sign out'}
      </button>
      {question && (
        <Question
          title={everywhere ? 'Sign out everywhere?' : 'Sign out?'}
          text={question}
          keep="Stay signed in"
          confirm="Sign out and delete"
          onClose={() => setQuestion(undefined)}
          onConfirm={mutate}
        />
      )}
    </>
  );
}

const count = (number: number, one: string, many: string) =>
  number === 0 ? undefined : number === 1 ? `1 ${one}` : `${number} ${many}`;
