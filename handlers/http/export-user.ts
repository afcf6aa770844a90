import { exportUser } from '../../core/export-user.ts';
import { logger } from '../middleware/telemetry.ts';
import { route } from './route.ts';
import { exportLineView } from './views.ts';

export const handler = route(async (deps, { me, query }) => {
  const page = await exportUser(deps, me, query);
  for (const gaps of page.finalGaps) logger.error('messages missing', gaps); // as in list-messages.ts
  return { lines: page.entries.map((entry) => exportLineView(entry, me)), next: page.next };
});
