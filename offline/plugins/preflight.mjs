// Checks, before anything is built, started or sent, that a command has what it needs. If something is missing,
// prints one plain line about it.
import { findRegion } from '../../resources/region.cjs';
import checkout from '../preflight/checkout.cjs';
import { invalidWebOrigin, missingForDeployment } from '../preflight/deployment.mjs';

/** Commands that only make sense for a stage that exists in AWS. `invoke local` is none of them. */
const commandsOfAws = new Set(['deploy', 'info', 'invoke', 'logs', 'metrics', 'remove', 'rollback']);
/** Commands that use WEB_ORIGIN. */
const commandsWithCors = new Set(['deploy', 'offline', 'package']);

export default class Preflight {
  /**
   * @param {{ processedInput: { commands: string[], isHelpRequest: boolean, options: Options },
   * getProvider(name: 'aws'): { getStage(): string }, configurationInput: any, service: any, serviceDir: string }} serverless
   */
  constructor(serverless) {
    /** @type {{ initialize?: () => Promise<void> }} */
    this.hooks = {};
    const { commands, isHelpRequest } = serverless.processedInput;
    if (isHelpRequest) return;
    const command = commands.join(' ');
    const stage = serverless.getProvider('aws').getStage();

    const callsAws = command !== 'invoke local' && commandsOfAws.has(commands[0] ?? '');
    if (stage === 'local' && callsAws)
      refuse(`Stage local only exists on this machine: choose a stage, as in: serverless ${command} --stage dev`);
    if (stage !== 'local' && commands[0] === 'offline') refuse('The local stack is stage local: leave --stage out.');
    const unusable = commands[0] === 'offline' && checkout.unusableCheckout(serverless.serviceDir);
    if (unusable) refuse(unusable);
    const invalid = commandsWithCors.has(commands[0] ?? '') && invalidWebOrigin(serverless.service.custom.webOrigin);
    if (invalid) refuse(invalid);

    const { param, region, 'aws-profile': profile } = serverless.processedInput.options;
    const deploys = command === 'deploy' || command === 'package';
    if (stage !== 'local' || param) {
      // The first code of a plugin that may wait; osls uses the parameters right after it.
      this.asyncInit = async () => {
        // Imported here, since zod would delay every start of the local stack.
        const { openDecision, wrongParameter, wrongStageName } = await import('../preflight/parameters.mjs');
        const { readStageFile } = await import('../preflight/stage-file.mjs');
        const { configurationInput, serviceDir } = serverless;
        const wrongName = wrongStageName(stage, configurationInput);
        if (wrongName) refuse(wrongName);
        const { params, wrong } = readStageFile(configurationInput.params, stage, serviceDir);
        if (!params) refuse(wrong);
        const refusal =
          wrongParameter(params, stage, param) ?? (deploys ? openDecision(params, stage, param) : undefined);
        if (refusal) refuse(refusal);
      };
    }

    if (stage === 'local') return;
    // In the first hook, since osls resolves parameters only after it has constructed the plugins.
    this.hooks.initialize = async () => {
      const { custom, provider } = serverless.service;
      const params = Object.keys(serverless.configurationInput.params);
      const missing = deploys && missingForDeployment(custom, { region: provider.region, stage, params });
      if (missing) refuse(missing);
      if (callsAws && !(await findRegion({ region, profile })))
        refuse('The AWS region is missing: use --region, set AWS_REGION, or set one in the profile.');
    };
  }
}

/** @typedef {{ param?: string[], region?: string, 'aws-profile'?: string }} Options */

/** @param {string} why @returns {never} */
function refuse(why) {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}
