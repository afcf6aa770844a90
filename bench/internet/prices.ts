import type { Fact, TieredPrice } from './facts.ts';

// List prices of us-east-1 (N. Virginia) in dollars, without the free allowances of new accounts, Savings Plans, reserved capacity and
// private agreements: beyond some ten thousand dollars a month, the last three change the bill. Read on 2026-11-27.

const priceList = (offer: string) =>
  `https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/${offer}/current/us-east-1/index.json`;
const million = 1e6;
const terabyte = 1_000; // in GB, as AWS's tiers of traffic and logs count

export const region = 'us-east-1';

export const writeUnit: Fact = {
  what: 'DynamoDB on demand, write request unit',
  value: 0.625 / million,
  unit: 'unit',
  evidence: 'quoted',
  source: priceList('AmazonDynamoDB'),
  asOf: '2026-09-11',
};

export const readUnit: Fact = {
  what: 'DynamoDB on demand, read request unit',
  value: 0.125 / million,
  unit: 'unit',
  evidence: 'quoted',
  source: priceList('AmazonDynamoDB'),
  asOf: '2026-09-11',
};

export const storage: TieredPrice = {
  what: 'DynamoDB storage, the first 25 GB free',
  tiers: [
    { upTo: 25, price: 0 },
    { upTo: Number.POSITIVE_INFINITY, price: 0.25 },
  ],
  unit: 'GB-month',
  evidence: 'quoted',
  source: priceList('AmazonDynamoDB'),
  asOf: '2026-09-11',
};

export const backup: Fact = {
  what: 'DynamoDB point-in-time recovery',
  value: 0.2,
  unit: 'GB-month',
  evidence: 'quoted',
  source: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
  asOf: '2026-09',
};

export const functionRun: Fact = {
  what: 'Lambda requests',
  value: 0.2 / million,
  unit: 'run',
  evidence: 'quoted',
  source: priceList('AWSLambda'),
  asOf: '2026-09-19',
};

export const functionTime: TieredPrice = {
  what: 'Lambda duration on arm64',
  tiers: [
    { upTo: 7.5e9, price: 0.0000133334 },
    { upTo: 18.75e9, price: 0.0000120001 },
    { upTo: Number.POSITIVE_INFINITY, price: 0.0000106667 },
  ],
  unit: 'GB-second',
  evidence: 'quoted',
  source: priceList('AWSLambda'),
  asOf: '2026-09-19',
};

export const httpRequest: TieredPrice = {
  what: 'API Gateway, HTTP API',
  tiers: [
    { upTo: 300 * million, price: 1 / million },
    { upTo: Number.POSITIVE_INFINITY, price: 0.9 / million },
  ],
  unit: 'request',
  evidence: 'quoted',
  source: 'https://aws.amazon.com/api-gateway/pricing/',
  asOf: '2026-09-20',
};

export const socketMessage: TieredPrice = {
  what: 'API Gateway, WebSocket messages of up to 32 KB, in either direction',
  tiers: [
    { upTo: 1_000 * million, price: 1 / million },
    { upTo: Number.POSITIVE_INFINITY, price: 0.8 / million },
  ],
  unit: 'message',
  evidence: 'quoted',
  source: priceList('AmazonApiGateway'),
  asOf: '2026-09-21',
};

export const socketMinute: Fact = {
  what: 'API Gateway, WebSocket connection minutes',
  value: 0.25 / million,
  unit: 'minute',
  evidence: 'quoted',
  source: priceList('AmazonApiGateway'),
  asOf: '2026-09-21',
};

export const activeUser: TieredPrice = {
  what: 'Cognito Essentials (the default plan of a new pool), the first 10,000 users free',
  tiers: [
    { upTo: 10_000, price: 0 },
    { upTo: Number.POSITIVE_INFINITY, price: 0.015 },
  ],
  unit: 'monthly active user',
  evidence: 'quoted',
  source: 'https://aws.amazon.com/cognito/pricing/',
  asOf: '2026-09-20',
};

export const signInRate: Fact = {
  what: 'Cognito, request rate above the default quota of a category, for whole months',
  value: 20,
  unit: 'request per second and month',
  evidence: 'page',
  source: 'https://aws.amazon.com/about-aws/whats-new/2024/01/provisioned-capacity-api-limits-amazon-cognito/',
  asOf: '2024-01-25',
};

export const email: Fact = {
  what: 'SES, e-mails sent',
  value: 0.1 / 1_000,
  unit: 'e-mail',
  evidence: 'quoted',
  source: 'https://aws.amazon.com/ses/pricing/',
  asOf: '2026-11-27',
};

export const functionLogs: TieredPrice = {
  what: 'CloudWatch Logs, written by Lambda functions',
  tiers: [
    { upTo: 10 * terabyte, price: 0.5 },
    { upTo: 30 * terabyte, price: 0.25 },
    { upTo: 50 * terabyte, price: 0.1 },
    { upTo: Number.POSITIVE_INFINITY, price: 0.05 },
  ],
  unit: 'GB',
  evidence: 'quoted',
  source: 'https://aws.amazon.com/cloudwatch/pricing/',
  asOf: '2025-05-01',
};

export const accessLogs: Fact = {
  what: "CloudWatch Logs, API Gateway's access log",
  value: 0.5,
  unit: 'GB',
  evidence: 'quoted',
  source: 'https://aws.amazon.com/cloudwatch/pricing/',
  asOf: '2026-05-05',
};

export const storedLogs: Fact = {
  what: 'CloudWatch Logs, stored',
  value: 0.03,
  unit: 'GB-month',
  evidence: 'quoted',
  source: 'https://aws.amazon.com/cloudwatch/pricing/',
  asOf: '2026-05-05',
};

export const trace: Fact = {
  what: 'X-Ray, traces recorded',
  value: 5 / million,
  unit: 'trace',
  evidence: 'quoted',
  source: 'https://aws.amazon.com/xray/pricing/',
  asOf: '2026-09',
};

export const traffic: TieredPrice = {
  what: 'Data transfer to the internet, the first 100 GB free',
  tiers: [
    { upTo: 100, price: 0 },
    { upTo: 10 * terabyte, price: 0.09 },
    { upTo: 50 * terabyte, price: 0.085 },
    { upTo: 150 * terabyte, price: 0.07 },
    { upTo: Number.POSITIVE_INFINITY, price: 0.05 },
  ],
  unit: 'GB',
  evidence: 'quoted',
  source: 'https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AWSDataTransfer/current/index.json',
  asOf: '2026-09',
};

export const prices: (Fact | TieredPrice)[] = [
  writeUnit,
  readUnit,
  storage,
  backup,
  functionRun,
  functionTime,
  httpRequest,
  socketMessage,
  socketMinute,
  activeUser,
  signInRate,
  email,
  functionLogs,
  accessLogs,
  storedLogs,
  trace,
  traffic,
];
