import { base } from './base.ts';
import { errorHandler } from './error-handler.ts';
import { requestLog } from './request-log.ts';
import { securityHeaders } from './security-headers.ts';

/** The first middlewares of every HTTP pipeline. */
export const http = () => [securityHeaders(), ...base(), requestLog(), errorHandler()];
