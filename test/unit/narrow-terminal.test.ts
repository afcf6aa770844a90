import { Command } from 'commander';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { run } from '../../bin/console/cli.ts';
import { progressLine } from '../../bin/console/progress.ts';
import { wrapHelp } from '../../bin/console/wrap-help.ts';

describe('the progress bar', () => {
  const work = { value: 450_000, total: 1_000_000, rest: '12 min' };

  test.each([
    [120, `doctor ${'■'.repeat(18)}${' '.repeat(22)} 45% | 450000/1000000 | 12 min`],
    [40, 'doctor ■■■■        45% | 450000/1000000'],
    [30, 'doctor 45% | 450000/1000000'],
    [20, 'doctor 45%'],
  ])('fits into %i columns', (columns, line) => {
    expect(progressLine('doctor', work, columns)).toBe(line);
  });

  test('is never wider than the terminal, and always shows the percentage', () => {
    const count = fc.integer({ min: 0, max: 100_000_000 });
    const sizes = [fc.integer({ min: 14, max: 300 }), count, count, fc.constantFrom('', '9 s', '1234 min')] as const;
    fc.assert(
      fc.property(...sizes, (columns, one, other, rest) => {
        const [value, total] = [Math.min(one, other), Math.max(one, other)];
        const line = progressLine('redrive', { value, total, rest }, columns);
        expect(line.length).toBeLessThan(columns);
        expect(line).toMatch(/ \d+%/);
      }),
    );
  });
});

describe('help', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    process.exitCode = undefined;
  });

  const words = (text: string) => text.split(/\s+/).filter(Boolean);
  const text = `Usage: p [options]

One paragraph in two
lines.

Options:
  --stage <stage>   work in AWS, on this deployed stage (default: the local stack)

Examples:
  $ p --stage dev
  $ p`;

  test('keeps its lines where they fit, and joins those of a paragraph', () => {
    expect(wrapHelp(text, 100)).toBe(text.replace('two\n', 'two '));
  });

  test('is broken between words, with an indented continuation', () => {
    const lines = wrapHelp(text, 30).split('\n');
    expect(lines.filter((line) => line.length > 30)).toEqual([]);
    expect(lines).toContain('  --stage <stage>   work in');
    expect(lines).toContain('    AWS, on this deployed');
    expect(lines).toContain('  $ p --stage dev');
  });

  test('loses no word at any width, and breaks none', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 120 }), (columns) => {
        expect(words(wrapHelp(text, columns))).toEqual(words(text));
      }),
    );
  });

  test('is printed in the width of the terminal', async () => {
    let printed = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      printed += chunk;
      return true;
    });
    const { columns } = process.stdout;
    process.stdout.columns = 40;
    const long = `\n${'many words in a row '.repeat(10)}\nand some more.\n\nExample:\n  $ p`;
    try {
      await run(new Command('p').description('does it').addHelpText('after', long), ['node', 'p', '--help']);
    } finally {
      process.stdout.columns = columns;
    }
    expect(printed).toContain('and some more.');
    expect(printed.split('\n').filter((line) => line.length > 40)).toEqual([]);
  });
});
