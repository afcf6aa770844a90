// `npm start`: runs `serverless offline start` in this process, with all further arguments. So there is no process between npm
// and the stack that would have to hand signals on, and no shell: it is the same on Windows.
import { createRequire } from 'node:module';

process.argv.splice(2, 0, 'offline', 'start');
createRequire(import.meta.url)('serverless/bin/serverless.js');
