// Stands in for @aws-sdk/lib-dynamodb in the bundle: commands that hold their input, and nothing else.

type Handler = (args: object) => Promise<unknown>;
type Middleware = (next: Handler) => Handler;

/** As much of the SDK's stack as calls the middleware that was added to it. */
class MiddlewareStack {
  #middleware: Middleware | undefined;

  add(middleware: Middleware): void {
    this.#middleware = middleware;
  }

  resolve(attempt: Handler): Handler {
    return this.#middleware?.(attempt) ?? attempt;
  }
}

class Command {
  readonly input: object;
  readonly middlewareStack = new MiddlewareStack();

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
