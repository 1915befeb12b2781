/** One line of a comparison: `-` was sent, `+` would be sent now, a blank is common to both. */
export interface DifferenceLine {
  sign: '-' | '+' | ' ';
  text: string;
}

export interface Difference {
  same: boolean;
  lines: DifferenceLine[];
  /** More than is shown differs. */
  truncated: boolean;
}

/** Common lines that are kept around what differs, so that a person sees where it is. */
const contextLines = 2;
const shownLinesMax = 400;
const lineLengthMax = 500;
/** Beyond this many lines on a side the middle is compared as one block: the table would be too large. */
const comparedLinesMax = 1_500;

/** The lines that people read a payload by: JSON indented with its names in order, an interchange by segment. */
function readableLines(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  if (text.startsWith('ISA') && text.length > 106) return segmentsOf(text, text.charAt(105));
  if (/^UN[AB]/.test(text)) return segmentsOf(text, text.startsWith('UNA') ? text.charAt(8) : "'");
  try {
    return JSON.stringify(sorted(JSON.parse(text)), null, 2).split('\n');
  } catch {
    return text.split(/\r?\n/);
  }
}

function segmentsOf(text: string, terminator: string): string[] {
  return text
    .split(terminator)
    .map((segment) => segment.trim())
    .filter((segment) => segment !== '');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
}

/** Compares what was sent with what would be sent now. */
export function compareOutputs(sent: Uint8Array, now: Uint8Array): Difference {
  const before = readableLines(sent);
  const after = readableLines(now);
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  while (
    tail < before.length - head &&
    tail < after.length - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  ) {
    tail++;
  }
  const middle = compareMiddle(before.slice(head, before.length - tail), after.slice(head, after.length - tail));
  if (middle.length === 0) return { same: true, lines: [], truncated: false };
  const common = (lines: readonly string[]): DifferenceLine[] => lines.map((text) => ({ sign: ' ', text }));
  const all = [
    ...common(before.slice(Math.max(0, head - contextLines), head)),
    ...withContext(middle),
    ...common(before.slice(before.length - tail, before.length - tail + contextLines)),
  ];
  const lines = all.slice(0, shownLinesMax).map(({ sign, text }) => ({ sign, text: text.slice(0, lineLengthMax) }));
  return { same: false, lines, truncated: all.length > lines.length };
}

/** The longest common subsequence, by its table of lengths. */
function compareMiddle(before: readonly string[], after: readonly string[]): DifferenceLine[] {
  const gone = before.map((text): DifferenceLine => ({ sign: '-', text }));
  const come = after.map((text): DifferenceLine => ({ sign: '+', text }));
  if (before.length === 0 || after.length === 0) return [...gone, ...come];
  if (before.length > comparedLinesMax || after.length > comparedLinesMax) return [...gone, ...come];
  const width = after.length + 1;
  const lengths = new Uint16Array((before.length + 1) * width);
  const at = (i: number, j: number): number => lengths[i * width + j] as number;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      lengths[i * width + j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: DifferenceLine[] = [];
  for (let i = 0, j = 0; i < before.length || j < after.length; ) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      lines.push({ sign: ' ', text: before[i] as string });
      i++;
      j++;
    } else if (i < before.length && (j >= after.length || at(i + 1, j) >= at(i, j + 1))) {
      lines.push(gone[i++] as DifferenceLine);
    } else {
      lines.push(come[j++] as DifferenceLine);
    }
  }
  return lines;
}

/** Leaves out common lines that are far from any difference. */
function withContext(lines: readonly DifferenceLine[]): DifferenceLine[] {
  const near = new Set<number>();
  for (const [index, line] of lines.entries()) {
    if (line.sign === ' ') continue;
    for (let offset = -contextLines; offset <= contextLines; offset++) near.add(index + offset);
  }
  return lines.filter((_, index) => near.has(index));
}
