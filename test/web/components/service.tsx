import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { vi } from 'vitest';
import type { Message, MessageGroup } from '../../../web/src/api/schema.ts';
import { sign } from '../../support/tokens.ts';

// A service in place of `fetch`, and the entities that it answers with.

export interface SeenRequest {
  /** The method and the path with its query. */
  call: string;
  body: unknown;
  keepalive: boolean;
}

export const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });
export const noContent = () => new Response(null, { status: 204 });
export const refusal = (detail: string, code = 'body_invalid', status = 422) =>
  json({ detail, errors: [{ code }] }, status);

/**
 * @param answers by the beginning of the method and path, of which the longest counts; a test may change them
 * @returns the requests, without those for a token
 */
export function serve(answers: Record<string, (request: SeenRequest) => Response | Promise<Response>>): SeenRequest[] {
  const seen: SeenRequest[] = [];
  vi.stubGlobal('fetch', async (path: string, { method = 'GET', body, keepalive = false }: RequestInit = {}) => {
    if (`${method} ${path}` === 'POST /session') return json({ access_token: sign({ sub: 'me' }), expires_in: 3_600 });
    const request = { call: `${method} ${path}`, body: body && JSON.parse(String(body)), keepalive };
    seen.push(request);
    const found = Object.keys(answers)
      .filter((start) => request.call.startsWith(start))
      .sort()
      .at(-1);
    if (!found) throw new Error(`no answer is set for ${request.call}`);
    return answers[found]?.(request);
  });
  return seen;
}

export const newClient = () =>
  new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: Number.POSITIVE_INFINITY } } });

export const within = (client: QueryClient, children: ReactNode) => (
  <QueryClientProvider client={client}>{children}</QueryClientProvider>
);

export const message = (more: Partial<Message> = {}): Message => ({
  uuid: 'm1',
  user_uuid: 'reef',
  handle: 'reef',
  display_name: 'Wriggle Reef',
  message: 'hello',
  created_at: '2026-01-01T00:00:01.000000+00:00',
  seq: 1,
  sender_seq: 1,
  revision: 0,
  ...more,
});

export const group = (more: Partial<MessageGroup> = {}): MessageGroup => ({
  uuid: 'g',
  user_uuid: 'reef',
  handle: 'reef',
  display_name: 'Wriggle Reef',
  message: 'hello',
  created_at: '2026-01-01T00:00:01.000000+00:00',
  unread_count: 0,
  muted: false,
  marked_unread: false,
  revision: 0,
  ...more,
});
