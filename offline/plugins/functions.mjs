// Bundles the functions. For every command that deploys or packages, serverless-esbuild does it. The local stack uses
// offline/bundle.ts instead: one build for all functions rather than one for each. It does not even load
// serverless-esbuild, because loading it takes half a second.
import { createRequire } from 'node:module';

/**
 * Returns an instance of serverless-esbuild's plugin class, or an empty plugin for the local stack. It is a function
 * because a class constructor should not return an instance of another class.
 * @param {{ processedInput: { commands: string[] } }} serverless
 * @param {object} options
 * @param {object} utilities
 */
export default function Functions(serverless, options, utilities) {
  if (serverless.processedInput.commands[0] === 'offline') return {};
  const ServerlessEsbuild = createRequire(import.meta.url)('serverless-esbuild');
  return new ServerlessEsbuild(serverless, options, utilities);
}
