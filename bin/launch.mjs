// Starts the programs of this folder. Plain JavaScript, since it runs before Node can load TypeScript.
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const programs = /** @type {const} */ (['ddb', 'cognito', 'users', 'reports', 'stream']);

/**
 * Runs the command that the arguments name. Whatever goes wrong ends as one line and exit code 2.
 * @param {typeof programs[number]} name the program
 */
export async function launch(name) {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'; // the SDK reads it when it is loaded
  try {
    const { loadCompiled } = await import('./compile.mjs');
    const cli = './bin/console/cli.ts';
    // All programs at once, since they share most of what they import.
    const loaded = await loadCompiled(root, [cli, ...programs.map((each) => `./bin/${each}.ts`)]);
    const [{ run, fail }, { program }] = [loaded[cli], loaded[`./bin/${name}.ts`]];
    process.on('uncaughtException', fail).on('unhandledRejection', fail);
    await run(program);
  } catch (error) {
    // Only loading the files can fail here: `run` handles the errors of the commands.
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    console.error(
      code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
        ? `The packages are not installed: run npm ci first (${message}).`
        : `The command cannot be loaded: ${message.replaceAll(/\s*\n\s*/g, ' ')}`,
    );
    process.exitCode = 2;
  }
}
