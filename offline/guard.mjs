// The first plugin. It looks before anything starts, sets the scene for the functions, and sees to it that nothing of a
// local stack outlives it. Plugins must be JavaScript on Node 20: what it does stands in offline/guard/*.ts.
import { tsImport } from 'tsx/esm/api';

/** @typedef {import('./guard/local-stack.ts').Serverless} Serverless */
/** @typedef {import('./guard/local-stack.ts').LocalStack} LocalStack */

/** What only means something in a stage that exists in AWS. */
const commandsOfAws = new Set(['deploy', 'remove', 'rollback']);

export default class Guard {
  /** @param {Serverless} serverless @param {Record<string, string | undefined>} options */
  constructor(serverless, options) {
    /** @type {Promise<LocalStack> | undefined} loaded when first needed: `serverless package` needs none of it */
    let loaded;
    const stack = () => {
      loaded ??= tsImport('./guard/local-stack.ts', import.meta.url).then(
        (module) => new module.LocalStack(serverless, options),
      );
      return loaded;
    };

    const isLocal = () => serverless.getProvider('aws').getStage() === 'local';

    /** Called by osls before any hook, so before it says that it is deploying. */
    this.asyncInit = async () => {
      const { commands, isHelpRequest } = serverless.processedInput;
      if (isHelpRequest) return;
      const command = commands.join(' ');
      if (isLocal() && commandsOfAws.has(commands[0] ?? ''))
        refuse(`Stage local only exists on this machine: choose a stage, as in: serverless ${command} --stage dev`);
      if (!isLocal() && commands[0] === 'offline') refuse('The local stack is stage local: leave --stage out.');
    };

    this.hooks = {
      initialize: async () => {
        if (isLocal() && serverless.processedInput.commands.join(' ') === 'invoke local')
          await (await stack()).lendTable();
      },
      // serverless-dynamodb only knows `offline start`: this makes `offline` the same. Its last hook ends the process.
      'before:offline:start': () => serverless.pluginManager.spawn('offline:start'),
      'before:offline:start:init': async () => (await stack()).start(),
      'offline:start:init': async () => (await stack()).signsIn(), // the last moment before HTTP listens
      'after:offline:start:init': async () => (await stack()).announce(),
      'offline:start:end': async () => (await stack()).stop(0),
      error: async () => (await loaded)?.fail(),
    };
  }
}

/** @param {string} why @returns {never} */
function refuse(why) {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}
