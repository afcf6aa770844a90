// What a deployment needs and a package does not, said before anything is built or sent, in one plain line.

/**
 * @param {{ webOrigin: string, dynamodbPrefixList: string }} custom
 * @param {{ region: string, stage: string, params: string[] }} target `params`: the stages that serverless.yml has params for
 */
export function missing({ webOrigin, dynamodbPrefixList }, { region, stage, params }) {
  // bin/console/target.ts takes any such stage for one that people live on.
  if (/^prod/i.test(stage) && !params.includes(stage))
    return (
      `Stage ${stage} sounds like production, but would have the settings of a stage that goes without a trace: call it prod, or ` +
      `give it params of its own in serverless.yml.`
    );
  if (!/^pl-[0-9a-f]+$/.test(dynamodbPrefixList))
    return (
      `The DynamoDB prefix list of region ${region} is not in serverless.yml: ask AWS for it (aws ec2 describe-managed-prefix-lists ` +
      `--filters Name=prefix-list-name,Values=com.amazonaws.${region}.dynamodb) and give it by --param="dynamodbPrefixList=pl-…".`
    );
  if (webOrigin !== '' && !/^https:\/\/[^/*]+$/.test(webOrigin))
    return 'WEB_ORIGIN must be one origin that browsers may call from beside the own, as in: WEB_ORIGIN=https://chat.example.com';
  return undefined;
}

export default class Preflight {
  /** @param {{ processedInput: { commands: string[], isHelpRequest: boolean }, getProvider(name: 'aws'): { getStage(): string }, configurationInput: { params: object }, service: any }} serverless */
  constructor(serverless) {
    // The first hook, and not asyncInit: osls resolves what a parameter may change only after that.
    const look = async () => {
      const { commands, isHelpRequest } = serverless.processedInput;
      const stage = serverless.getProvider('aws').getStage();
      if (isHelpRequest || commands.join(' ') !== 'deploy' || stage === 'local') return;
      const { custom, provider } = serverless.service;
      const params = Object.keys(serverless.configurationInput.params);
      const why = missing(custom, { region: provider.region, stage, params });
      if (why === undefined) return;
      process.stderr.write(`${why}\n`);
      process.exit(1);
    };
    this.hooks = { initialize: look };
  }
}
