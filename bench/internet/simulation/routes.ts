import { type OperationName, operations } from '../operations.ts';

/** The route of each operation that neither sends nor marks as read. */
const routes: Partial<Record<OperationName, string>> = {
  pollInbox: 'GET /api/message_groups',
  openInbox: 'GET /api/message_groups',
  pollConversation: 'GET /api/messages/{message_group_uuid}',
  pollState: 'GET /api/message_groups/{message_group_uuid}',
  openConversation: 'GET /api/messages/{message_group_uuid}',
};

/** The requests that neither send nor mark as read: how many a day, and what one costs on average. */
export function otherRequests(requests: Record<OperationName, number>) {
  const rest = (Object.entries(requests) as [OperationName, number][]).filter(
    ([name]) => !['send', 'firstContact', 'markRead'].includes(name),
  );
  const sum = (of: (name: OperationName) => number) =>
    rest.reduce((total, [name, count]) => total + count * of(name), 0);
  const count = sum(() => 1);
  const byRoute = new Map<string, number>();
  for (const [name, times] of rest) {
    const route = routes[name] ?? name;
    byRoute.set(route, (byRoute.get(route) ?? 0) + times);
  }
  return {
    reads: sum((name) => operations[name].reads) / count,
    seconds: sum((name) => operations[name].duration / 1_000) / count,
    /** @returns how many a second the limits of the routes let through */
    accepted: (daily: number, limit: number) =>
      [...byRoute.values()].reduce((total, times) => total + Math.min(limit, times * daily), 0),
    wanted: (daily: number) => count * daily,
  };
}
