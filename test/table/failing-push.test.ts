import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { DynamoDBRecord } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import type { Table } from '../../core/table/client.ts';
import type { Outcome } from '../../offline/stream/deliver.ts';
import { eventSources } from '../../offline/stream/event-sources.ts';
import { type Poller, startPoller } from '../../offline/stream/poller.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { lambdaContext } from '../support/events.ts';
import { eventually } from '../support/eventually.ts';
import { stubLambdaEnvironment } from '../support/lambda-environment.ts';
import { type Scenario, scenario } from '../support/scenario.ts';
import { localConfig, newTable } from '../support/table.ts';

// The projector beside a push function that is of no use, both with the event sources of serverless.yml.

const { functions } = parse(readFileSync(resolve(import.meta.dirname, '../../serverless.yml'), 'utf8'), {
  logLevel: 'silent', // CloudFormation's tags
});
const { projectInbox, pushEvents } = functions;
const sources = eventSources({ pushEvents, projectInbox }).map((source) => ({
  ...source,
  startingPosition: 'TRIM_HORIZON' as const, // so that the push function gets each record, however early it is written
}));

let table: Table;
let s: Scenario;
let project: (Records: DynamoDBRecord[]) => Promise<unknown>;
let poller: Poller | undefined;
const stateFolder = mkdtempSync(join(tmpdir(), 'failing-push-'));

beforeAll(async () => {
  table = await newTable(dynamodbEndpoint, { withStream: true });
  s = scenario(table);
  stubLambdaEnvironment(table, dynamodbEndpoint);
  const { handler } = await import('../../handlers/stream/project-inbox.ts');
  project = (Records) => handler({ Records }, lambdaContext('project-inbox'));
});
beforeEach(() => {
  // Powertools writes to it directly, not through the global console.
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterEach(async () => {
  await poller?.stop();
  vi.restoreAllMocks();
});
afterAll(() => rmSync(stateFolder, { recursive: true }));

const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

test.each<[string, (signal: AbortSignal) => Promise<Outcome>]>([
  ['always fails', async () => ({ result: 'failed', functionError: 'Unhandled' })],
  ['never answers', aborted],
])('a push function that %s changes nothing for sends and inboxes', async (_, push) => {
  const [ada, bob, cy] = [await s.given.user(), await s.given.user(), await s.given.user()];
  let pushes = 0;
  poller = startPoller({
    settings: {
      tableName: table.name,
      region: localConfig(dynamodbEndpoint).region,
      stateFolder,
      onDisk: false,
      ports: { dynamodb: Number(new URL(dynamodbEndpoint).port) },
    },
    sources,
    invoke: async (name, records, signal) => {
      if (name === 'projectInbox') return { result: 'answered', response: await project(records) };
      pushes++;
      return push(signal);
    },
    warn: () => {},
  });
  await s.when.sends(ada, bob, 'first');
  await eventually(async () => expect(pushes).toBeGreaterThan(0), 20_000);
  for (let n = 1; n <= 20; n++) await s.when.sends(ada, bob, `message ${n}`);
  await s.when.sends(cy, bob, 'hello');
  await s.when.sends(cy, bob, 'hello?');
  await eventually(async () => {
    const rows = (await s.then.inbox(bob)).map(({ message, unread_count }) => [message, unread_count]);
    expect(rows).toEqual([
      ['hello?', 2],
      ['message 20', 21],
    ]);
  }, 20_000);
});
