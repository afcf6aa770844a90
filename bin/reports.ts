// The commands of the users' reports.
import { Command } from 'commander';
import { addListReports, addResolveReport, addShowReport } from './commands/reports.ts';

/** The command line of `bin/reports`. */
export const program = new Command('bin/reports')
  .description('Shows and resolves what users report: on the local stack, or in AWS with --stage.')
  .addHelpText('after', '\nExamples:\n  $ bin/reports list\n  $ bin/reports show');

addListReports(program);
addShowReport(program);
addResolveReport(program);
