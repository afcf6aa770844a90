// The commands of the table.
import { Command } from 'commander';
import { addDescribeTable } from './commands/describe-table.ts';
import { addDoctor } from './commands/doctor.ts';
import { addDrop } from './commands/drop.ts';
import { addImport } from './commands/import.ts';
import { addListTables } from './commands/list-tables.ts';
import { addPatterns } from './commands/patterns.ts';
import { addScan } from './commands/scan.ts';
import { addSchemaLoad } from './commands/schema-load.ts';
import { addSeed } from './commands/seed.ts';
import { addSetup } from './commands/setup.ts';

/** The command line of `bin/ddb`. */
export const program = new Command('bin/ddb')
  .description('Manages the table of cruddur-messages: of the local stack, or in AWS with --stage.')
  .addHelpText(
    'after',
    '\nA command is an argument: bin/ddb scan, where Cruddur’s first scripts had bin/ddb/scan.\n\nExamples:\n  $ bin/ddb setup\n  $ bin/ddb doctor',
  );

for (const add of [
  addSchemaLoad,
  addListTables,
  addDescribeTable,
  addDrop,
  addSeed,
  addImport,
  addScan,
  addSetup,
  addPatterns,
  addDoctor,
])
  add(program);
