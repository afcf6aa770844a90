import { unknownRoute } from './route.ts';

/** Whatever under `/api` is no route. API Gateway itself would answer without a token; and the page must not. */
export const handler = unknownRoute();
