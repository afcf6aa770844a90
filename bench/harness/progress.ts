import process from 'node:process';

const pause = 2_000; // milliseconds between two lines, where there is no terminal

/** Shows on stderr what is done now. On a terminal a line replaces the one before it. */
export function startProgress(suite: string): { progress: (doing: string) => void; end: () => void } {
  const { stderr } = process;
  let last = Number.NEGATIVE_INFINITY;
  return {
    progress: (doing) => {
      const line = `${suite}: ${doing}`;
      if (stderr.isTTY) stderr.write(`\r\u001b[K${line.slice(0, stderr.columns - 1)}`);
      else if (performance.now() - last >= pause) {
        last = performance.now();
        stderr.write(`${line}\n`);
      }
    },
    end: () => void (stderr.isTTY && stderr.write('\r\u001b[K')),
  };
}
