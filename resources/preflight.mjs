// What a deployment needs and a package does not, said before anything is built or sent, in one plain line.

/** @param {{ webOrigin: string, dynamodbPrefixList: string }} custom @param {string} region */
export function missing({ webOrigin, dynamodbPrefixList }, region) {
  if (!/^pl-[0-9a-f]+$/.test(dynamodbPrefixList))
    return (
      `The DynamoDB prefix list of region ${region} is not in serverless.yml: ask AWS for it (aws ec2 describe-managed-prefix-lists ` +
      `--filters Name=prefix-list-name,Values=com.amazonaws.${region}.dynamodb) and give it by --param="dynamodbPrefixList=pl-…".`
    );
  if (!/^https:\/\/[^/*]+$/.test(webOrigin))
    return 'WEB_ORIGIN must be the one origin that browsers may call from, as in: WEB_ORIGIN=https://chat.example.com';
  return undefined;
}

export default class Preflight {
  /** @param {{ processedInput: { commands: string[], isHelpRequest: boolean }, getProvider(name: 'aws'): { getStage(): string }, service: any }} serverless */
  constructor(serverless) {
    // The first hook, and not asyncInit: osls resolves what a parameter may change only after that.
    const look = async () => {
      const { commands, isHelpRequest } = serverless.processedInput;
      if (isHelpRequest || commands.join(' ') !== 'deploy' || serverless.getProvider('aws').getStage() === 'local')
        return;
      const why = missing(serverless.service.custom, serverless.service.provider.region);
      if (why === undefined) return;
      process.stderr.write(`${why}\n`);
      process.exit(1);
    };
    this.hooks = { initialize: look };
  }
}
