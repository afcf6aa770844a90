import { ApiError } from './errors.ts';

/** Signing in, which weighs as much as all the rest: loaded when a form that needs it is first touched. */
export function cognito(): Promise<typeof import('./cognito.ts')> {
  return import('./cognito.ts').catch(() => {
    // Either there is no connection, or this page is older than the last deployment, whose files are other ones.
    throw new ApiError('A part of this page cannot be loaded. Check the connection, or load the page again.', {
      status: 0,
    });
  });
}

/** Has it there by the time that the form is sent. */
export function preloadCognito(): void {
  cognito()
    .then(({ openUserPool }) => openUserPool())
    .catch(() => undefined); // who sends the form hears of it
}
