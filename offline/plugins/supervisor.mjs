// Starts and ends the local stack. osls's plugins must be JavaScript, since Node 20 cannot read TypeScript; this one
// only calls offline/supervisor/*.ts, which do the work.
import { importTypeScript } from './import-typescript.mjs';

const emulator = import.meta.resolve('serverless-offline');

/** @typedef {import('../supervisor/local-stack.ts').Serverless} Serverless */
/** @typedef {import('../supervisor/local-stack.ts').LocalStack} LocalStack */

export default class Supervisor {
  /** @param {Serverless} serverless @param {Record<string, string | undefined>} options */
  constructor(serverless, options) {
    const { commands, isHelpRequest } = serverless.processedInput;
    const isLocal = serverless.getProvider('aws').getStage() === 'local';
    const command = isLocal && !isHelpRequest ? commands.join(' ') : '';
    this.hooks = {};

    if (command === 'invoke local') this.hooks = { initialize: async () => (await load()).lendTable() };
    if (command !== 'offline' && command !== 'offline start') return;

    // Database and bundles take longest, so they start here, while osls still reads the configuration.
    const starting = load().then(async (stack) => {
      await stack.start();
      return stack;
    });
    // While the database starts, load the modules that are needed after it, ours and those that serverless-offline would load later.
    const contents = starting.then(() => importTypeScript(new URL('../supervisor/contents.ts', import.meta.url)));
    // Ignored here: the hooks that await the same promises report the errors.
    contents.then(preloadServerlessOffline).catch(() => {});

    this.hooks = {
      // Not earlier: only now does osls know the deployed names of the functions.
      initialize: async () => (await starting).startSignIn(),
      // serverless-dynamodb has hooks for `offline start` alone, so `offline` runs that command. Its last hook ends the process.
      'before:offline:start': () => serverless.pluginManager.spawn('offline:start'),
      'before:offline:start:init': async () => (await starting).fill(await contents),
      // The last hook before serverless-offline listens for HTTP.
      'offline:start:init': async () => (await starting).isReady(),
      'after:offline:start:init': async () => (await starting).announce(await contents),
      'before:offline:start:end': async () => (await starting).stopDelivery(),
      'offline:start:end': async () => (await starting).stop(0),
    };

    /** @returns {Promise<LocalStack>} */
    async function load() {
      const { LocalStack } = await importTypeScript(new URL('../supervisor/local-stack.ts', import.meta.url));
      return new LocalStack(serverless, options);
    }
  }
}

async function preloadServerlessOffline() {
  for (const module of ['lambda/index.js', 'events/http/index.js']) await import(new URL(module, emulator).href);
}
