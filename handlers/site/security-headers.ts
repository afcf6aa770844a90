import httpSecurityHeaders from '@middy/http-security-headers';

/**
 * The security headers of the page: scripts and styles from this origin only, connections to this origin and Cognito only. A message
 * text that became script through a bug could neither run nor send data elsewhere.
 * @param signInEndpoint the origin of the Cognito API
 * @returns a middleware that sets the headers
 */
export function securityHeaders(signInEndpoint: string) {
  return httpSecurityHeaders({
    contentSecurityPolicy: {
      // Everything else keeps the package's default, `'none'`.
      'script-src': "'self'",
      'style-src': "'self'",
      'img-src': "'self' data:", // icons in the style sheet
      'connect-src': `'self' ${signInEndpoint}`,
      'form-action': "'self'",
      // Browsers have dropped `navigate-to`; the page needs no `sandbox`; `upgrade-insecure-requests` would break sign-in over
      // HTTP on localhost.
      ...({ 'navigate-to': undefined, sandbox: undefined, 'upgrade-insecure-requests': undefined } as object),
      // Reports are not collected.
      ...({ 'report-to': undefined } as object),
    },
    reportTo: false,
    ...({ reportingEndpoints: false } as object), // missing in the package's types
    xssProtection: false, // browsers have dropped this filter
    permissionsPolicy: false, // the page uses no such feature, and the policy above blocks foreign scripts
    strictTransportSecurity: { maxAge: 365 * 24 * 60 * 60, includeSubDomains: false, preload: false }, // sibling subdomains may belong to others
  });
}
