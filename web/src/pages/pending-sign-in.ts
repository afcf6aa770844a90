/**
 * The credentials that one sign-in page passes to the next. They are kept in memory only, because an address does not
 * belong in a URL, nor a password in web storage. After a reload the pages ask for them again.
 */
export const pendingSignIn: { email: string; password: string } = { email: '', password: '' };
