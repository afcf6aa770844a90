import { type FileHandle, open, rm } from 'node:fs/promises';
import type { Command } from 'commander';
import { newDeps } from '../../core/deps.ts';
import { exportUser } from '../../core/export-user.ts';
import { findUser } from '../../core/find-user.ts';
import { exportLineView } from '../../handlers/http/views.ts';
import { CommandError } from '../console/command-error.ts';
import { print, toJson } from '../console/print.ts';
import { addTarget, openTarget, printReadTarget, type TargetOptions } from '../console/target.ts';

export function addExportUser(program: Command): void {
  addTarget(program.command('export'))
    .description('exports all that a user wrote or can read, as JSON lines: the same as the user gets in the settings')
    .argument('<handle>', 'the handle of the user')
    .option('--output <file>', 'write to a new file, which only you can read (default: stdout)')
    .addHelpText('after', '\nExample:\n  $ bin/users export grahams --output grahams.jsonl')
    .action(async (handle: string, { output, ...options }: TargetOptions & { output?: string }) => {
      const target = openTarget(options);
      await printReadTarget(target);
      const deps = newDeps(target.table);
      const user = await findUser(deps, handle);
      const file = output === undefined ? undefined : await newFile(output);
      let count = 0;
      try {
        for (let cursor: string | undefined, isLast = false; !isLast; ) {
          const page = await exportUser(deps, user, { cursor });
          for (const entry of page.entries) {
            const line = exportLineView(entry, user);
            if (file) await file.appendFile(`${JSON.stringify(line)}\n`);
            else await print(toJson(line));
            count++;
          }
          cursor = page.next?.cursor;
          isLast = cursor === undefined;
        }
      } catch (error) {
        if (output !== undefined) await rm(output); // part of an export looks like a whole one
        throw error;
      } finally {
        await file?.close();
      }
      if (output !== undefined) await print(`${output} has ${count} lines.`);
    });
}

/** @throws CommandError when it cannot be created, or there is one already */
async function newFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
    const reason = isThere ? 'it is there already' : (error as Error).message;
    throw new CommandError(`${path} cannot be created: ${reason}.`);
  }
}
