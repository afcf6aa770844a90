import { completeSignUp } from '../../core/complete-sign-up.ts';
import { trigger } from './trigger.ts';

export const handler = trigger('PostConfirmation_ConfirmSignUp', completeSignUp);
