// Lets Node load TypeScript: imported before anything else, so it is plain JavaScript itself.
import process from 'node:process';
import { register } from 'tsx/esm/api';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'; // the SDK reads it when it is loaded
register();
