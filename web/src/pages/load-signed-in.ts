/**
 * Loads the pages of a signed-in user. They are a fifth of the scripts, and the forms for signing in and up do not need them. If loading
 * fails, there is no connection, or a new deployment has replaced the files that this page refers to: reloading the page helps.
 */
export const loadSignedIn = () => import('./signed-in.ts');

/** Starts loading the pages before they are shown. */
export function preloadSignedIn(): void {
  loadSignedIn().catch(() => undefined); // ignored: showing them tries again
}
