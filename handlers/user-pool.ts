import { openUserPool } from '../core/user-pool/client.ts';

/**
 * Created once per function instance. It is not in deps.ts, so that only the functions that need Cognito contain its
 * client in their bundles.
 */
export const userPool = openUserPool();
