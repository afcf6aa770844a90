import { type FormEvent, useState } from 'react';
import { useDeletion } from './deleted-account.tsx';
import { ErrorMessage } from './error-message.tsx';
import { useSignedInUser } from './require-sign-in.tsx';

/** Deletes the account of the signed-in user, after they have typed their handle. */
export function DeleteAccount() {
  const me = useSignedInUser();
  const [typed, setTyped] = useState('');
  const { mutate, error, isPending } = useDeletion();
  const isConfirmed = typed.trim().replace(/^@/, '').toLowerCase() === me.handle;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isConfirmed && !isPending) mutate();
  };
  return (
    <form onSubmit={submit}>
      <h2>Delete account</h2>
      <p id="deletion">
        Deletes your account, your name, and everything that you wrote, for you and for others. What others wrote stays
        with them. Nobody can undo it. Backups of the service hold it for 35 days more, and a report on a conversation
        until it is closed. Your handle can be taken again after 30 days.
      </p>
      <label>
        Type your handle, {me.handle}, to delete your account
        <input
          value={typed}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          aria-describedby="deletion"
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
        />
      </label>
      <button type="submit" className="secondary" disabled={!isConfirmed} aria-busy={isPending}>
        Delete my account
      </button>
      {error && <ErrorMessage error={error} />}
    </form>
  );
}
