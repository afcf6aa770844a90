import { route } from './route.ts';
import { meView } from './views.ts';

/** The pipeline has already found the user. */
export const handler = route(async (_deps, { me }) => ({ body: meView(me) }));
