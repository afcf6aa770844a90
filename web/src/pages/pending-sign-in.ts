/**
 * The credentials that one sign-in page hands to the next. In memory only: an address does not belong in a URL, nor a password in
 * web storage. After a reload the pages ask for them again.
 */
export const pendingSignIn: { email: string; password: string } = { email: '', password: '' };
