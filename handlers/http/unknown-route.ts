import { unknownRoute } from './route.ts';

/**
 * The function for every path under `/api` without a route of its own. Without it, API Gateway itself would answer
 * such a path, even to callers without a token, or the site's catch-all route would answer it with the web page.
 */
export const handler = unknownRoute();
