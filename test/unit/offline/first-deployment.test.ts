import { expect, test } from 'vitest';
import FirstDeployment from '../../../offline/plugins/first-deployment.mjs';

const template = (isProtected: boolean) => ({
  Resources: {
    MessagesTable: { Type: 'AWS::DynamoDB::Table', Properties: { DeletionProtectionEnabled: isProtected } },
    CognitoUserPoolPeople: {
      Type: 'AWS::Cognito::UserPool',
      Properties: { DeletionProtection: isProtected ? 'ACTIVE' : 'INACTIVE' },
    },
  },
});

/** An answer of CloudFormation about the table of the stack. */
type Answer = { status: string } | { name: string; message: string };

/**
 * Runs the plugin's part of a deployment.
 * @returns the template that is sent, and what is said at the end
 */
async function deploy(answer: Answer, { isProtected = true, command = 'deploy' } = {}) {
  const said: string[] = [];
  const sent = template(isProtected);
  const cloudFormation = {
    send: async () => {
      if ('message' in answer) throw Object.assign(new Error(answer.message), { name: answer.name });
      return { StackResourceDetail: { ResourceStatus: answer.status } };
    },
  };
  const aws = {
    getCloudFormationClient: async () => cloudFormation,
    naming: { getStackName: () => 'cruddur-messages-prod' },
  };
  const serverless = {
    processedInput: { commands: command.split(' ') },
    getProvider: () => aws,
    service: { provider: { compiledCloudFormationTemplate: sent } },
  };
  const { hooks } = new FirstDeployment(serverless, {}, { log: { notice: (text) => said.push(text) } });
  await hooks['before:aws:deploy:deploy:createStack']?.();
  await hooks['after:deploy:finalize']?.();
  return { sent, said };
}

const noStack = { name: 'ValidationError', message: "Stack 'cruddur-messages-prod' does not exist" };
const noTable = {
  name: 'ValidationError',
  message: 'Resource MessagesTable does not exist for stack cruddur-messages-prod',
};
const denied = { name: 'AccessDenied', message: 'User is not authorized' };

test.each([noStack, noTable, { status: 'DELETE_COMPLETE' }, { status: 'CREATE_FAILED' }])(
  'without a table in the stack (%j) nothing is protected, so that CloudFormation can take it all back; the end says what to do next',
  async (answer) => {
    const { sent, said } = await deploy(answer);
    expect(sent).toEqual(template(false));
    expect(said).toEqual([expect.stringContaining('once more')]);
  },
);

test.each(['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'IMPORT_COMPLETE'])(
  'with a table in the stack (%s) it and the user pool are protected',
  async (status) => {
    expect(await deploy({ status })).toEqual({ sent: template(true), said: [] });
  },
);

test('a stage without protection needs no second deployment', async () => {
  expect(await deploy(noStack, { isProtected: false })).toEqual({ sent: template(false), said: [] });
});

test('when AWS does not say whether there is a table, nothing is deployed', async () => {
  await expect(deploy(denied)).rejects.toMatchObject(denied);
});

test('other commands are not concerned', async () => {
  expect(await deploy(denied, { command: 'deploy list' })).toEqual({ sent: template(true), said: [] });
});
