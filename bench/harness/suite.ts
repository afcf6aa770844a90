// What a suite of measurements is, and what it returns. All of it is plain JSON: documents and plots are made from the stored results.

/** A suite: one file in bench/suites/, run by `npm run bench -- <name>`. */
export interface Suite {
  /** As on the command line, and of its results: docs/measurements/<name>.json. */
  name: string;
  /** The heading of its section in the document. */
  title: string;
  /** Whether it runs only when it is named: it takes longer than all the others. */
  takesLong?: true;
  run: (bench: Bench) => Promise<Result>;
}

/** What a suite gets. */
export interface Bench {
  /** Whether to measure also what takes long (`--full`). */
  isFull: boolean;
  /** Says what the suite does now. On a terminal, the next line replaces it. */
  progress: (doing: string) => void;
  /** Registers what must end with the suite, such as a database. It also runs when the suite fails or Ctrl-C ends it. */
  atEnd: (end: () => Promise<unknown>) => void;
}

/** What a suite returns. */
export interface Result {
  /** The numbers that matter, each with its target if it has one. Other documents take them by their ids. */
  figures: Figure[];
  /** The heading of the figures' column, default `measured`. */
  heading?: string;
  /** The rest of the section, in this order. */
  blocks: Block[];
}

/** A number that is reported by itself. */
export interface Figure {
  /** Unique in the suite. */
  id: string;
  /** What was measured, in words. */
  what: string;
  value: number;
  unit: Unit;
  /** The target, if there is one. */
  atMost?: number;
  atLeast?: number;
}

/** How a number is shown: `×` is a ratio, `` a plain number. */
export type Unit = '' | '×' | 'ms' | 's' | 'KB' | 'units' | 'requests' | 'a second' | '$';

export type Block = Text | Table | Plot;

/** A paragraph of Markdown. */
export interface Text {
  kind: 'text';
  text: string;
}

export interface Table {
  kind: 'table';
  title: string;
  columns: string[];
  /** One cell a column. A number is shown with three significant digits; give a string for another form. */
  rows: (string | number)[][];
}

/** A plot, drawn as docs/measurements/<name>.svg. */
export interface Plot {
  kind: 'plot';
  /** Unique among all suites: the file's name. */
  name: string;
  title: string;
  form: 'lines' | 'bars';
  x: Axis;
  y: Axis;
  series: Series[];
}

export interface Axis {
  label: string;
  /** Default linear. An axis with `categories` has these names at 0, 1, 2 …; on the y axis they make bars that lie. */
  scale?: 'linear' | 'log';
  /** Where the axis begins; by default, the library finds a round number. */
  from?: number;
  categories?: string[];
}

export interface Series {
  name: string;
  points: [x: number, y: number][];
}

/** A suite's stored result: what it returned, when, and on what. */
export interface Measurement extends Result {
  suite: string;
  /** The day, as `2026-11-27`. */
  date: string;
  seconds: number;
  isFull: boolean;
  machine: Machine;
}

export interface Machine {
  cpu: string;
  cores: number;
  memory: string;
  system: string;
  versions: Record<string, string>;
}

/** Whether a figure meets its target; undefined if it has none. */
export function meetsTarget({ value, atMost, atLeast }: Figure): boolean | undefined {
  if (atMost === undefined && atLeast === undefined) return undefined;
  return value <= (atMost ?? Number.POSITIVE_INFINITY) && value >= (atLeast ?? Number.NEGATIVE_INFINITY);
}
