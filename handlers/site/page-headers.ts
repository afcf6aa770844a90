import httpSecurityHeaders from '@middy/http-security-headers';

/**
 * The security headers that only the page has. It may load scripts and styles only from this origin, and connect only to this
 * origin and Cognito. So even if a bug let a message text become a script, the browser would not run it, and it could
 * send nothing elsewhere.
 * @param signInEndpoint the origin of the Cognito API
 * @returns a middleware that sets the headers
 */
export function pageHeaders(signInEndpoint: string) {
  return httpSecurityHeaders({
    contentSecurityPolicy: {
      // Everything else keeps the package's default, `'none'`.
      'script-src': "'self'",
      'style-src': "'self'",
      'img-src': "'self' data:", // icons in the style sheet
      'connect-src': `'self' ${signInEndpoint}`,
      'form-action': "'self'",
      // Removes three of the middleware's defaults: browsers have dropped `navigate-to`; the page needs no `sandbox`;
      // `upgrade-insecure-requests` would break sign-in over HTTP on localhost.
      ...({ 'navigate-to': undefined, sandbox: undefined, 'upgrade-insecure-requests': undefined } as object),
      // Reports are not collected.
      ...({ 'report-to': undefined } as object),
    },
    reportTo: false,
    ...({ reportingEndpoints: false } as object), // missing in the package's types
    xssProtection: false, // browsers have dropped this filter
    // Not needed: the page uses none of these features, and the policy above keeps foreign scripts out.
    permissionsPolicy: false,
    // Every answer has these two: handlers/middleware/security-headers.ts.
    strictTransportSecurity: false,
    contentTypeOptions: false,
  });
}
