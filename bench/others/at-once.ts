import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/**
 * Makes calls collide for certain: each reads what it reads before any of them writes; then they write in the order of their numbers.
 * Whatever a call does after its first write is free.
 */
export class AtOnce {
  #missing: number;
  readonly #complete = new Signal();
  readonly #written: Signal[];

  constructor(calls: number) {
    this.#missing = calls;
    this.#written = Array.from({ length: calls }, () => new Signal());
  }

  /** Runs the n-th call, from 0, whose requests go through this client alone. */
  async run<Result>(n: number, client: DynamoDBDocumentClient, call: () => Promise<Result>): Promise<Result> {
    let hasArrived = false;
    const arrive = () => {
      hasArrived = true;
      this.#missing--;
      if (this.#missing === 0) this.#complete.give();
    };
    client.middlewareStack.add(
      (next, { commandName = '' }) =>
        async (args) => {
          if (hasArrived || !/Write|Put|Update|Delete/.test(commandName)) return next(args);
          arrive();
          await this.#complete.given;
          await this.#written[n - 1]?.given;
          return next(args).finally(() => this.#written[n]?.give());
        },
      { step: 'deserialize', name: 'atOnce', override: true },
    );
    try {
      return await call();
    } finally {
      if (!hasArrived) arrive();
      this.#written[n]?.give();
    }
  }
}

class Signal {
  give: () => void = () => {};
  readonly given = new Promise<void>((resolve) => {
    this.give = resolve;
  });
}
