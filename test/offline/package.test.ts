import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const repo = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

interface Resource {
  Type: string;
  DeletionPolicy?: string;
  Properties: Record<string, unknown> & {
    Environment?: { Variables: Record<string, unknown> };
    VpcConfig?: { SubnetIds: unknown[]; SecurityGroupIds: unknown[] };
  };
}

// Packages as a newcomer would, without credentials: what is deployed is what stands in this template.
const stages = ['dev', 'prod'] as const;
const folders: Record<string, string> = {};
const templates: Record<string, Record<string, Resource>> = {};

beforeAll(async () => {
  const { AWS_PROFILE: _, AWS_ACCESS_KEY_ID: __, AWS_SECRET_ACCESS_KEY: ___, ...env } = process.env;
  for (const stage of stages) {
    const folder = await mkdtemp(join(tmpdir(), 'cruddur-package-'));
    folders[stage] = folder;
    // The switches of the local stack, set by mistake: none may reach the template.
    const local = { AWS_ENDPOINT_URL_DYNAMODB: 'http://localhost:8000', AWS_ENDPOINT_URL: 'http://localhost:8000' };
    await run(join(repo, 'node_modules/.bin/serverless'), ['package', '--stage', stage, '--package', folder], {
      cwd: repo,
      env: { ...env, ...local },
    });
    const text = await readFile(join(folder, 'cloudformation-template-update-stack.json'), 'utf8');
    templates[stage] = JSON.parse(text).Resources;
  }
});
afterAll(() => Promise.all(Object.values(folders).map((folder) => rm(folder, { recursive: true }))));

const ofType = (stage: string, type: string) =>
  Object.values(templates[stage] ?? {}).filter((resource) => resource.Type === type);

describe.each(stages)('stage %s', (stage) => {
  test('no switch of the local stack: no endpoint, no address of this machine', () => {
    const functions = ofType(stage, 'AWS::Lambda::Function');
    expect(functions).toHaveLength(8);
    for (const { Properties } of functions) {
      const { Variables = {} } = Properties.Environment ?? {};
      expect(Object.keys(Variables).filter((name) => !/^(TABLE_NAME|POWERTOOLS_\w+|NODE_OPTIONS)$/.test(name))).toEqual(
        [],
      );
      expect(JSON.stringify(Variables)).not.toMatch(/localhost|127\.0\.0\.1/);
    }
    const [authorizer] = ofType(stage, 'AWS::ApiGatewayV2::Authorizer');
    expect(authorizer?.Properties).toMatchObject({
      AuthorizerType: 'JWT',
      JwtConfiguration: {
        Issuer: { 'Fn::Sub': expect.stringMatching(/^https:\/\/cognito-idp\./) },
        Audience: [{ Ref: 'WebClient' }],
      },
    });
  });

  test('every route under /api asks for a token', () => {
    const routes = ofType(stage, 'AWS::ApiGatewayV2::Route');
    expect(routes).toHaveLength(7);
    for (const { Properties } of routes) {
      expect(Properties).toMatchObject({ RouteKey: expect.stringMatching(/ \/api\//), AuthorizationType: 'JWT' });
    }
  });

  test('every function is in the private subnets, whose one way out is the table', () => {
    for (const { Properties } of ofType(stage, 'AWS::Lambda::Function')) {
      expect(Properties.VpcConfig?.SubnetIds).toHaveLength(2);
      expect(Properties.VpcConfig?.SecurityGroupIds).toHaveLength(1);
    }
    expect(ofType(stage, 'AWS::EC2::NatGateway')).toEqual([]);
    expect(ofType(stage, 'AWS::EC2::InternetGateway')).toEqual([]);
    expect(ofType(stage, 'AWS::EC2::SubnetRouteTableAssociation')).toHaveLength(2);
    const [endpoint] = ofType(stage, 'AWS::EC2::VPCEndpoint');
    expect(endpoint?.Properties).toMatchObject({
      VpcEndpointType: 'Gateway',
      RouteTableIds: [{ Ref: 'PrivateRouteTable' }],
      PolicyDocument: { Statement: [{ Resource: { 'Fn::GetAtt': ['MessagesTable', 'Arn'] } }] },
    });
  });

  test('the table: keys, stream, TTL, on demand, recovery, encryption, kept when the stack goes', () => {
    const [table, ...more] = ofType(stage, 'AWS::DynamoDB::Table');
    expect(more).toEqual([]);
    expect(table).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        TableName: `cruddur-messages-${stage}`,
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        BillingMode: 'PAY_PER_REQUEST',
        StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
        TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { SSEEnabled: true },
        DeletionProtectionEnabled: stage === 'prod',
      },
    });
  });

  test('the projector: only new messages, partial failures, few retries, a failure queue', () => {
    const [source] = ofType(stage, 'AWS::Lambda::EventSourceMapping');
    expect(source?.Properties).toMatchObject({
      StartingPosition: 'TRIM_HORIZON',
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 3,
      MaximumRecordAgeInSeconds: 300,
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['ProjectionFailures', 'Arn'] } } },
    });
    const criteria = source?.Properties.FilterCriteria as { Filters: { Pattern: string }[] };
    expect(criteria.Filters.map(({ Pattern }) => JSON.parse(Pattern))).toEqual([
      { eventName: ['INSERT'], dynamodb: { Keys: { pk: { S: [{ prefix: 'MSG#' }] } } } },
    ]);
  });
});

test('each function’s bundle is at most 600 KB, minified', async () => {
  const names = [
    'sendMessage',
    'listMessages',
    'listMessageGroups',
    'markRead',
    'findPerson',
    'findPeople',
    'whoAmI',
    'projectInbox',
  ];
  for (const name of names) {
    const files = filesInZip(await readFile(join(folders.dev ?? '', `${name}.zip`)));
    const sizes = files.filter((file) => file.name.endsWith('.cjs')).map(({ size }) => size);
    expect(sizes).toHaveLength(1);
    expect(sizes[0]).toBeLessThan(600 * 1024);
  }
});

/** The files of a zip archive with their sizes unpacked, from its central directory (APPNOTE.TXT, 4.3.12). */
function filesInZip(zip: Buffer): { name: string; size: number }[] {
  const files = [];
  const entry = Buffer.from('PK\x01\x02', 'latin1');
  for (let at = zip.indexOf(entry); at >= 0; at = zip.indexOf(entry, at + 46)) {
    const nameLength = zip.readUInt16LE(at + 28);
    files.push({ name: zip.toString('utf8', at + 46, at + 46 + nameLength), size: zip.readUInt32LE(at + 24) });
  }
  return files;
}
