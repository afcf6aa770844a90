import { createContext, type ReactNode, useContext } from 'react';
import { Redirect, useLocation } from 'wouter';
import { ApiError, SignedOut } from '../api/errors.ts';
import { useSessionState } from '../api/session.ts';
import type { Person } from '../api/shapes.ts';
import { useMe } from '../data/people.ts';
import { Problem } from './problem.tsx';

const Me = createContext<Person | undefined>(undefined);

/** Who is signed in, for what stands within {@link SignedIn}. */
export function useSignedIn(): Person {
  const me = useContext(Me);
  if (!me) throw new Error('this stands outside SignedIn');
  return me;
}

/** Shows its content to who is signed in. Anybody else goes to sign in, and comes back to where they wanted to be. */
export function SignedIn({ children }: { children: ReactNode }) {
  const session = useSessionState();
  const [path] = useLocation();
  const { data: me, error, refetch } = useMe();
  if (session === 'signed out' || error instanceof SignedOut)
    return <Redirect to={`/sign-in?${new URLSearchParams({ back: path })}`} replace />;
  if (error instanceof ApiError && error.code === 'person_unknown') return <Redirect to="/join" replace />;
  if (me) return <Me value={me}>{children}</Me>;
  return (
    <main className="card" aria-busy={!error}>
      {error ? <Problem error={error} retry={refetch} /> : <p>Opening your messages …</p>}
    </main>
  );
}
