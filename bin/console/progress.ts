import process from 'node:process';
import { Presets, SingleBar } from 'cli-progress';

/** A progress bar on stderr, if that is a terminal; and lines on stdout that do not run into it. */
export class Progress {
  readonly #bar: SingleBar | undefined;
  #total: number;

  /** @param total how much there is to do, roughly: it grows when there turns out to be more */
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

  /** A line of data on stdout. */
  print(line: string): void {
    if (this.#bar && process.stdout.isTTY) process.stderr.write('\r\u001b[K'); // the bar draws itself again
    console.log(line);
  }

  stop(): void {
    this.#bar?.stop();
  }
}
