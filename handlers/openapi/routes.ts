import type { Route } from './route.ts';
import { browser } from './routes/browser.ts';
import { conversations } from './routes/conversations.ts';
import { other } from './routes/other.ts';
import { realtime } from './routes/realtime.ts';
import { reports } from './routes/reports.ts';
import { users } from './routes/users.ts';

/**
 * All routes, by method and path as in serverless.yml, and also `GET /sign-in.json`, which serverless.yml does not
 * list, since the function of the web page answers it.
 */
export const routes: Record<string, Route> = {
  ...conversations,
  ...users,
  ...reports,
  ...realtime,
  ...browser,
  ...other,
};
