import { useMutation, useQueryClient } from '@tanstack/react-query';
import { setBlocked } from '../data/blocks.ts';
import { ErrorMessage } from './error-message.tsx';

/** Stands in place of the composer while the user blocks the other one. */
export function BlockedNotice({ name, user }: { name: string; user: string }) {
  const client = useQueryClient();
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => setBlocked(client, user, false),
    retry: false, // the user decides
    networkMode: 'always',
  });
  return (
    <div className="blocked">
      <p>
        You block <bdi>{name}</bdi>. Neither of you can write to the other.
      </p>
      <button type="button" className="secondary" aria-busy={isPending} onClick={() => mutate()}>
        Unblock
      </button>
      {error && <ErrorMessage error={error} />}
    </div>
  );
}
