import * as z from 'zod';
import { code } from './parse.ts';

/** The number of rows in a page: 1–100, default 20; a number, or digits from a URL. */
export const limit = z
  .union(
    [
      z.number(),
      z
        .string()
        .regex(/^\d{1,3}$/)
        .transform(Number),
    ],
    code('limit_invalid'),
  )
  .pipe(z.number().int(code('limit_invalid')).min(1, code('limit_invalid')).max(100, code('limit_invalid')))
  .default(20);

/** An opaque cursor; core/table/cursor.ts checks its content. */
export const cursor = z.string(code('cursor_invalid')).optional();
