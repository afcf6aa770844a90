// Leaves the deletion protection of table and user pool off in the first deployment of a stage. If that fails, CloudFormation takes
// back what it has created (DeletionPolicy: RetainExceptOnCreate), but it could not delete what is protected: an empty table would be left,
// outside the stack, and the next deployment would fail because its name is taken.
import { createRequire } from 'node:module';

/**
 * @typedef {{ Resources: Record<string, { Type: string, Properties: Record<string, any> }> }} Template
 * @typedef {{ send(command: object): Promise<{ StackResourceDetail?: { ResourceStatus?: string } }> }} CloudFormation
 * @typedef {{ processedInput: { commands: string[] },
 * getProvider(name: 'aws'): { getCloudFormationClient(): Promise<CloudFormation>, naming: { getStackName(): string } },
 * service: { provider: { compiledCloudFormationTemplate: Template } } }} Serverless
 */

export default class FirstDeployment {
  /** @param {Serverless} serverless @param {object} _ @param {{ log: { notice(text: string): void } }} utilities */
  constructor(serverless, _, { log }) {
    /** @type {Record<string, () => Promise<void> | void>} */
    this.hooks = {};
    if (serverless.processedInput.commands.join(' ') !== 'deploy') return;
    let isUnprotected = false;
    this.hooks = {
      // The template is complete, also that of an earlier package, and not yet sent.
      'before:aws:deploy:deploy:createStack': async () => {
        const stands = await hasTable(serverless.getProvider('aws'));
        isUnprotected = !stands && unprotect(serverless.service.provider.compiledCloudFormationTemplate);
      },
      'after:deploy:finalize': () => {
        if (isUnprotected)
          log.notice(
            '\nThe first deployment stands, without deletion protection. Run the same command once more to switch it on.',
          );
      },
    };
  }
}

/** Whether the table is in the stack: created by an earlier deployment, or imported. @param {ReturnType<Serverless['getProvider']>} aws */
async function hasTable(aws) {
  // osls's own copy. Loaded here, since it would delay every start of the local stack.
  const { DescribeStackResourceCommand } = createRequire(import.meta.resolve('serverless'))(
    '@aws-sdk/client-cloudformation',
  );
  const table = { StackName: aws.naming.getStackName(), LogicalResourceId: 'MessagesTable' };
  const client = await aws.getCloudFormationClient();
  try {
    const { StackResourceDetail } = await client.send(new DescribeStackResourceCommand(table));
    return !/^(CREATE_FAILED|DELETE_COMPLETE)$/.test(StackResourceDetail?.ResourceStatus ?? '');
  } catch (error) {
    // Of the stack, or of the resource: AWS has no other name for either.
    if (error instanceof Error && error.name === 'ValidationError' && /does not exist/.test(error.message))
      return false;
    throw error;
  }
}

/** @param {Template} template @returns whether anything in it was protected */
function unprotect({ Resources }) {
  let was = false;
  for (const { Type, Properties } of Object.values(Resources)) {
    if (Type === 'AWS::DynamoDB::Table' && Properties.DeletionProtectionEnabled) {
      Properties.DeletionProtectionEnabled = false;
      was = true;
    }
    if (Type === 'AWS::Cognito::UserPool' && Properties.DeletionProtection === 'ACTIVE') {
      Properties.DeletionProtection = 'INACTIVE';
      was = true;
    }
  }
  return was;
}
