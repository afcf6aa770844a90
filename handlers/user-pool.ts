import { openUserPool } from '../core/user-pool/client.ts';

/** Opened once per function instance. A module apart from deps.ts: only the functions that need Cognito bundle its client. */
export const userPool = openUserPool();
