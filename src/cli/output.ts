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
      process.stdout.write(`${json ? harmlessJson(shown) : harmless(shown)}\n`);
    },
    say: (text) => void process.stderr.write(`${harmless(text)}\n`),
  };
}

/**
 * Names, references and reasons come from outside, and must not steer the terminal that shows them: control characters are
 * written out, as `crossdock edi check` does. Nothing that a command says by this way is in colour.
 */
export function harmless(text: string): string {
  return text.replaceAll(/(?![\n\t])\p{Cc}/gu, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** JSON writes out the first 32 by itself, and leaves the others, of which 9B begins a sequence as ESC [ does. */
function harmlessJson(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
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
