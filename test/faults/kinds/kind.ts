import type { Findings } from '../invariants/violation.ts';
import type { Judged } from '../judge-world.ts';

/** What one run of a fault kind came to; the numbers add up over runs. */
export interface KindResult {
  /** Faults that were done to the hub. */
  faults: number;
  sent: number;
  acknowledged: number;
  inErp: number;
  lost: number;
  doubled: number;
  /** The longest time from a fault until customers were served again or all was drained. */
  worstRecoveryMs: number;
  findings: Findings;
  /** What else is worth a line: e.g. points that were not reached. */
  notes: string[];
}

/** One way of doing harm, in portions of `faults`. */
export interface FaultKind {
  readonly name: string;
  readonly what: string;
  /** How many faults there are to be in all, over recorded runs. */
  readonly aim: number;
  /** A portion of a long run. */
  readonly portion: number;
  /** Why it cannot be done here. */
  skip?(): string | undefined;
  /** @param options `points`: crash points by their kinds, where not all are wanted */
  run(options: { seed: number; faults: number; points?: readonly string[] }): Promise<KindResult>;
}

export function resultOf(judged: Judged, faults: number, worstRecoveryMs: number, notes: string[] = []): KindResult {
  const { findings, sent, acknowledged, inErp, lost, doubled } = judged;
  const worst = Math.max(worstRecoveryMs, judged.drainedInMs);
  return { faults, sent, acknowledged, inErp, lost, doubled, worstRecoveryMs: worst, findings, notes };
}

/** A portion that threw: no fault of it counts as survived, and it stands as a violation where the results are added up. */
export function brokenOff(error: unknown): KindResult {
  const why = error instanceof Error ? error.message : String(error);
  const none = { faults: 0, sent: 0, acknowledged: 0, inErp: 0, lost: 0, doubled: 0, worstRecoveryMs: 0 };
  return { ...none, findings: { 11: [`the portion broke off: ${why}`] }, notes: [] };
}
