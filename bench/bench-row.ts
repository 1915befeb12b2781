/** One line of the benchmark's table. */
export interface Row {
  name: string;
  value?: number;
  unit: string;
  /** The least (or, with `atMost`, the most) that it must be. */
  gate?: number;
  atMost?: boolean;
  detail?: unknown;
  skipped?: string;
  /** The same on a busy machine: what a test may insist on (`--steady`). */
  steady?: boolean;
}

/** Of an even number the mean of the two in the middle: the larger of two rounds is not what both came to. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [lower, upper] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return lower === undefined || upper === undefined ? Number.NaN : (lower + upper) / 2;
}

export const round = (value: number, digits = 2): number => Number(value.toFixed(digits));
