/**
 * Loads the pages of a signed-in user, a fifth of the scripts, which the forms for signing in and up do not need. If it fails, there is
 * no connection, or a new deployment has replaced the files that this page refers to: reloading the page helps.
 */
export const loadSignedIn = () => import('./signed-in.ts');

/** Starts loading them before they are shown. */
export function preloadSignedIn(): void {
  loadSignedIn().catch(() => undefined); // ignored: showing them tries again
}
