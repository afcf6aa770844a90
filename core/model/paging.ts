import * as z from 'zod/mini';
import { code } from './parse.ts';

/** The number of rows in a page: 1–100, default 20; a number, or digits from a URL. */
export const limit = z._default(
  z.pipe(
    z.union([z.number(), z.pipe(z.string().check(z.regex(/^\d{1,3}$/)), z.transform(Number))], code('limit_invalid')),
    z.int(code('limit_invalid')).check(z.minimum(1, code('limit_invalid')), z.maximum(100, code('limit_invalid'))),
  ),
  20,
);

/** An opaque cursor; core/table/cursor.ts checks its content. */
export const cursor = z.optional(z.string(code('cursor_invalid')));
