import { createContext, type ReactNode, useContext } from 'react';
import { Redirect, useLocation } from 'wouter';
import { ApiError, SignedOutError } from '../api/errors.ts';
import type { Me as SignedInUser } from '../api/schema.ts';
import { useSessionState } from '../api/session.ts';
import { useMe } from '../data/users.ts';
import { DeletedAccount } from './deleted-account.tsx';
import { ErrorMessage } from './error-message.tsx';

const Me = createContext<SignedInUser | undefined>(undefined);

/** @returns the signed-in user @throws outside {@link RequireSignIn} */
export function useSignedInUser(): SignedInUser {
  const me = useContext(Me);
  if (!me) throw new Error('useSignedInUser needs a RequireSignIn around it');
  return me;
}

/**
 * Shows its content only to a signed-in user. Anyone else is redirected to the sign-in page, which leads back here
 * afterwards.
 */
export function RequireSignIn({ children }: { children: ReactNode }) {
  const session = useSessionState();
  const [path] = useLocation();
  const { data: me, error, refetch } = useMe();
  if (session === 'signed out' || error instanceof SignedOutError)
    return <Redirect to={`/sign-in?${new URLSearchParams({ back: path })}`} replace />;
  if (error instanceof ApiError && error.code === 'person_unknown') return <Redirect to="/join" replace />;
  if (error instanceof ApiError && error.code === 'user_gone') return <DeletedAccount />;
  if (me) return <Me value={me}>{children}</Me>;
  if (!error) return <Opening />;
  return (
    <main className="card">
      <ErrorMessage error={error} retry={refetch} />
    </main>
  );
}

/** Stands in place of a page of the signed-in user while it is loading. */
export function Opening() {
  return (
    <main className="card" aria-busy="true">
      <p>Opening your messages …</p>
    </main>
  );
}
