import { shown } from '../../harness/numbers.ts';
import type { Block } from '../../harness/suite.ts';
import { behaviour, pingInterval } from '../behaviour.ts';
import { type Deployment, type MonthlyCost, monthlyCost, runningCost, services, total } from '../cost.ts';
import { type Client, type DailyLoad, dailyLoad, dailyUse, idleHour } from '../load.ts';
import { callerReads, connecting, type OperationName, operations, ping, projection, push } from '../operations.ts';
import { pollWindow, savedByWindow } from '../scenes.ts';
import type { Settings } from '../settings.ts';

export const decades = [1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

const between = (from: number, to: number, steps: number) =>
  Array.from({ length: steps + 1 }, (_, step) => from * (to / from) ** (step / steps));

export const deployment = ({ memory, stream }: Settings, client: Client): Deployment => ({
  behaviour,
  client,
  window: pollWindow + stream.batchWindow,
  memory,
});

/** Dollars without cents, from a thousand on rounded to three digits. */
export const dollars = (amount: number): string => (amount < 1_000 ? `$${Math.round(amount)}` : `$${shown(amount)}`);

export const users = (count: number): string => shown(count);

const names: Record<OperationName, string> = {
  send: 'send a message (with an idempotency key)',
  firstContact: 'start a conversation',
  markRead: 'mark as read',
  pollInbox: 'poll the inbox',
  pollConversation: 'poll the open conversation',
  pollState: 'ask for its state',
  openInbox: 'open the page: the inbox',
  openConversation: 'open a conversation',
  whoAmI: 'open the page: who am I',
  search: 'search for users',
  signUp: 'sign up',
  renew: 'renew the session',
  ticket: 'ask for a connection',
};

export function costBlocks(settings: Settings): Block[] {
  const today = deployment(settings, 'polling');
  const later = deployment(settings, 'realtime');
  const shares = (client: Client) => dailyLoad(behaviour, client, today.window);
  const loads = { polling: shares('polling'), realtime: shares('realtime') };
  const sum = (cost: MonthlyCost, of: string[]) =>
    services.filter((name) => of.some((start) => name.startsWith(start))).reduce((all, name) => all + cost[name], 0);
  const steps = between(1e4, 1e9, 20);
  const line = (name: string, of: Deployment, only?: string[]) => ({
    name,
    points: steps
      .map((count): [number, number] => {
        const cost = monthlyCost(count, of);
        return [count, only ? sum(cost, only) : total(cost)];
      })
      .filter(([, cost]) => cost >= 1),
  });
  const operationRows = (Object.keys(names) as OperationName[]).map((name) => [
    names[name],
    loads.polling.requests[name],
    loads.realtime.requests[name],
    operations[name].writes,
    operations[name].reads,
  ]);
  const use = { polling: dailyUse(loads.polling), realtime: dailyUse(loads.realtime) };
  const polls =
    loads.polling.requests.pollInbox + loads.polling.requests.pollConversation + loads.polling.requests.pollState;
  const forCaller = callerReads * (use.polling.requests - loads.polling.requests.renew);

  const million = { polling: monthlyCost(1e6, today), realtime: monthlyCost(1e6, later) };

  return [
    {
      kind: 'text',
      text: `### What a month costs

List prices in dollars, with the storage of one year. The bill grows in proportion to the users: no part of the design costs more for each
user when there are more.`,
    },
    {
      kind: 'plot',
      name: 'scale-cost',
      title: 'Cost a month by users',
      form: 'lines',
      x: { label: 'monthly active users', scale: 'log' },
      y: { label: 'dollars a month', scale: 'log' },
      series: [
        line('total, clients poll (today)', today),
        line('total, realtime', later),
        line('Cognito', today, ['Cognito']),
        line('DynamoDB', today, ['DynamoDB']),
        line('API Gateway', today, ['API Gateway']),
        line('Lambda, logs, traces, transfer', today, ['Lambda', 'CloudWatch', 'Data']),
      ],
    },
    {
      kind: 'table',
      title: 'Cost a month by service, clients poll (today)',
      columns: ['users', ...services, 'total', 'a user'],
      rows: decades.map((count) => costRow(count, today)),
    },
    {
      kind: 'table',
      title: 'The same with realtime',
      columns: ['users', ...services, 'total', 'a user'],
      rows: decades.map((count) => costRow(count, later)),
    },
    {
      kind: 'table',
      title: 'What an active user does on a day, and the units of DynamoDB that each takes',
      columns: ['operation', 'times a day', 'with realtime', 'write units', 'read units'],
      rows: [
        ...operationRows,
        [
          'projection of a message to both inboxes',
          loads.polling.projections,
          loads.realtime.projections,
          projection.writes,
          projection.reads,
        ],
        ['connect and disconnect', 0, loads.realtime.sockets.connections, connecting.writes, connecting.reads],
        ['ping of a connected device', 0, loads.realtime.sockets.pings, ping.writes, ping.reads],
        ['event to a connected device', 0, loads.realtime.sockets.posts, 0, 0],
        ['look up the connections for a message', 0, behaviour.messagesPerDay, 0, push.readsPerMessage],
        [
          'requests to the API, and all units of the day (today)',
          use.polling.requests,
          use.realtime.requests,
          use.polling.writes,
          use.polling.reads,
        ],
      ],
    },
    ...idleBlocks(settings),
    {
      kind: 'text',
      text: `What lowers the bill, the most effective first:

- **Realtime.** ${percent(polls / use.polling.requests)} of the requests of clients that poll are polls. Realtime takes ${percent(1 - total(million.realtime) / total(million.polling))} off the bill of a
  million users.
- **Another plan or issuer of tokens.** Cognito is ${percent(million.polling.Cognito / total(million.polling))} of that bill. From some hundred thousand users on, negotiate
  its price, or take another issuer: the service needs a JWT with a \`sub\`, and the web client an API to sign in with.
- **Fewer logs and traces.** They are ${percent(million.polling['CloudWatch and X-Ray'] / total(million.polling))} of that bill. A large deployment writes no line for a request that succeeds, and
  samples its traces.
- **Who is the caller?** Every request of a function that does not remember the user reads two items: up to ${percent(forCaller / use.polling.reads)} of the
  read units. A claim \`user_uuid\` in the access token would save them.
- **A batch window.** Messages of a burst that reach the projector in one batch need one projection. A window of one second saves
  ${percent(savedByWindow(1))} of the write units, one of five seconds ${percent(savedByWindow(5))}; inboxes are as much later.
- **Provisioned or reserved capacity** of DynamoDB and Savings Plans for Lambda, which the model leaves out. It also leaves out [what is always
  there](operations.md#costs-of-what-is-always-there), VPC flow logs, and the web client's files.`,
    },
  ];
}

function idleBlocks({ memory, accessToken }: Settings): Block[] {
  const connections = 1 / accessToken;
  const hours = { visible: idleHour(true, connections), hidden: idleHour(false, connections) };
  const row = (name: string, of: DailyLoad) => {
    const { requests, runs, writes, reads } = dailyUse(of);
    const frames = 2 * of.sockets.pings + of.sockets.posts;
    const cost = total(runningCost(1e6, of, memory));
    return [name, of.sockets.minutes, frames, requests, runs, writes, reads, `$${shown(cost)}`];
  };
  return [
    {
      kind: 'table',
      title: 'What a connected device costs in an hour in which nothing happens',
      columns: [
        'device',
        'connection minutes',
        'frames',
        'requests to the API',
        'function runs',
        'write units',
        'read units',
        'a million such hours',
      ],
      rows: [row('tab in the background', hours.hidden), row('page on the screen, a conversation open', hours.visible)],
    },
    {
      kind: 'text',
      text: `A device pings every ${pingInterval / 60} minutes, and the answer is a frame too. Its connection ends with its access token, after ${accessToken} h: then it renews the
session and connects again. A visible page also asks once a minute
for what an event may have failed to tell.`,
    },
  ];
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

function costRow(count: number, of: Deployment): string[] {
  const cost = monthlyCost(count, of);
  return [
    users(count),
    ...services.map((name) => dollars(cost[name])),
    `**${dollars(total(cost))}**`,
    `$${shown(total(cost) / count)}`,
  ];
}
