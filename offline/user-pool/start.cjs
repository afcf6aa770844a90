// Runs cognito-local as the user pool of the local stack. It replaces operations in cognito-local's list of them, so that they behave as
// Cognito's do. cognito-local's version is pinned in package.json, since that list is internal. docs/architecture.md names what still
// differs from Cognito, and test/offline/user-pool.test.ts checks what does not.
const { Targets } = require('cognito-local/lib/targets/targets.js');
const { requireAccessToken } = require('./access-tokens.cjs');
const { addresses, ignoreCaseOfAddresses } = require('./addresses.cjs');
const { passwords } = require('./passwords.cjs');
const { sessions, ignoreEndedTokens } = require('./sessions.cjs');

/** @type {any} */
const operations = Targets;
ignoreCaseOfAddresses();
ignoreEndedTokens();
for (const behaviour of [passwords, addresses, sessions]) Object.assign(operations, behaviour(operations));
for (const [name, operation] of Object.entries(operations)) operations[name] = requireAccessToken(operation);

require('cognito-local/lib/bin/start.js');
