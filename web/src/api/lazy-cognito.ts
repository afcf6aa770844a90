import { ApiError } from './errors.ts';

/**
 * Loads the Cognito client when a form needs it, and not with the page, since it is as large as the rest of the page.
 */
export function loadCognito(): Promise<typeof import('./cognito.ts')> {
  return import('./cognito.ts').catch(() => {
    // There is no connection, or a new deployment has replaced the files that this page refers to.
    throw new ApiError('A part of this page could not be loaded. Check your connection, then reload the page.', {
      status: 0,
    });
  });
}

/**
 * Starts loading the Cognito client when the user begins to fill in a form, so that it is loaded by the time the user
 * sends the form.
 */
export function preloadCognito(): void {
  loadCognito()
    .then(({ openUserPool }) => openUserPool())
    .catch(() => undefined); // ignored: sending the form tries again and shows the error
}
