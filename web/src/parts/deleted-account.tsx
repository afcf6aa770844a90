import { useMutation } from '@tanstack/react-query';
import { deleteAccount } from '../data/account.ts';
import { leaveUser } from '../data/sign-out.ts';
import { ErrorMessage } from './error-message.tsx';

/** The deletion of the account, or of what an earlier one left. */
export function useDeletion() {
  return useMutation({
    mutationFn: () => deleteAccount(leaveUser),
    retry: false, // the user decides
    networkMode: 'always',
  });
}

/** In place of a page of a user whose account is deleted, but who can still sign in: the last step of the deletion has failed. */
export function DeletedAccount() {
  const { mutate, error, isPending } = useDeletion();
  return (
    <main className="card">
      <h1>Your account is deleted</h1>
      <p>You can still sign in to it, which shows you nothing. The last step takes that away, too.</p>
      <button type="button" aria-busy={isPending} onClick={() => mutate()}>
        Finish
      </button>
      {error && <ErrorMessage error={error} />}
    </main>
  );
}
