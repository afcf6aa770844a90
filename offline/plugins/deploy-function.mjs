// Makes `serverless deploy function` work. It replaces a function's code, then compares its settings with the deployed ones, and cannot
// tell that of a role without a name of its own: it ends with an error. The roles have none, since names of roles are not regional: a
// second region could not have the same stage.
export default class DeployFunction {
  /** @param {{ service: { getFunction(name: string): { role: string }, provider: any } }} serverless @param {{ function?: string }} options */
  constructor({ service }, options) {
    this.hooks = {
      // osls has just read the deployed function. Its role does not change: that takes a whole deployment.
      'after:deploy:function:initialize': () => {
        const { Role } = service.provider.remoteFunctionData.Configuration;
        service.getFunction(options.function ?? '').role = Role;
      },
    };
  }
}
