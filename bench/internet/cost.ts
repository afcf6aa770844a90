import { type Behaviour, onlinePeak } from './behaviour.ts';
import { tieredCost } from './facts.ts';
import { type Client, type DailyLoad, dailyLoad, dailyUse } from './load.ts';
import { logBytes } from './operations.ts';
import * as prices from './prices.ts';
import * as quotas from './quotas.ts';
import { stored as sizes } from './sizes.ts';

export const services = [
  'DynamoDB writes',
  'DynamoDB reads',
  'DynamoDB storage and backup',
  'Lambda',
  'API Gateway',
  'Cognito',
  'CloudWatch and X-Ray',
  'Data transfer',
] as const;

export type MonthlyCost = Record<(typeof services)[number], number>;

export interface Deployment {
  behaviour: Behaviour;
  client: Client;
  /** Seconds of the stream that one batch of the projector takes in: the time between two polls and its batch window. */
  window: number;
  /** Memory of the functions, in GB. */
  memory: number;
}

const daysPerMonth = 30;
const monthsStored = 12; // the bill is that of the first year's last month
const receiptDays = 30;
const logDays = 30;
const gigabyte = 1e9;
/** X-Ray records one request a second and this share of the others. */
export const sampled = 0.05;

/**
 * What a month costs in dollars, by service.
 * @param users monthly active users
 */
export function monthlyCost(users: number, { behaviour, client, window, memory }: Deployment): MonthlyCost {
  const userDays = users * behaviour.activeDaily * daysPerMonth;
  const stored = gigabytesStored(users, behaviour);
  return {
    ...runningCost(userDays, dailyLoad(behaviour, client, window), memory),
    'DynamoDB storage and backup': tieredCost(prices.storage, stored) + stored * prices.backup.value,
    Cognito: tieredCost(prices.activeUser, users) + extraSignInRate(users, behaviour) * prices.signInRate.value,
  };
}

/** What it costs in dollars that a load comes so many times, by service: without what is stored, and without Cognito. */
export function runningCost(times: number, load: DailyLoad, memory: number): MonthlyCost {
  const use = dailyUse(load);
  const requests = times * use.requests;
  const runs = times * use.runs;
  const functionLogs = (runs * logBytes.run) / gigabyte;
  const accessLogs = (requests * logBytes.request) / gigabyte;
  const frames = times * (load.sockets.posts + 2 * load.sockets.pings); // the answer to a ping counts too
  return {
    'DynamoDB writes': times * use.writes * prices.writeUnit.value,
    'DynamoDB reads': times * use.reads * prices.readUnit.value,
    'DynamoDB storage and backup': 0,
    Lambda: runs * prices.functionRun.value + tieredCost(prices.functionTime, times * use.functionSeconds * memory),
    'API Gateway':
      tieredCost(prices.httpRequest, requests) +
      tieredCost(prices.socketMessage, frames) +
      times * load.sockets.minutes * prices.socketMinute.value,
    Cognito: 0,
    'CloudWatch and X-Ray':
      tieredCost(prices.functionLogs, functionLogs) +
      accessLogs * prices.accessLogs.value +
      (functionLogs + accessLogs) * (logDays / daysPerMonth) * prices.storedLogs.value +
      runs * sampled * prices.trace.value,
    'Data transfer': tieredCost(prices.traffic, (times * use.bytes) / gigabyte),
  };
}

export const total = (cost: MonthlyCost): number => services.reduce((sum, service) => sum + cost[service], 0);

function gigabytesStored(users: number, of: Behaviour): number {
  const userDays = users * of.activeDaily * daysPerMonth * monthsStored;
  const receipts = users * of.activeDaily * receiptDays * of.messagesPerDay * sizes.receipt;
  const others = userDays * (of.messagesPerDay * sizes.message + of.firstContactsPerDay * sizes.conversation);
  return (users * sizes.user + receipts + others) / gigabyte;
}

/** Requests per second for signing in and renewing that exceed Cognito's default quota, on New Year's Eve. */
function extraSignInRate(users: number, of: Behaviour): number {
  const peak = ((users * of.activeDaily * of.renewalsPerDay) / 86_400) * of.dailyPeak * onlinePeak(of);
  return Math.max(0, peak - quotas.signIns.value);
}
