import { route } from './route.ts';
import { personView } from './views.ts';

/** The pipeline has asked the core who it is already. */
export const handler = route(async (_deps, { me }) => ({ body: personView(me) }));
