// Stands in for @aws-sdk/lib-dynamodb in the bundle: commands that hold their input, and nothing else.

class Command {
  readonly input: object;
  /** The table in memory has no attempts that a middleware could count. */
  readonly middlewareStack = { add: () => {} };
  constructor(input: object) {
    this.input = input;
  }
}

export class BatchGetCommand extends Command {}
export class GetCommand extends Command {}
export class PutCommand extends Command {}
export class QueryCommand extends Command {}
export class ScanCommand extends Command {}
export class TransactGetCommand extends Command {}
export class TransactWriteCommand extends Command {}
export class UpdateCommand extends Command {}
export class DeleteCommand extends Command {}
