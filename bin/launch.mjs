// Starts the programs of this folder. Plain JavaScript, since it runs before Node can load TypeScript.
import { createRequire } from 'node:module';
import process from 'node:process';

/**
 * Runs the command that the arguments name. Whatever goes wrong ends as one line and exit code 2.
 * @param {'./ddb.ts' | './cognito.ts' | './users.ts' | './reports.ts' | './stream.ts'} file the program
 */
export async function launch(file) {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'; // the SDK reads it when it is loaded
  try {
    // As CommonJS, since each module that is imported as an ES module passes through another thread with tsx: 0.7 s of CPU time more.
    const { register } = await import('tsx/cjs/api');
    register();
    const load = createRequire(import.meta.url);
    const [{ run, fail }, { program }] = [load('./console/cli.ts'), load(file)];
    process.on('uncaughtException', fail).on('unhandledRejection', fail);
    await run(program);
  } catch (error) {
    // Only loading the files can fail here: `run` handles the errors of the commands.
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    console.error(
      code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
        ? `The packages are not installed: run npm ci first (${message}).`
        : `The command cannot be loaded: ${message}`,
    );
    process.exitCode = 2;
  }
}
