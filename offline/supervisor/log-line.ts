export interface LogFormat {
  isColoured: boolean;
  /** What the deployed names of functions begin with. */
  functionPrefix: string;
  /** The length of the longest function name, without the prefix of service and stage. */
  functionWidth: number;
}

/**
 * Fields that Powertools adds to each line and that do not help a developer: they are the same in all lines, or have a value only in AWS.
 */
const boilerplate = new Set([
  'cold_start',
  'function_arn',
  'function_memory_size',
  'function_request_id',
  'request_id',
  'sampling_rate',
  'service',
  'xray_trace_id',
]);

/** Parameters of the escape sequences for colours (SGR), https://en.wikipedia.org/wiki/ANSI_escape_code#Colors */
const colours: Record<string, number> = { DEBUG: 90, INFO: 32, WARN: 33, ERROR: 31, CRITICAL: 31 };

/**
 * Formats a log line of a function (Powertools: one JSON object) for a developer to read: time of day, level, function, message, fields.
 * Below an error stands its stack.
 * @returns undefined for any other line
 */
export function formatLogLine(line: string, format: LogFormat): string | undefined {
  const entry = parse(line);
  if (!entry) return undefined;
  const { timestamp, level, message, function_name: name = '', ...others } = entry;
  const fields = Object.entries(others).filter(([key]) => !boilerplate.has(key));
  const time = timeOfDay(String(timestamp));
  const paddedLevel = String(level).padEnd(5);
  const colour = colours[String(level)];
  return [
    time,
    format.isColoured && colour ? `\u001b[${colour}m${paddedLevel}\u001b[39m` : paddedLevel,
    String(name).replace(format.functionPrefix, '').padEnd(format.functionWidth),
    printable(message),
    ...fields.map(
      ([key, value]) => `${key}=${isError(value) ? printable(`${value.name}: ${value.message}`) : printable(value)}`,
    ),
  ]
    .join(' ')
    .concat(...fields.map(([, value]) => stackOf(value)))
    .trimEnd();
}

/** Whether a line is of CloudWatch's embedded metric format. */
export const isMetricsLine = (line: string) => line.startsWith('{"_aws":');

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{"')) return undefined;
  try {
    const entry = JSON.parse(line);
    return entry.level && entry.message !== undefined && entry.timestamp ? entry : undefined;
  } catch {
    return undefined;
  }
}

/** Local time, as `14:03:59.123`. */
function timeOfDay(timestamp: string): string {
  const time = new Date(timestamp);
  if (Number.isNaN(time.getTime())) return timestamp;
  const [hours, minutes, seconds] = [time.getHours(), time.getMinutes(), time.getSeconds()].map(twoDigits);
  return `${hours}:${minutes}:${seconds}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}

const twoDigits = (value: number) => String(value).padStart(2, '0');

/**
 * Prints a single word as it is, and any other value as JSON, so that a log entry stays on one line and no value
 * looks like two fields.
 */
function printable(value: unknown): string {
  if (typeof value === 'string' && /^[\p{L}\p{N}\p{P}\p{S}]+$/u.test(value) && !/["=]/.test(value)) return value;
  return (JSON.stringify(value) ?? '').replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

interface LoggedError {
  name: string;
  message: string;
  stack: string;
  cause?: unknown;
}

const isError = (value: unknown): value is LoggedError =>
  typeof value === 'object' && value !== null && typeof (value as LoggedError).stack === 'string';

function stackOf(value: unknown): string {
  if (!isError(value)) return '';
  const lines = value.stack.split('\n').map((line) => `\n    ${line.trim()}`);
  return lines.join('') + (isError(value.cause) ? `\n    caused by${stackOf(value.cause)}` : '');
}
