import { type Rule, theOne } from './template.ts';

// The stores of data, and what happens to them when the stack is deleted.

export const data: Rule[] = [
  {
    name: 'the table has its keys, a stream with both images, TTL, on-demand billing and encryption',
    violations: (template, stage) =>
      theOne(template, 'AWS::DynamoDB::Table', {
        id: 'MessagesTable',
        Properties: {
          TableName: `cruddur-messages-${stage}`,
          AttributeDefinitions: [
            { AttributeName: 'pk', AttributeType: 'S' },
            { AttributeName: 'sk', AttributeType: 'S' },
          ],
          KeySchema: [
            { AttributeName: 'pk', KeyType: 'HASH' },
            { AttributeName: 'sk', KeyType: 'RANGE' },
          ],
          BillingMode: 'PAY_PER_REQUEST',
          StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
          TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
          SSESpecification: { SSEEnabled: true },
        },
      }),
  },
  {
    name: 'in prod, deleting the stack keeps the table and the user pool, and the table can be restored; other stages keep nothing',
    violations(template, stage) {
      const isProd = stage === 'prod';
      // The same, but for a creation that fails: UpdateReplacePolicy has no such value.
      const whenStackGoes = isProd
        ? { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' }
        : { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' };
      return [
        ...theOne(template, 'AWS::DynamoDB::Table', {
          ...whenStackGoes,
          Properties: {
            DeletionProtectionEnabled: isProd,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: isProd },
          },
        }),
        ...theOne(template, 'AWS::Cognito::UserPool', {
          ...whenStackGoes,
          Properties: { DeletionProtection: isProd ? 'ACTIVE' : 'INACTIVE' },
        }),
      ];
    },
  },
];
