import { route } from './route.ts';
import { userView } from './views.ts';

/** The pipeline has already found the user. */
export const handler = route(async (_deps, { me }) => ({ body: userView(me) }));
