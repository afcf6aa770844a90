import { checkSignUp } from '../../core/check-sign-up.ts';
import { trigger } from './trigger.ts';

export const handler = trigger({ PreSignUp_SignUp: checkSignUp });
