import { getLimits } from '../../core/get-limits.ts';
import { route } from './route.ts';
import { limitsView } from './views.ts';

export const handler = route(async (deps) => ({ body: limitsView(getLimits(deps)) }));
