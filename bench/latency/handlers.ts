import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda';
import { createUser } from '../../core/create-user.ts';
import { newDeps } from '../../core/deps.ts';
import { listMessageGroups } from '../../core/list-message-groups.ts';
import { listMessages } from '../../core/list-messages.ts';
import { sendMessage } from '../../core/send-message.ts';
import type { Table } from '../../core/table/client.ts';
import { whoAmI } from '../../core/who-am-i.ts';
import { httpEvent, lambdaContext, type Request, type Route } from '../../test/support/events.ts';
import { freshToken } from '../../test/support/fresh-token.ts';
import { unlimited } from '../../test/support/limits.ts';
import { importMessages } from '../data/import.ts';
import { setFunctionEnvironment, silently } from '../functions/environment.ts';
import { interleave } from '../harness/interleave.ts';

type Handler = (event: unknown, context: unknown) => Promise<{ statusCode: number }>;

/** A route beside the verb that its handler calls. */
interface Comparison {
  name: string;
  route: Route;
  request: Request;
  verb: () => Promise<unknown>;
  load: () => Promise<{ handler: unknown }>;
}

/**
 * Measures handlers, called with events as API Gateway makes them, beside the verbs that they call: what authentication, parsing, log,
 * metrics and headers take. The user and the head are remembered.
 * @param endpoint the address of DynamoDB Local
 * @returns milliseconds
 */
export async function handlersBesideVerbs(
  table: Table,
  endpoint: string,
  { rounds, progress }: { rounds: number; progress: (doing: string) => void },
): Promise<{ name: string; handler: number[]; verb: number[] }[]> {
  setFunctionEnvironment(table, endpoint);
  const deps = newDeps(table, { limits: unlimited });
  const user = (handle: string) =>
    createUser(deps, { handle, display_name: 'Ada North', cognito_user_id: randomUUID(), email: 'ada@example.com' });
  const ada = await user('handlers_ada');
  const bob = await user('handlers_bob');
  const message = 'Low tide is at six. Bring both cups, and the lantern, please';
  const message_group_uuid = await importMessages(deps, [ada, bob], { count: 21, text: message });

  const comparisons: Comparison[] = [
    {
      name: 'GET /api/me',
      route: { method: 'GET', path: '/api/me' },
      request: {},
      verb: () => whoAmI(deps, ada.cognito_user_id, freshToken),
      load: () => import('../../handlers/http/who-am-i.ts'),
    },
    {
      name: 'GET /api/message_groups',
      route: { method: 'GET', path: '/api/message_groups' },
      request: {},
      verb: () => listMessageGroups(deps, ada, {}),
      load: () => import('../../handlers/http/list-message-groups.ts'),
    },
    {
      name: 'GET /api/messages/{message_group_uuid}',
      route: { method: 'GET', path: '/api/messages/{message_group_uuid}' },
      request: { path: { message_group_uuid } },
      verb: () => listMessages(deps, ada, { message_group_uuid }),
      load: () => import('../../handlers/http/list-messages.ts'),
    },
    {
      name: 'POST /api/messages',
      route: { method: 'POST', path: '/api/messages' },
      request: { body: { message, message_group_uuid } },
      // Handler and verb have memories of their own, and each would make the head outdated that the other one remembers.
      verb: () => sendMessage(deps, ada, { message, message_group_uuid: ofVerb }),
      load: () => import('../../handlers/http/send-message.ts'),
    },
  ];
  const cy = await user('handlers_cy');
  const ofVerb = await importMessages(deps, [ada, cy], { count: 21, text: message });

  const results: { name: string; handler: number[]; verb: number[] }[] = [];
  for (const { name, route, request, verb, load } of comparisons) {
    const handler = (await load()).handler as Handler;
    const call = async () => {
      const event: APIGatewayProxyEventV2WithJWTAuthorizer = httpEvent(route, ada.cognito_user_id, request);
      const { statusCode } = await silently(() => handler(event, lambdaContext('bench')));
      if (statusCode !== 200) throw new Error(`${name}: ${statusCode}`);
    };
    const afterRound = (done: number) => progress(`${name}, handler beside verb: ${done}/${rounds}`);
    results.push({ name, ...(await interleave({ handler: call, verb }, { rounds, afterRound })) });
  }
  return results;
}
