// Bundles the functions. For deployment, serverless-esbuild does it. The local stack has one build for all
// functions (offline/bundle.ts) instead of one for each, and does without loading serverless-esbuild, which alone takes half a
// second.
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
