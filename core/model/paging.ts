import * as z from 'zod';
import { code } from './parse.ts';

/** How many rows a page holds: 1–100, 20 unless told. Comes as a number, or as digits out of a URL. */
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

/** An opaque cursor, checked where it is taken apart. */
export const cursor = z.string(code('cursor_invalid')).optional();
