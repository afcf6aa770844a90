import { MetricUnit } from '@aws-lambda-powertools/metrics';
import middy from '@middy/core';
import type { Deps } from '../../core/deps.ts';
import { DomainError } from '../../core/errors.ts';
import { triggerDeps } from '../deps.ts';
import { errorMessages } from '../error-messages.ts';
import { base } from '../middleware/base.ts';
import { loggable, logger, metrics } from '../middleware/telemetry.ts';

const deps = triggerDeps();

/** What Cognito tells a trigger, as far as it is looked at: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html */
export interface SignUpEvent {
  triggerSource: string;
  request: { userAttributes: Record<string, string | undefined> };
  response: object;
}

/** Who signs up, in the words of the core; unchecked. */
export interface Newcomer {
  handle: unknown;
  display_name: unknown;
  email: unknown;
  cognito_user_id: unknown;
  [field: string]: unknown;
}

/**
 * The one pipeline of all sign-up triggers. Cognito calls a trigger for several things; only one of them is somebody who signs
 * themselves up, and the others pass: an operator's create-user, which makes the person itself, and a forgotten password.
 *
 * A refusal reaches the client as the text of an error, its code first: `… failed with error handle_taken: Somebody else …`.
 * @param source the one `triggerSource` that counts
 * @param handle what is refused, it throws; what it returns instead of throwing is only noted
 */
export function trigger(source: string, handle: (deps: Deps, newcomer: Newcomer) => Promise<unknown>) {
  return middy<SignUpEvent, SignUpEvent>()
    .use(base())
    .use(timed())
    .handler(async (event) => {
      if (event.triggerSource !== source) return event;
      const { sub, email, preferred_username, name } = event.request.userAttributes;
      const outcome = await handle(deps, {
        handle: preferred_username,
        display_name: name,
        email,
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
        const [{ code, field }] = error.issues;
        logger.info('sign-up refused', { trigger: source, issues: error.issues });
        request.error = new Error(`${code}: ${errorMessages[code]}${field ? ` (${field})` : ''}`);
        return;
      }
      metrics.addMetric('Failed', MetricUnit.Count, 1);
      logger.error('sign-up failed', { trigger: source, cause: loggable(error) });
      request.error = new Error('Something went wrong on our side. Try again.');
    });
}

/** How long Cognito waited: it gives up after five seconds. */
function timed(): middy.MiddlewareObj<SignUpEvent, SignUpEvent> {
  let startedAt = 0; // one event at a time
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
