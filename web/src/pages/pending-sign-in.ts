/**
 * Who is on the way in, from one page to the next: in memory only, since an address does not belong into a URL and a password
 * into no storage. A reload forgets it, and the pages ask again.
 */
export const pendingSignIn: { email: string; password: string } = { email: '', password: '' };
