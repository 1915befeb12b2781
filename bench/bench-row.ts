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

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

export const round = (value: number, digits = 2): number => Number(value.toFixed(digits));
