import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openTable } from '../../core/table/client.ts';
import { createTable, type ServerlessWithTable } from '../../offline/table.ts';
import { seedItems } from '../../seeds/index.ts';
import { dynamodbEndpoint } from '../support/own-database.ts';
import { seedsOf2024 } from '../support/seeds.ts';
import { dump, load, localConfig, tableDefinition } from '../support/table.ts';

// How the local stack fills its table. The parts of serverless-dynamodb are played here.

const table = openTable('seeded-by-the-stack', localConfig(dynamodbEndpoint));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'seeding-'));
  vi.stubEnv('DYNAMODB_PATH', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const parts: Record<string, () => Promise<unknown>> = {
  'dynamodb:migrate': () => table.client.send(new CreateTableCommand(tableDefinition(table.name))),
  'dynamodb:seed': () => load(table, seedItems()),
};
const ports = { http: 0, websocket: 0, lambda: 0, cognito: 0, dynamodb: new URL(dynamodbEndpoint).port };
const properties = { TableName: table.name, TimeToLiveSpecification: { AttributeName: 'expires_at' } };
const serverless = () =>
  ({
    instanceId: 'seeding',
    serviceDir: folder,
    pluginManager: { spawn: (command: string) => parts[command]?.() },
    service: {
      provider: { region: 'us-east-1' },
      functions: {},
      custom: { tableName: table.name, ports, signIn: {} },
      resources: { Resources: { MessagesTable: { Properties: properties } } },
    },
  }) as unknown as ServerlessWithTable;

test('a table whose seeding was interrupted is made anew; one that was seeded stays as it is', async () => {
  await parts['dynamodb:migrate']?.();
  await load(table, seedsOf2024().slice(0, -1));
  const marker = join(folder, 'seeding');
  writeFileSync(marker, '');
  await createTable(serverless());
  const seeded = await dump(table);
  expect(seeded).toHaveLength(seedItems().length);
  expect(existsSync(marker)).toBe(false);
  await createTable(serverless());
  expect(await dump(table)).toEqual(seeded);
});
