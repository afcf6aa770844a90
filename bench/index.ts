// `npm run bench -- [name…] [--full]`: measures, and writes docs/measurements/ and the documents composed from it.
import process from 'node:process';
import { Command } from 'commander';
import { suites } from './pages.ts';
import { print, run } from './run.ts';

// The SDK's notice about Node 20 would stand between the lines of progress.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const names = suites.map(({ name }) => name);

const program = new Command('npm run bench --')
  .description('Measures cruddur-messages on this machine and writes docs/measurements.')
  .argument('[suite...]', `which suites, all of them by default: ${names.join(', ')}`)
  .option('--full', 'measure also what takes many minutes', false)
  .action(async (chosen: string[], { full }: { full: boolean }) => {
    const unknown = chosen.find((name) => !names.includes(name));
    if (unknown) program.error(`There is no suite "${unknown}". The suites are ${names.join(', ')}.`, { exitCode: 2 });
    for (const suite of suites) {
      if (chosen.length === 0 || chosen.includes(suite.name)) print(await run(suite, full));
    }
  });

// Every process that a suite starts ends with this one (test/support/start-dynamodb-local.ts).
process.once('SIGINT', () => process.exit(130));
await program.parseAsync();
