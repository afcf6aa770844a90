import { ApiError } from './errors.ts';

/** Loads the Cognito client, which is as large as the rest of the page together, only when a form needs it. */
export function loadCognito(): Promise<typeof import('./cognito.ts')> {
  return import('./cognito.ts').catch(() => {
    // No connection, or a deployment has replaced the files that this page refers to.
    throw new ApiError('A part of this page could not be loaded. Check your connection, then reload the page.', {
      status: 0,
    });
  });
}

/** Starts loading it when a form gets the focus, so that it is there when the form is sent. */
export function preloadCognito(): void {
  loadCognito()
    .then(({ openUserPool }) => openUserPool())
    .catch(() => undefined); // sending the form loads again, and shows the error
}
