import { copyFileSync, openSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { formatLogLine, isMetricsLine, type LogFormat } from './log-line.ts';

/** How the local stack prints; read from the environment and the command line. */
export interface OutputSettings {
  /** Whether the terminal also shows all that the emulators print: `VERBOSE=1` or `--verbose`. */
  isVerbose: boolean;
  /** Whether log lines of functions are printed as the JSON that CloudWatch would get: `LOG_FORMAT=json`. */
  isJson: boolean;
  isColoured: boolean;
}

export function outputSettings(env: NodeJS.ProcessEnv, args: string[], isTerminal: boolean): OutputSettings {
  return {
    isVerbose: args.includes('--verbose') || !['', '0', 'false', undefined].includes(env.VERBOSE),
    isJson: env.LOG_FORMAT === 'json',
    isColoured: isTerminal && (env.NO_COLOR ?? '') === '', // https://no-color.org
  };
}

/**
 * Lines that serverless-offline prints for each request. They are hidden, since the log line of the function says the
 * same.
 */
const perRequest = /^(\(λ: \w+\) RequestId: .*Duration: .*|[A-Z]+ \/\S* \(λ: \w+\)|)$/;

/**
 * Captures what this process prints. All output of osls, its plugins and the functions goes to a log file. The
 * terminal shows only the output of the functions, with their log lines formatted.
 */
export class Output {
  /** The file that receives all output, including that of the emulators, which write to its file descriptor. */
  readonly logFile: string;
  readonly descriptor: number;
  readonly #settings: OutputSettings;
  readonly #format: LogFormat;
  readonly #print = process.stdout.write.bind(process.stdout);
  readonly #complain = process.stderr.write.bind(process.stderr);
  #isMuted = true;
  #isStarting = true;
  #isKept = false;
  /** What this process has written during the start. */
  #hidden = '';

  constructor(logFile: string, settings: OutputSettings, format: Omit<LogFormat, 'isColoured'>) {
    this.logFile = logFile;
    this.descriptor = openSync(logFile, 'a');
    this.#settings = settings;
    this.#format = { ...format, isColoured: settings.isColoured };
  }

  get isVerbose(): boolean {
    return this.#settings.isVerbose;
  }

  /** Begins to capture. */
  capture(): void {
    process.stdout.write = this.#capturing(this.#print);
    process.stderr.write = this.#capturing(this.#complain);
    process.once('exit', (code) => {
      if (code !== 0) this.keep();
    });
  }

  /** Turns captured output to the terminal off and on again: it is off while the stack starts and stops. */
  mute(isMuted: boolean): void {
    this.#isMuted = isMuted;
    if (!isMuted) this.#isStarting = false;
  }

  /** Prints lines of the stack itself. */
  say(text: string): void {
    this.#print(`${text}\n`);
  }

  /** Takes output of an emulator that does not write to the file descriptor. */
  record(text: string): void {
    this.#write(text);
    if (this.isVerbose) this.#print(text);
  }

  /** Prints a warning or an error of the stack itself. */
  warn(text: string): void {
    this.#write(`${text}\n`);
    this.#complain(`${text}\n`);
  }

  /** Prints the one line that tells the developer what to do. After it, no captured output is printed any more. */
  explain(text: string): void {
    this.#isKept = true;
    this.warn(text);
  }

  #capturing(print: typeof process.stdout.write): typeof process.stdout.write {
    let rest = '';
    return ((chunk: string | Uint8Array, encoding?: unknown, done?: unknown) => {
      const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      this.#write(text);
      if (this.#isStarting && !this.#settings.isVerbose) this.#hidden += text;
      const lines = `${rest}${text}`.split('\n');
      rest = lines.pop() ?? '';
      const shown = lines.flatMap((line) => this.#forTerminal(line));
      if (shown.length > 0) print(shown.map((line) => `${line}\n`).join(''));
      const callback = typeof encoding === 'function' ? encoding : done;
      if (typeof callback === 'function') process.nextTick(callback as () => void);
      return true;
    }) as typeof process.stdout.write;
  }

  /** The lines of the terminal for one that was captured. */
  #forTerminal(line: string): string[] {
    const { isVerbose, isJson } = this.#settings;
    if (!isVerbose && (this.#isMuted || isMetricsLine(line) || perRequest.test(line))) return [];
    return [(isJson ? undefined : formatLogLine(line, this.#format)) ?? line];
  }

  #write(text: string): void {
    try {
      writeSync(this.descriptor, text);
    } catch {
      // a full disk must not stop the stack
    }
  }

  /** After a failure, prints what the start has hidden, and keeps a copy of the log file, which is otherwise removed with the stack. */
  keep(): void {
    if (this.#isKept) return;
    this.#isKept = true;
    const kept = join(dirname(dirname(this.logFile)), 'last-failure.log');
    if (this.#isStarting) this.#complain(this.#hidden);
    try {
      copyFileSync(this.logFile, kept);
      this.#complain(`All that the emulators printed: ${kept}\n`);
    } catch {
      // the log file is gone already
    }
  }
}
