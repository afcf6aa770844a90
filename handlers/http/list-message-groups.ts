import { listMessageGroups } from '../../core/list-message-groups.ts';
import { route } from './route.ts';
import { messageGroupView } from './views.ts';

export const handler = route(async (deps, { me, query }) => {
  const page = await listMessageGroups(deps, me, query);
  return { body: page.rows.map(messageGroupView), next: page.next && { ...page.next, limit: page.limit } };
});
