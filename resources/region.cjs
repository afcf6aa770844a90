// The AWS region: that of --region, of the environment, or of the profile. bin/console/target.ts follows the same rule. JavaScript,
// because osls itself reads neither the environment nor the profile.

/**
 * @param {{ region?: string | undefined, profile?: string | undefined }} options of the command
 * @returns {Promise<string | undefined>} undefined if no region is set
 */
async function findRegion({ region, profile }) {
  const named = region || process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION;
  if (named) return named;
  // The SDK's own reader of ~/.aws/config. Loaded here, since the local stack does not need it.
  const { loadConfig, NODE_REGION_CONFIG_FILE_OPTIONS, NODE_REGION_CONFIG_OPTIONS } = require('@smithy/core/config');
  const ofProfile = loadConfig(
    // Not the environment: an empty AWS_REGION, as a variable of CI may be, would count.
    { ...NODE_REGION_CONFIG_OPTIONS, environmentVariableSelector: () => undefined },
    { ...NODE_REGION_CONFIG_FILE_OPTIONS, ...(profile && { profile }) },
  );
  return ofProfile().catch(() => undefined); // there is no such file, or no such profile in it, or it has no region
}

// Stage local and packaging need no AWS account: without a region they work as in this one. offline/plugins/preflight.mjs refuses the
// commands that call AWS.
const anyRegion = 'us-east-1';

/**
 * @param {{ options: Record<string, string | undefined>, resolveVariable(variable: string): Promise<string> }} osls
 * @returns {Promise<string>}
 */
async function region({ options, resolveVariable }) {
  if ((await resolveVariable('sls:stage')) === 'local') return anyRegion;
  return (await findRegion({ region: options.region, profile: options['aws-profile'] })) ?? anyRegion;
}

module.exports = { findRegion, region };
