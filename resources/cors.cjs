// Who else's pages may call the API from a browser: those of WEB_ORIGIN, and nobody's when it is not set. JavaScript, because there is
// no CORS at all then.
module.exports = async ({ resolveVariable }) => {
  const origin = await resolveVariable('self:custom.webOrigin');
  if (origin === '') return null;
  return {
    allowedOrigins: [origin],
    allowedMethods: ['GET', 'POST', 'PUT', 'OPTIONS'],
    allowedHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key'],
    exposedResponseHeaders: ['Link', 'Retry-After'],
    maxAge: 600, // seconds
  };
};
