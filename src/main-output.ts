/** Where a command writes. Results go to standard output; everything said on the way to standard error. */
export interface Output {
  readonly json: boolean;
  /** The result: the value with --json, the text without. */
  result(value: unknown, text: string | (() => string)): void;
  /** Progress and hints for people. */
  say(text: string): void;
}

export function createOutput(json: boolean): Output {
  return {
    json,
    result(value, text) {
      const shown = json ? JSON.stringify(value) : typeof text === 'string' ? text : text();
      process.stdout.write(`${shown}\n`);
    },
    say: (text) => void process.stderr.write(`${text}\n`),
  };
}

/** Columns padded to their widest cell. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
