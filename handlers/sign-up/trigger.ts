import { MetricUnit } from '@aws-lambda-powertools/metrics';
import middy from '@middy/core';
import type { Deps } from '../../core/deps.ts';
import { DomainError } from '../../core/errors.ts';
import { triggerDeps } from '../deps.ts';
import { messageFor } from '../error-messages.ts';
import { base } from '../middleware/base.ts';
import { loggable, logger, metrics } from '../middleware/telemetry.ts';

const deps = triggerDeps();

/**
 * The parts of the event that our triggers read:
 * https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html
 */
export interface SignUpEvent {
  triggerSource: string;
  userPoolId: string;
  userName: string;
  request: { userAttributes: Record<string, string | undefined> };
  response: object;
}

/** The user, with attributes under the names of the core; these are not yet validated. */
export interface TriggerInput {
  userPoolId: string;
  /** The name that the pool has given the user. */
  username: string;
  handle: unknown;
  display_name: unknown;
  email: unknown;
  isEmailVerified: boolean;
  cognito_user_id: unknown;
  [field: string]: unknown;
}

/**
 * The one pipeline of all triggers of the user pool. Cognito calls the same trigger for other events too, such as a user whom the command
 * `bin/users add` creates in pool and table. Those events pass unchanged.
 *
 * The client receives a domain error as the text of a Cognito error, code first:
 * `… failed with error handle_taken: Another user has …`.
 * @param verbs what is done for each `triggerSource`. A verb throws a domain error to reject the sign-up; or returns a domain error, which
 * is logged and counted, to let the sign-up pass
 * @returns the Lambda handler; its event is returned unchanged
 */
export function trigger(verbs: Record<string, (deps: Deps, input: TriggerInput) => Promise<unknown>>) {
  return middy<SignUpEvent, SignUpEvent>()
    .use(base())
    .use(durationMetric())
    .handler(async (event) => {
      const { triggerSource, userPoolId, userName } = event;
      const verb = verbs[triggerSource];
      if (!verb) return event;
      const { sub, email, email_verified, preferred_username, name } = event.request.userAttributes;
      const outcome = await verb(deps, {
        userPoolId,
        username: userName,
        handle: preferred_username,
        display_name: name,
        email,
        isEmailVerified: email_verified === 'true',
        cognito_user_id: sub,
      });
      const issues = outcome instanceof DomainError ? outcome.issues : undefined;
      if (issues) metrics.addMetric('SignUpsWithoutUser', MetricUnit.Count, 1);
      logger.info('sign-up', { trigger: triggerSource, ...(issues && { issues }) });
      return event;
    })
    .onError((request) => {
      const { error } = request;
      const { triggerSource } = request.event;
      if (error instanceof DomainError) {
        const [issue] = error.issues;
        logger.info('sign-up rejected', { trigger: triggerSource, issues: error.issues });
        request.error = new Error(`${issue.code}: ${messageFor(issue)}${issue.field ? ` (${issue.field})` : ''}`);
        return;
      }
      metrics.addMetric('Failed', MetricUnit.Count, 1);
      logger.error('sign-up failed', { trigger: triggerSource, cause: loggable(error) });
      request.error = new Error('Something went wrong on our side. Try again.');
    });
}

/** Measures the duration of each call, since Cognito gives up after five seconds. */
function durationMetric(): middy.MiddlewareObj<SignUpEvent, SignUpEvent> {
  let startedAt = 0; // one variable suffices, since a function instance handles one event at a time
  const finish = () => {
    metrics.addMetric('SignUpDuration', MetricUnit.Milliseconds, Math.round(performance.now() - startedAt));
  };
  return {
    before: () => {
      startedAt = performance.now();
    },
    after: finish,
    onError: finish,
  };
}
