/** A broken promise, told so that one can start to look for it. Every checker answers all it finds; none is good. */
export type Violation = string;

/** The invariants of reliability.md that a checker here judges, by their numbers there. */
export const invariantNames = {
  1: 'no loss',
  2: 'no duplicate effect',
  3: 'unknown is unknown',
  4: 'same key, same answer',
  5: 'the ledger sums',
  6: 'order',
  7: 'a redrive keeps its place',
  8: 'replay is idempotent',
  9: 'fencing',
  10: 'no event stays unpublished',
  11: 'liveness',
  12: 'quiet windows',
  13: 'poison isolation',
  14: 'stored bytes are received bytes',
} as const;
export type Invariant = keyof typeof invariantNames;

export type Findings = Partial<Record<Invariant, Violation[]>>;

export const countFindings = (findings: Findings): number =>
  Object.values(findings).reduce((sum, violations) => sum + violations.length, 0);
