import httpSecurityHeaders from '@middy/http-security-headers';

/**
 * The security headers that only the page has. It may load scripts and styles only from this origin, so even if a bug let a message
 * text become a script, the browser would not run it. What a script that runs nevertheless could reach: SECURITY.md.
 *
 * `connect-src` cannot be narrower than Cognito's origin: a policy restricts the address, and all actions on all pools of the region
 * have the path `/`. There, a source with the path `/` allows every path.
 * @param endpoints the origin of the Cognito API, and the address of the WebSocket API if there is one
 * @returns a middleware that sets the headers
 */
export function pageHeaders(endpoints: readonly string[]) {
  return httpSecurityHeaders({
    contentSecurityPolicy: {
      // Everything else keeps the package's default, `'none'`.
      'script-src': "'self'",
      'style-src': "'self'",
      'img-src': "'self' data:", // icons in the style sheet
      'connect-src': ["'self'", ...endpoints].join(' '),
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
