import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { accessToken, useSessionState } from '../api/session.ts';
import { pendingSignIn } from './pending-sign-in.ts';

/**
 * @returns `back` if it is a page of this client, otherwise the inbox, because a crafted link must not lead to
 * another site
 */
export const safeReturnPath = (back: string | null) => (back && /^\/messages(\/|$)/.test(back) ? back : '/messages');

/**
 * Shows its content to a user who is not signed in. A signed-in user is led to the page that required the sign-in, or to the inbox: on
 * arrival, and after a sign-in here or in another tab.
 */
export function OnlySignedOut({ children }: { children: ReactNode }) {
  const session = useSessionState();
  const [isChecked, setChecked] = useState(session !== 'unknown');
  const [search] = useSearchParams();
  const [, navigate] = useLocation();
  const client = useQueryClient();
  useEffect(() => {
    if (isChecked) return;
    // Without an answer the form is shown: sending it shows the error.
    const show = () => setChecked(true);
    accessToken().then(show, show);
  }, [isChecked]);

  const back = safeReturnPath(search.get('back'));
  useEffect(() => {
    if (session !== 'signed in') return;
    pendingSignIn.password = '';
    client.resetQueries({ queryKey: ['me'] }).then(() => navigate(back, { replace: true }));
  }, [session, back, client, navigate]);

  if (isChecked && session !== 'signed in') return children;
  return (
    <main className="card" aria-busy="true">
      <p>Opening Cruddur …</p>
    </main>
  );
}
