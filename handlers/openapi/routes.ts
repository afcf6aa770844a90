import type { Route } from './route.ts';
import { browser } from './routes/browser.ts';
import { conversations } from './routes/conversations.ts';
import { other } from './routes/other.ts';
import { users } from './routes/users.ts';

/** Every route of serverless.yml by its name there; and `GET /sign-in.json`, which the page's function answers. */
export const routes: Record<string, Route> = { ...conversations, ...users, ...browser, ...other };
