import { access } from './template-mistakes/access.ts';
import { doors } from './template-mistakes/doors.ts';
import { running } from './template-mistakes/running.ts';

/** Mistakes in serverless.yml or resources/, and the rules that must find each. */
export const mistakes = [...access, ...doors, ...running];
