// `npm start`: runs `serverless offline start` in this process, with all further arguments. So there is no process between npm
// and the stack that would have to hand signals on, and no shell: it is the same on Windows. CommonJS, because Node cannot import an
// ES module below a folder with a backslash in its name, and the check below could not say so.
const { join } = require('node:path');
const { unusableCheckout } = require('./preflight/checkout.cjs');

const unusable = unusableCheckout(join(__dirname, '..'));
if (unusable) {
  process.stderr.write(`${unusable}\n`);
  process.exit(1);
}
process.argv.splice(2, 0, 'offline', 'start');
require(require.resolve('serverless/bin/serverless.js'));
