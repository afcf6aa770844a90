import { unknownRoute } from './route.ts';

/**
 * Every path under `/api` without a route. Without this function API Gateway would answer callers without a token as well, or the
 * site's catch-all route would answer with the page.
 */
export const handler = unknownRoute();
