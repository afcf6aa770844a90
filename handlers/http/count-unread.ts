import { countUnread } from '../../core/count-unread.ts';
import { route } from './route.ts';
import { unreadView } from './views.ts';

export const handler = route(async (deps, { me }) => ({ body: unreadView(await countUnread(deps, me)) }));
