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
  request: { userAttributes: Record<string, string | undefined> };
  response: object;
}

/** The attributes of the user who signs up, under the names of the core; not yet validated. */
export interface SignUpInput {
  handle: unknown;
  display_name: unknown;
  email: unknown;
  isEmailVerified: boolean;
  cognito_user_id: unknown;
  [field: string]: unknown;
}

/**
 * The one pipeline of all sign-up triggers. Cognito calls the same trigger for other events too: a forgotten password, or a user whom the
 * command `bin/users add` creates in pool and table. Those events pass unchanged.
 *
 * The client receives a domain error as the text of a Cognito error, code first:
 * `… failed with error handle_taken: Another user has …`.
 * @param source the only `triggerSource` that is handled
 * @param handle throws a domain error to reject the sign-up; or returns a domain error, which is logged and counted, to let the sign-up
 * pass
 * @returns the Lambda handler; its event is returned unchanged
 */
export function trigger(source: string, handle: (deps: Deps, input: SignUpInput) => Promise<unknown>) {
  return middy<SignUpEvent, SignUpEvent>()
    .use(base())
    .use(durationMetric())
    .handler(async (event) => {
      if (event.triggerSource !== source) return event;
      const { sub, email, email_verified, preferred_username, name } = event.request.userAttributes;
      const outcome = await handle(deps, {
        handle: preferred_username,
        display_name: name,
        email,
        isEmailVerified: email_verified === 'true',
        cognito_user_id: sub,
      });
      const issues = outcome instanceof DomainError ? outcome.issues : undefined;
      if (issues) metrics.addMetric('SignUpsWithoutUser', MetricUnit.Count, 1);
      logger.info('sign-up', { trigger: source, ...(issues && { issues }) });
      return event;
    })
    .onError((request) => {
      const { error } = request;
      if (error instanceof DomainError) {
        const [issue] = error.issues;
        logger.info('sign-up rejected', { trigger: source, issues: error.issues });
        request.error = new Error(`${issue.code}: ${messageFor(issue)}${issue.field ? ` (${issue.field})` : ''}`);
        return;
      }
      metrics.addMetric('Failed', MetricUnit.Count, 1);
      logger.error('sign-up failed', { trigger: source, cause: loggable(error) });
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
