import { defaultLimits } from '../../core/model/limits.ts';
import { budgets } from '../costs/budgets.ts';
import { readUnits } from '../costs/rules.ts';
import { sampled } from './cost.ts';
import { type TieredPrice, tieredCost } from './facts.ts';
import { callerReads, logBytes, operations, push } from './operations.ts';
import * as prices from './prices.ts';
import * as quotas from './quotas.ts';
import type { Settings } from './settings.ts';

// What it costs a day that one kind of request comes as often as the limits let it through.

/** What one such request uses. What is absent is 0. */
export interface Request {
  /** Requests that API Gateway counts, and lines of its access log. */
  http?: number;
  /** Messages and connects that the WebSocket API counts. It has no access log. */
  frames?: number;
  runs?: number;
  /** How long functions run, in milliseconds; assumed. */
  duration?: number;
  writes?: number;
  reads?: number;
  /** Of the answer, with its headers. */
  bytes?: number;
  /** Users that become active, and e-mails to them. */
  signUps?: number;
}

/** One way in. */
export interface Door {
  id: string;
  what: string;
  /** Whether it needs an access token. */
  isSignedIn: boolean;
  request: Request;
  /** Requests a second that get through: before single routes had limits of their own and the files routes of their own, and now. */
  before: number;
  now: number;
}

/**
 * Bytes of the client’s largest file as it is, of its page, of the OpenAPI document and of an answer’s headers: an attacker asks for no
 * compression. Tests compare them with the files.
 */
export const sizes = { largestFile: 320_000, page: 800, document: 180_000, headers: 1_000 };

/** The rate limit of every route in version 0.2 and until single routes got their own. */
const sharedLimit = 200;
const day = 86_400;
const gigabyte = 1e9;
const longest = { message: 4_700, page: 100 }; // bytes of an item with 1,024 emoji and the longest names; messages of the largest page
const run = { runs: 1, http: 1 };

export function doors(settings: Settings): Door[] {
  const limit = (route: string) => settings.limitOf(route).rate;
  const withToken = settings.routes.filter(({ needsToken }) => needsToken).map(({ route }) => route);
  const connects = settings.socketLimit.rate;
  const door = (id: string, what: string, request: Request, before: number, now: number, isSignedIn = false): Door => ({
    id,
    what,
    isSignedIn,
    request,
    before,
    now,
  });
  const page = { ...run, duration: 4, bytes: sizes.page + sizes.headers };
  const send = budgets['send of 1,024 emoji with Idempotency-Key, longest names'];
  const projected = budgets['projection of 1,024 emoji over 1,024 emoji, longest names'];
  const longSend = {
    http: 1,
    runs: 2 + 2, // and the projector; the push, for the message and for the inbox rows
    duration: operations.send.duration + 2 * push.duration + 35,
    writes: send.writeUnits + projected.writeUnits,
    reads: callerReads + send.readUnits + projected.readUnits + push.readsPerMessage,
    bytes: longest.message + sizes.headers,
  };

  return [
    door(
      'assets',
      '`GET /assets/{file}`: the largest file, uncompressed',
      { ...run, duration: 6, bytes: sizes.largestFile + sizes.headers },
      sharedLimit, // as a path of GET /{proxy+}
      limit('GET /assets/{file}'),
    ),
    door(
      'document',
      '`GET /openapi.json`, uncompressed',
      { ...run, duration: 4, bytes: sizes.document + sizes.headers },
      sharedLimit,
      limit('GET /openapi.json'),
    ),
    door('page', '`GET /`', page, sharedLimit, limit('GET /')),
    door('other-paths', '`GET /{proxy+}`: the page, an icon', page, sharedLimit, limit('GET /{proxy+}')),
    door(
      'head',
      '`HEAD` of these four',
      { ...page, bytes: sizes.headers },
      0,
      ['/', '/assets/{file}', '/openapi.json', '/{proxy+}'].reduce((sum, path) => sum + limit(`HEAD ${path}`), 0),
    ),
    door(
      'renew',
      '`POST /session` with an invented refresh token',
      { ...run, duration: operations.renew.duration, bytes: sizes.headers },
      sharedLimit,
      limit('POST /session'),
    ),
    door(
      'end',
      '`DELETE /session`, the same',
      { ...run, duration: operations.renew.duration, bytes: sizes.headers },
      sharedLimit,
      limit('DELETE /session'),
    ),
    door(
      'no-token',
      `the ${withToken.length} routes under \`/api\` without a token: API Gateway refuses them, and is taken to charge for it`,
      { http: 1, bytes: 300 },
      sharedLimit * withToken.length,
      withToken.reduce((sum, route) => sum + limit(route), 0),
    ),
    door(
      'connect',
      'WebSocket, connecting with an invented ticket',
      { frames: 1, runs: 1, duration: 12, writes: 1, bytes: 300 },
      connects,
      connects,
    ),
    door(
      'sign-up',
      'Cognito’s `SignUp` with invented addresses, Cognito’s own sender',
      signUp,
      quotas.emails.value / day,
      quotas.emails.value / day,
    ),
    door(
      'sign-up-ses',
      `the same with SES (${quotas.sesEmails.value.toLocaleString('en')} e-mails a day)`,
      signUp,
      quotas.sesEmails.value / day,
      quotas.sesEmails.value / day,
    ),
    door(
      'one-conversation',
      'a signed-in user writes the longest messages into one conversation',
      longSend,
      1_000 / defaultLimits.messages.interval_ms,
      1_000 / defaultLimits.messages.interval_ms,
      true,
    ),
    door(
      'all-conversations',
      'the same into as many conversations as the route lets through, with accomplices who answer',
      longSend,
      sharedLimit,
      limit('POST /api/messages'),
      true,
    ),
    door(
      'longest-pages',
      'a signed-in user reads the largest pages of such messages',
      {
        ...run,
        duration: 40,
        reads: callerReads + 1 + readUnits(longest.page * longest.message, 'strong'),
        bytes: longest.page * longest.message,
      },
      sharedLimit,
      limit('GET /api/messages/{message_group_uuid}'),
      true,
    ),
    door(
      'pings',
      'a signed-in user pings over WebSockets',
      { frames: 2, runs: 1, duration: 3, bytes: 100 },
      connects,
      connects,
      true,
    ),
  ];
}

/** checkSignUp reads whether the handle is free. Whether Cognito counts a user who never confirms is not documented: taken as yes. */
const signUp: Request = { runs: 1, duration: 20, reads: 1, signUps: 1 };

/**
 * @param perSecond requests, all day
 * @returns dollars a day, at list prices beyond the free allowances
 */
export function dayCost(perSecond: number, request: Request, memory: number): number {
  const times = perSecond * day;
  const { http = 0, frames = 0, runs = 0, duration = 0, writes = 0, reads = 0, bytes = 0, signUps = 0 } = request;
  const functionLogs = (times * runs * logBytes.run) / gigabyte;
  const accessLogs = (times * http * logBytes.request) / gigabyte;
  return (
    paid(prices.httpRequest, times * http) +
    paid(prices.socketMessage, times * frames) +
    times * runs * (prices.functionRun.value + sampled * prices.trace.value) +
    paid(prices.functionTime, times * (duration / 1_000) * memory) +
    times * (writes * prices.writeUnit.value + reads * prices.readUnit.value) +
    paid(prices.functionLogs, functionLogs) +
    accessLogs * prices.accessLogs.value +
    paid(prices.traffic, (times * bytes) / gigabyte) +
    paid(prices.activeUser, times * signUps) +
    times * signUps * prices.email.value
  );
}

/** The cost of a quantity when the free tier is used up already. */
function paid(price: TieredPrice, quantity: number): number {
  const [first] = price.tiers;
  const free = first?.price === 0 ? first.upTo : 0;
  return tieredCost(price, free + quantity) - tieredCost(price, free);
}
