import type { Deps, SocketDeps } from './deps.ts';
import { endIfOver } from './end-connection.ts';
import { domainError } from './errors.ts';
import type { Grant } from './model/connection.ts';

/**
 * Answers a frame that asks for nothing but an answer. A ping keeps a connection open, which API Gateway ends after ten minutes without a
 * frame; on one that is over its time, the frame ends it.
 * @param body the frame, unchecked
 * @throws DomainError `body_invalid` for what is no JSON object; `action_unknown`; `throttled`
 */
export async function answerFrame(
  deps: Deps & SocketDeps,
  { connection_id, grant, body }: { connection_id: string; grant: Grant; body: unknown },
): Promise<{ type: 'pong' } | undefined> {
  if (await endIfOver(deps, grant, connection_id)) return undefined;
  if (typeof body !== 'object' || body === null) throw domainError('body_invalid');
  if ((body as { action?: unknown }).action !== 'ping') throw domainError('action_unknown');
  return { type: 'pong' };
}
