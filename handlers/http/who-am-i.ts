import { route } from './route.ts';
import { userView } from './views.ts';

/** The pipeline has asked the core who it is already. */
export const handler = route(async (_deps, { me }) => ({ body: userView(me) }));
