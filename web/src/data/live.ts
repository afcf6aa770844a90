import type { QueryClient } from '@tanstack/react-query';
import { requestTicket } from '../api/request.ts';
import { sessionState, watchSession } from '../api/session.ts';
import { fetchSettings } from '../api/settings.ts';
import { Connection } from './connection.ts';
import { setConnected } from './connection-state.ts';
import { applyEvent, type ServiceEvent } from './events.ts';
import { pollSoon } from './polling.ts';

let connection: Connection | undefined;

/** From now on the service tells this page what changes, until the session ends. Where it cannot, the page only polls. */
export function goLive(client: QueryClient): void {
  if (connection) return;
  const unwatch = watchSession(() => {
    if (sessionState() !== 'signed out') return;
    unwatch();
    endLive();
  });
  connection = new Connection({
    requestTicket: async () => ((await fetchSettings()).realtime_url ? requestTicket() : undefined),
    onOpen: (send) => {
      setConnected(send);
      pollSoon(client); // for what has changed in the meantime
    },
    onClose: () => {
      setConnected(undefined);
      pollSoon(client); // begins to poll as often as without a connection
    },
    onFrame: (frame) => applyEvent(client, frame as ServiceEvent),
    onAwake: () => pollSoon(client),
  });
}

/** Ends the connection, for example since the user signs out. */
export function endLive(): void {
  connection?.close();
  connection = undefined;
}
