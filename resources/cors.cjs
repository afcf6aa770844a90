// CORS for the pages of WEB_ORIGIN; without it, no CORS at all, which YAML cannot express. The methods follow from the API's routes
// (except the catch-all of unknownRoute): osls derives them too if they are missing, but adds those of routes for the own origin only.
module.exports = async ({ resolveVariable }) => {
  const origin = await resolveVariable('self:custom.webOrigin');
  if (origin === '') return null;
  const functions = await resolveVariable('self:functions');
  const routes = Object.values(functions).flatMap(({ events = [] }) => events.flatMap(({ httpApi }) => httpApi ?? []));
  const called = routes.filter(({ path, authorizer }) => authorizer && !path.endsWith('{proxy+}'));
  return {
    allowedOrigins: [origin],
    allowedMethods: [...new Set(called.map(({ method }) => method))].sort(),
    allowedHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key'],
    exposedResponseHeaders: ['Link', 'Retry-After'],
    maxAge: 600, // seconds
  };
};
