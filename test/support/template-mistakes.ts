import { access } from './template-mistakes/access.ts';
import { doors } from './template-mistakes/doors.ts';
import { running } from './template-mistakes/running.ts';

/** Mistakes that somebody could make in serverless.yml or in resources/, and the rules that must find each. */
export const mistakes = [...access, ...doors, ...running];
