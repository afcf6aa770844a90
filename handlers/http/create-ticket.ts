import { createTicket } from '../../core/create-ticket.ts';
import { realtimeUrl } from '../realtime-url.ts';
import { route } from './route.ts';
import { ticketView } from './views.ts';

export const handler = route(async (deps, { me, token }) => {
  return { body: ticketView(realtimeUrl ?? '', await createTicket(deps, me, token)), status: 201 };
});
