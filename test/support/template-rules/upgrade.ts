import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { functionsOf, list, type Rule, root } from './template.ts';

// In which order a deployment replaces functions: docs/architecture.md, “How items change without a migration”.

const { tableActions, itemKinds } = createRequire(import.meta.url)(resolve(root, 'resources/roles.cjs')) as {
  tableActions: Record<string, string[]>;
  itemKinds: Record<string, string[]>;
};

/** What the functions of the last version wrote to conversations, and what reads their stream. */
const older = ['sendMessage', 'markRead', 'projectInbox'];
/** What reads heads, and updates users alone. */
const readers = ['createReport'];
const firstOfAll = [
  'SendMessageLambdaFunction',
  'MarkReadLambdaFunction',
  'ProjectInboxLambdaFunction',
  'ProjectInboxEventSourceMappingDynamodbMessagesTable',
];

export const upgrade: Rule[] = [
  {
    name: 'a function that changes conversations in a new way is created after those that must know it',
    violations: (template) =>
      functionsOf(template)
        .filter(({ name }) => tableActions[name]?.includes('UpdateItem') && itemKinds[name]?.includes('HEAD'))
        .filter(({ name }) => !older.includes(name) && !readers.includes(name))
        .flatMap(({ id, DependsOn = [] }) =>
          firstOfAll
            .filter((other) => !list(DependsOn).includes(other))
            .map((other) => `${id} must depend on ${other}: add \`dependsOn: *knowTheHead\` in serverless.yml`),
        ),
  },
];
