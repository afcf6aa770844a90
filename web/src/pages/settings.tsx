import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import { goLive } from '../data/live.ts';
import { changeProfile } from '../data/users.ts';
import { BlockedUsers } from '../parts/blocked-users.tsx';
import { DeleteAccount } from '../parts/delete-account.tsx';
import { ErrorMessage } from '../parts/error-message.tsx';
import { FormPage } from '../parts/form.tsx';
import { NotificationSwitches } from '../parts/notification-switches.tsx';
import { useNotifications } from '../parts/notifications.ts';
import { useSignedInUser } from '../parts/require-sign-in.tsx';
import { SignOut } from '../parts/sign-out.tsx';
import { YourData } from '../parts/your-data.tsx';
import { displayName } from './fields.ts';

/** What the user can change of their profile, and for all their conversations. */
export function SettingsPage() {
  const me = useSignedInUser();
  const client = useQueryClient();
  useNotifications(undefined);
  const [isSaved, setSaved] = useState(false);
  useEffect(() => goLive(client), [client]);
  return (
    <FormPage
      title="Settings"
      intro={
        <p>
          You are <strong>@{me.handle}</strong>. <Link href="/messages">Back to your messages</Link>
        </p>
      }
      fields={[{ ...displayName, defaultValue: me.display_name }]}
      action="Save name"
      send={async ({ display_name = '' }) => {
        await changeProfile(client, { display_name });
        setSaved(true);
      }}
      onInput={() => setSaved(false)}
    >
      <p role="status">{isSaved && 'Your name is saved. Others see it within a minute.'}</p>
      <ReadReceipts />
      <NotificationSwitches />
      <BlockedUsers />
      <YourData />
      <SignOutEverywhere />
      <DeleteAccount />
    </FormPage>
  );
}

function SignOutEverywhere() {
  const [error, setError] = useState<Error | null>(null);
  return (
    <>
      <h2>Sessions</h2>
      <p>
        Ends all your sessions, in this browser and on other devices. A page that is open elsewhere shows nothing new
        after a minute, or after an hour if this site has no live messages.
      </p>
      <SignOut everywhere onError={setError} />
      {error && <ErrorMessage error={error} />}
    </>
  );
}

function ReadReceipts() {
  const me = useSignedInUser();
  const client = useQueryClient();
  const { mutate, error, isPending, variables } = useMutation({
    mutationFn: (read_receipts: boolean) => changeProfile(client, { read_receipts }),
    retry: false, // the user decides
    networkMode: 'always',
  });
  return (
    <>
      <label>
        <input
          type="checkbox"
          checked={isPending ? variables : me.read_receipts}
          onChange={({ currentTarget }) => mutate(currentTarget.checked)}
          aria-describedby="read-receipts"
        />
        Read receipts
      </label>
      <small id="read-receipts">
        Others see which of their messages you have read, and you see which of yours they have. Without, neither.
      </small>
      {error && <ErrorMessage error={error} />}
    </>
  );
}
