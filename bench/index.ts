// `npm run bench -- [name…] [--full]`: measures, and writes docs/measurements/ and the documents composed from it.
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { Command } from 'commander';
import { writeDocuments } from './harness/files.ts';
import { mainFigures, pages, suites } from './pages.ts';
import { print, run } from './run.ts';

// The SDK's notice about Node 20 would stand between the lines of progress.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const names = suites.map(({ name }) => name);

const program = new Command('npm run bench --')
  .description('Measures cruddur-messages on this machine and writes docs/measurements.')
  .argument(
    '[suite...]',
    `which suites, by default all but those that take long: ${suites.map(({ name, takesLong }) => (takesLong ? `${name} (long)` : name)).join(', ')}`,
  )
  .option('--full', 'measure also what takes many minutes', false)
  .option('--compose', 'measure nothing: write the documents from the stored results', false)
  .action(async (chosen: string[], { full, compose }: { full: boolean; compose: boolean }) => {
    if (compose) return writeDocuments(pages, mainFigures);
    const unknown = chosen.find((name) => !names.includes(name));
    if (unknown) program.error(`There is no suite "${unknown}". The suites are ${names.join(', ')}.`, { exitCode: 2 });
    const toRun = suites.filter(({ name, takesLong }) => (chosen.length === 0 ? !takesLong : chosen.includes(name)));
    const [only, another] = toRun;
    if (only && !another) print(await run(only, full));
    else for (const { name } of toRun) runAlone(name, full);
  });

/** Runs a suite in a process of its own, so that none warms or slows the next one. */
function runAlone(name: string, isFull: boolean): void {
  const args = [...process.execArgv, ...process.argv.slice(1, 2), name, ...(isFull ? ['--full'] : [])];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 130);
}

// Every process that a suite starts ends with this one (test/support/start-dynamodb-local.ts).
process.once('SIGINT', () => process.exit(130));
await program.parseAsync();
