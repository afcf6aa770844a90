import process from 'node:process';
import { SingleBar } from 'cli-progress';

/** A progress bar on stderr, if that is a terminal. */
export class Progress {
  readonly #bar: SingleBar | undefined;
  #total: number;

  /** @param total the estimated amount of work; it grows when `update` exceeds it */
  constructor(label: string, total: number) {
    this.#total = total;
    const { stderr } = process;
    if (!stderr.isTTY) return;
    this.#bar = new SingleBar({
      format: (_, { value, total, eta }) => {
        const rest = Number.isFinite(eta) ? timeLeft(eta) : ''; // unknown before the first update
        return progressLine(label, { value, total, rest }, stderr.columns);
      },
      stream: stderr,
      hideCursor: false,
      clearOnComplete: true,
    });
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

const timeLeft = (seconds: number) => (seconds > 90 ? `${Math.ceil(seconds / 60)} min` : `${seconds} s`);

const widestBar = 40;
const narrowestBar = 8;

/**
 * A line with a bar that is shorter than the terminal is wide: what does not fit would be cut off. A narrow terminal gets a shorter
 * bar first, then no time, no bar, no numbers.
 * @param rest the time that is left, as text; empty when it is unknown
 */
export function progressLine(
  label: string,
  { value, total, rest }: { value: number; total: number; rest: string },
  columns: number,
): string {
  const part = total > 0 ? value / total : 1;
  const percentage = `${Math.floor(part * 100)}%`;
  const numbers = `${percentage} | ${value}/${total}`;
  const texts = [...(rest === '' ? [] : [`${numbers} | ${rest}`]), numbers];
  const roomIn = (text: string) => columns - `${label}  ${text} `.length;
  const besideBar = texts.find((text) => roomIn(text) >= narrowestBar);
  if (besideBar === undefined) return `${label} ${texts.find((text) => roomIn(text) >= 0) ?? percentage}`;
  const width = Math.min(widestBar, roomIn(besideBar));
  const done = Math.floor(part * width);
  return `${label} ${'■'.repeat(done)}${' '.repeat(width - done)} ${besideBar}`;
}
