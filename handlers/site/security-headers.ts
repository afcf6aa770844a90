import httpSecurityHeaders from '@middy/http-security-headers';

/**
 * What a browser is told about the page: run and show what came with it, talk to this origin and to sign-in, and nothing else.
 * A message that found a way to be a script would find neither a place to run nor a place to send to.
 * @param signInEndpoint the one foreign origin that the page talks to
 */
export function securityHeaders(signInEndpoint: string) {
  return httpSecurityHeaders({
    contentSecurityPolicy: {
      // The package's defaults, all `'none'`, and what this page needs of it.
      'script-src': "'self'",
      'style-src': "'self'",
      'img-src': "'self' data:", // the icons in the style sheet
      'connect-src': `'self' ${signInEndpoint}`,
      'form-action': "'self'",
      // No browser knows the first any more, a page needs not to be in the second, and the third would take sign-in on
      // localhost for a page on the internet.
      ...({ 'navigate-to': undefined, sandbox: undefined, 'upgrade-insecure-requests': undefined } as object),
      // Nobody collects reports.
      ...({ 'report-to': undefined } as object),
    },
    reportTo: false,
    ...({ reportingEndpoints: false } as object), // the package's types lack it
    xssProtection: false, // no browser has that filter any more
    permissionsPolicy: false, // the page asks for nothing, and neither can a script that the policy above keeps out
    strictTransportSecurity: { maxAge: 365 * 24 * 60 * 60, includeSubDomains: false, preload: false }, // not our domain
  });
}
