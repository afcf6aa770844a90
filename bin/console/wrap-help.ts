/**
 * Breaks a help text between words, where a terminal would break it anywhere. Lines without indentation that follow each other are a
 * paragraph, and are filled anew; every other line is a line of its own, whose continuation is indented further.
 * @param columns the width of the terminal
 */
export function wrapHelp(text: string, columns: number): string {
  return text
    .replaceAll(/(?<=^\S.*)\n(?=\S)/gm, ' ')
    .split('\n')
    .flatMap((line) => wrapLine(line, columns))
    .join('\n');
}

function wrapLine(line: string, columns: number): string[] {
  const [indent = ''] = /^ */.exec(line) ?? [];
  const continued = indent === '' ? '' : `${indent}  `;
  const lines: string[] = [];
  let rest = line;
  while (rest.length > columns) {
    const start = rest.length - rest.trimStart().length;
    // The last blank that leaves a line which fits, or the first one behind a word that does not.
    const before = rest.lastIndexOf(' ', columns);
    const end = before > start ? before : rest.indexOf(' ', start);
    if (end < 0) break;
    lines.push(rest.slice(0, end).trimEnd());
    rest = continued + rest.slice(end).trimStart();
  }
  return [...lines, rest];
}
