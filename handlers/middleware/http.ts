import { base } from './base.ts';
import { errorHandler } from './error-handler.ts';
import { requestLog } from './request-log.ts';

/** The first middlewares of every HTTP pipeline. */
export const http = () => [...base(), requestLog(), errorHandler()];
