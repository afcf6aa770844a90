// Makes Node read TypeScript: what every command loads before anything else. Plain JavaScript, since it comes first.
import process from 'node:process';
import { register } from 'tsx/esm/api';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'; // read when the SDK is loaded
register();
