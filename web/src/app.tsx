import { lazy, type ReactNode, Suspense } from 'react';
import { ErrorBoundary } from 'react-error-boundary';
import { Redirect, Route, Router, Switch } from 'wouter';
import { ConfirmPage } from './pages/confirm.tsx';
import { CreateProfilePage } from './pages/create-profile.tsx';
import { ForgottenPasswordPage } from './pages/forgotten-password.tsx';
import { loadSignedIn, preloadSignedIn } from './pages/load-signed-in.ts';
import { NotFoundPage } from './pages/not-found.tsx';
import { SignInPage } from './pages/sign-in.tsx';
import { SignUpPage } from './pages/sign-up.tsx';
import { countSteps } from './parts/back-link.tsx';
import { FilesNotice } from './parts/files-notice.tsx';
import { Opening, RequireSignIn } from './parts/require-sign-in.tsx';

const MessagesPage = lazy(async () => ({ default: (await loadSignedIn()).MessagesPage }));
const SettingsPage = lazy(async () => ({ default: (await loadSignedIn()).SettingsPage }));
// Loads these pages at the same time as the first requests, which decide whether a user is signed in.
if (/^\/(messages|settings|$)/.test(location.pathname)) preloadSignedIn();

/** The pages by path. */
export function App() {
  return (
    <ErrorBoundary fallback={<BrokenPage />}>
      <FilesNotice />
      <Router aroundNav={countSteps}>
        <Switch>
          <Route path="/">
            <Redirect to="/messages" replace />
          </Route>
          <Route path="/sign-in" component={SignInPage} />
          <Route path="/sign-up" component={SignUpPage} />
          <Route path="/confirm" component={ConfirmPage} />
          <Route path="/forgotten-password" component={ForgottenPasswordPage} />
          <Route path="/join" component={CreateProfilePage} />
          <Route path="/messages/*?">
            <SignedIn>
              <MessagesPage />
            </SignedIn>
          </Route>
          <Route path="/settings">
            <SignedIn>
              <SettingsPage />
            </SignedIn>
          </Route>
          <Route component={NotFoundPage} />
        </Switch>
      </Router>
    </ErrorBoundary>
  );
}

function SignedIn({ children }: { children: ReactNode }) {
  return (
    <RequireSignIn>
      <Suspense fallback={<Opening />}>{children}</Suspense>
    </RequireSignIn>
  );
}

function BrokenPage() {
  return (
    <main className="card">
      <h1>Something went wrong on this page</h1>
      <p>Every message that shows a time is stored. Reload the page to continue.</p>
      <button type="button" onClick={() => location.reload()}>
        Reload
      </button>
    </main>
  );
}
