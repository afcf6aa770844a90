import { type Rule, theOne } from './template.ts';

// What is kept, and for how long whatever happens to the stack.

export const data: Rule[] = [
  {
    name: 'the table: keys, both images in the stream, TTL, paid by use, encrypted',
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
    name: 'in prod the table and the pool outlive the stack and the table can be restored; elsewhere nothing stays',
    violations(template, stage) {
      const isProd = stage === 'prod';
      const policy = isProd ? 'Retain' : 'Delete';
      const whenStackGoes = { DeletionPolicy: policy, UpdateReplacePolicy: policy };
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
