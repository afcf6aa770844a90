import type { Deps } from './deps.ts';
import type { Uuid } from './model/id.ts';

/**
 * Runs the tasks of one conversation one after the other within this process, because concurrent tasks would make
 * each other's conditional writes fail. A task that fails does not stop the next one.
 * @returns the result of the task
 */
export async function enqueue<Result>(
  { memory: { queues } }: Deps,
  conversation: Uuid,
  task: () => Promise<Result>,
): Promise<Result> {
  const before = queues.get(conversation) ?? Promise.resolve();
  const mine = before.then(task, task);
  queues.set(conversation, mine);
  try {
    return await mine;
  } finally {
    if (queues.get(conversation) === mine) queues.delete(conversation);
  }
}
