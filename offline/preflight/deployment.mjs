import webOrigins from '../../resources/web-origins.cjs';

/**
 * @param {string} webOrigin
 * @returns {string | undefined} one line about the parts of WEB_ORIGIN that are no origins
 */
export function invalidWebOrigin(webOrigin) {
  const { invalid } = webOrigins.parseWebOrigins(webOrigin);
  if (invalid.length === 0) return undefined;
  return (
    `WEB_ORIGIN: ${JSON.stringify(invalid[0])} is not an origin. Write scheme, host and port, several origins with commas, ` +
    'as in: WEB_ORIGIN=https://chat.example.com,https://other.example.com:8443'
  );
}

/**
 * Checks the settings that a deployment needs but packaging does not.
 * @param {{ webOrigin: string, dynamodbPrefixList: string }} custom
 * @param {{ region: string, stage: string, params: string[] }} target `params`: the stages that serverless.yml has
 * params for
 * @returns {string | undefined} one line that says what to do
 */
export function missingForDeployment({ webOrigin, dynamodbPrefixList }, { region, stage, params }) {
  // bin/console/target.ts takes any such stage for production.
  if (/^prod/i.test(stage) && !params.includes(stage))
    return (
      `Stage ${stage} sounds like production, but has the settings of a stage that loses its data with its stack: ` +
      'call it prod, or give it params of its own in serverless.yml.'
    );
  if (!/^pl-[0-9a-f]+$/.test(dynamodbPrefixList))
    return (
      `serverless.yml does not have the DynamoDB prefix list of region ${region}: ask AWS for it (aws ec2 describe-managed-prefix-lists ` +
      `--region ${region} --filters Name=prefix-list-name,Values=com.amazonaws.${region}.dynamodb) and pass --param="dynamodbPrefixList=pl-…".`
    );
  const insecure = webOrigins.parseWebOrigins(webOrigin).origins.find((origin) => !origin.startsWith('https:'));
  if (insecure)
    return `WEB_ORIGIN: ${insecure} is not encrypted. In AWS only https origins may call, as in: WEB_ORIGIN=https://chat.example.com`;
  return invalidWebOrigin(webOrigin);
}
