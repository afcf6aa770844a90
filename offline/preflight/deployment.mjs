/**
 * Checks the settings that a deployment needs but packaging does not.
 * @param {{ webOrigin: string, dynamodbPrefixList: string, securityContact: string }} custom
 * @param {{ region: string, stage: string, params: string[] }} target `params`: the stages that serverless.yml has
 * params for
 * @returns {string | undefined} one line that says what to do
 */
export function missingForDeployment({ webOrigin, dynamodbPrefixList, securityContact }, { region, stage, params }) {
  // bin/console/target.ts takes any such stage for production.
  if (/^prod/i.test(stage) && !params.includes(stage))
    return (
      `Stage ${stage} sounds like production, but has the settings of a stage that loses its data with its stack: ` +
      'call it prod, or give it params of its own in serverless.yml.'
    );
  if (!/^pl-[0-9a-f]+$/.test(dynamodbPrefixList))
    return (
      `serverless.yml does not have the DynamoDB prefix list of region ${region}: ask AWS for it (aws ec2 describe-managed-prefix-lists ` +
      `--filters Name=prefix-list-name,Values=com.amazonaws.${region}.dynamodb) and pass --param="dynamodbPrefixList=pl-…".`
    );
  if (webOrigin !== '' && !/^https:\/\/[^/*]+$/.test(webOrigin))
    return 'WEB_ORIGIN must be one more origin that browsers may call from, as in: WEB_ORIGIN=https://chat.example.com';
  if (securityContact !== '' && !/^(https:\/\/|mailto:)\S+$/.test(securityContact))
    return 'securityContact must be a URI, as in: --param="securityContact=mailto:security@example.com"';
  return undefined;
}
