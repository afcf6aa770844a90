import { tsImport } from 'tsx/esm/api';

/**
 * Delivers the table's stream to the functions that declare it: what Lambda's event source mapping does when deployed.
 * The stock plugin for this loses records and ignores most settings (see stream/deliver.ts for the rules).
 */
export default class Stream {
  /**
   * @param {import('./stream/plugin.ts').Host} serverless
   * @param {unknown} _options
   * @param {{ log: { warning(line: string): void } }} utils
   */
  constructor(serverless, _options, { log }) {
    /** @type {import('./stream/plugin.ts').StreamPlugin | undefined} */
    let plugin;
    this.hooks = {
      // A setting that cannot be emulated ends the command here, before anything runs that would have to be stopped.
      initialize: async () => {
        if (serverless.processedInput.commands[0] !== 'offline') return;
        const { streamPlugin } = await tsImport('./stream/plugin.ts', import.meta.url);
        plugin = streamPlugin(serverless, (/** @type {string} */ line) => log.warning(line));
      },
      'before:offline:start:init': () => plugin?.start(),
      'before:offline:start:end': () => plugin?.stop(),
    };
  }
}
