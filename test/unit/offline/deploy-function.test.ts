import { createRequire } from 'node:module';
import { expect, test, vi } from 'vitest';
import DeployFunction from '../../../offline/plugins/deploy-function.mjs';

// osls's own command, with the calls of AWS replaced.
const AwsDeployFunction = createRequire(import.meta.url)('serverless/lib/plugins/aws/deploy-function.js');

const whoAmI = { name: 'cruddur-messages-dev-whoAmI', role: 'WhoAmIRole', handler: 'handlers/http/who-am-i.handler' };

/** The command, after it has read the deployed function. */
function command({ timeout = 20 } = {}) {
  const functions: Record<string, typeof whoAmI> = { whoAmI: { ...whoAmI } };
  const service = {
    provider: {
      timeout,
      remoteFunctionData: {
        Configuration: { Role: 'arn:aws:iam::123456789012:role/x', Handler: whoAmI.handler, Timeout: 20 },
      },
    },
    package: {},
    resources: { Resources: { WhoAmIRole: { Type: 'AWS::IAM::Role', Properties: {} } } },
    getFunction: (name: string) => functions[name] as typeof whoAmI,
  };
  const options = { function: 'whoAmI' };
  const provider = { getCustomExecutionRole: ({ role }: typeof whoAmI) => role };
  const deploy = new AwsDeployFunction({ service, getProvider: () => provider, pluginManager: {} }, options);
  deploy.options.functionObj = functions.whoAmI;
  const update = vi.spyOn(deploy, 'callUpdateFunctionConfiguration').mockResolvedValue(undefined);
  return { deploy, update, plugin: new DeployFunction({ service }, options) };
}

test('osls ends with an error for a role without a name', async () => {
  await expect(command().deploy.updateFunctionConfiguration()).rejects.toThrow('RoleName');
});

test('`serverless deploy function` keeps the deployed role', async () => {
  const { deploy, update, plugin } = command();
  plugin.hooks['after:deploy:function:initialize']();
  await deploy.updateFunctionConfiguration();
  expect(update).not.toHaveBeenCalled();
});

test('`serverless deploy function` changes other settings', async () => {
  const { deploy, update, plugin } = command({ timeout: 10 });
  plugin.hooks['after:deploy:function:initialize']();
  await deploy.updateFunctionConfiguration();
  expect(update).toHaveBeenCalledWith({ FunctionName: whoAmI.name, Timeout: 10 });
});
