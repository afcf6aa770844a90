const { parseWebOrigins } = require('./web-origins.cjs');

// CORS for the pages of WEB_ORIGIN. JavaScript, because YAML cannot express that there is no CORS at all without WEB_ORIGIN.
// The methods are those of the routes that require a token, without the catch-all of unknownRoute. If they were missing here, osls would
// derive them from all routes, including those that only pages of the API's own origin call.
module.exports = async ({ resolveVariable }) => {
  // Values that are no origins are refused by offline/plugins/preflight.mjs: an error here would be several lines of osls.
  const { origins } = parseWebOrigins(await resolveVariable('self:custom.webOrigin'));
  if (origins.length === 0) return null;
  const functions = await resolveVariable('self:functions');
  const routes = Object.values(functions).flatMap(({ events = [] }) => events.flatMap(({ httpApi }) => httpApi ?? []));
  const called = routes.filter(({ path, authorizer }) => authorizer && !path.endsWith('{proxy+}'));
  return {
    allowedOrigins: origins,
    allowedMethods: [...new Set(called.map(({ method }) => method))].sort(),
    allowedHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key'],
    exposedResponseHeaders: ['Link', 'More-Results', 'Retry-After'],
    maxAge: 600, // seconds
  };
};
