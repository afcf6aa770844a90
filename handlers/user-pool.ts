import { openUserPool } from '../core/user-pool/client.ts';

/** Created once per function instance. Not in deps.ts, so that only functions that need Cognito bundle its client. */
export const userPool = openUserPool();
