import { listBlocks } from '../../core/list-blocks.ts';
import { route } from './route.ts';
import { blockView } from './views.ts';

export const handler = route(async (deps, { me, query }) => {
  const page = await listBlocks(deps, me, query);
  return { body: page.blocks.map(blockView), next: page.next && { ...page.next, limit: page.limit } };
});
