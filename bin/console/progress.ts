import process from 'node:process';
import { Presets, SingleBar } from 'cli-progress';

/** A progress bar on stderr, if that is a terminal. */
export class Progress {
  readonly #bar: SingleBar | undefined;
  #total: number;

  /** @param total the estimated amount of work; it grows when `update` exceeds it */
  constructor(label: string, total: number) {
    this.#total = total;
    if (!process.stderr.isTTY) return;
    const format = `${label} {bar} {percentage}% | {value}/{total} | {eta_formatted}`;
    this.#bar = new SingleBar(
      { format, stream: process.stderr, hideCursor: false, clearOnComplete: true },
      Presets.rect,
    );
    this.#bar.start(total, 0);
  }

  update(done: number): void {
    if (done > this.#total) {
      this.#total = done;
      this.#bar?.setTotal(done);
    }
    this.#bar?.update(done);
  }

  /** Prints a line of data to stdout without leaving parts of the bar in it. */
  print(line: string): void {
    if (this.#bar && process.stdout.isTTY) process.stderr.write('\r\u001b[K'); // clears the bar, which redraws itself
    console.log(line);
  }

  stop(): void {
    this.#bar?.stop();
  }
}
