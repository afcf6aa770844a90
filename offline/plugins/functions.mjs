// Bundles the functions. For deployment, serverless-esbuild does it. The local stack has one build for all
// functions (offline/bundle.ts) instead of one for each, and does without loading serverless-esbuild, which alone takes half a
// second.
import { createRequire } from 'node:module';

/**
 * The plugin class of serverless-esbuild, or none. A function, since a class could not return an instance of another one.
 * @param {{ processedInput: { commands: string[] } }} serverless @param {object} options @param {object} utilities
 */
export default function Functions(serverless, options, utilities) {
  if (serverless.processedInput.commands[0] === 'offline') return {};
  const ServerlessEsbuild = createRequire(import.meta.url)('serverless-esbuild');
  return new ServerlessEsbuild(serverless, options, utilities);
}
