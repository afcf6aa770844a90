import * as z from 'zod/mini';
import { code } from './parse.ts';

/** A schema for the number of rows in a page; a number, or digits from a URL. */
export const limitOf = ({ most, usual }: { most: number; usual: number }) =>
  z._default(
    z.pipe(
      z.union([z.number(), z.pipe(z.string().check(z.regex(/^\d{1,3}$/)), z.transform(Number))], code('limit_invalid')),
      z.int(code('limit_invalid')).check(z.minimum(1, code('limit_invalid')), z.maximum(most, code('limit_invalid'))),
    ),
    usual,
  );

/** The number of rows in a page: 1–100, default 20. */
export const limit = limitOf({ most: 100, usual: 20 });

/** An opaque cursor; core/table/cursor.ts checks its content. */
export const cursor = z.optional(z.string(code('cursor_invalid')));
