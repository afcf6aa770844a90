import { ticketSchema } from '../../http/view-schemas.ts';
import { ticketView } from '../../http/views.ts';
import { done, made, ofBody, ofCaller, type Route } from '../route.ts';

export const realtime: Record<string, Route> = {
  'POST /api/realtime/tickets': {
    operationId: 'createTicket',
    tag: 'Realtime',
    summary: 'Get a ticket for a WebSocket',
    description:
      'A ticket opens one connection: connect to `url` with the query parameter `ticket`. The connection ends with the access token of this request, and after two hours at the latest. `docs/asyncapi.yaml` describes its frames. A service without a WebSocket API answers `404 route_unknown`: then poll.',
    needsToken: true,
    success: made(
      ticketSchema,
      ticketView('wss://abcdef.execute-api.eu-west-1.amazonaws.com/dev', {
        ticket: '0b6f4a52-8bb1-4d0c-9d5f-9d4f8b6d0f3e',
        expires_in: 60,
      }),
      'The ticket.',
    ),
    errors: [...ofCaller, ...ofBody], // a request needs no body, but one that is there is checked
  },

  'DELETE /api/realtime/connections': {
    operationId: 'endConnections',
    tag: 'Realtime',
    summary: 'End all connections, and sign out everywhere',
    description:
      'Every access token of the caller that was issued until now, also that of this request, is refused with `401 token_invalid` within a minute. Such a token opens no connection from now on. Sessions of the user pool go on, and would renew the tokens: `DELETE /session?everywhere=true` ends them.',
    needsToken: true,
    success: done('All connections of the caller have ended.'),
    errors: [...ofCaller, ...ofBody], // a request needs no body, but one that is there is checked
  },
};
