import { openTable, type Table } from '../../core/table/client.ts';
import { dynamodbEndpoint } from './database.ts';
import { localConfig } from './table.ts';

/**
 * Another client of a table, whose commands of one kind go through a function.
 * @param commandName such as `TransactWriteItemsCommand`
 * @param intercept gets what executes the command
 */
export function interceptedTable(
  { name }: Table,
  commandName: string,
  intercept: <Answer>(go: () => Promise<Answer>) => Promise<Answer>,
): Table {
  const opened = openTable(name, localConfig(dynamodbEndpoint));
  opened.client.middlewareStack.add(
    (next, context) => (args) => (context.commandName === commandName ? intercept(() => next(args)) : next(args)),
    { step: 'initialize', name: 'intercepted' },
  );
  return opened;
}

/** Another client of a table, which does something just before its first command of a kind. */
export function justBefore(table: Table, commandName: string, action: () => Promise<unknown>): Table {
  let isFirst = true;
  return interceptedTable(table, commandName, async (go) => {
    const acts = isFirst;
    isFirst = false;
    if (acts) await action();
    return go();
  });
}
