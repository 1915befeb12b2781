import type { ExceptionCode } from '../exceptions/index.ts';

/** Why nothing of a warehouse's document was applied: what a person has to settle. */
export interface StockProblem {
  readonly code: ExceptionCode;
  /** Tells several of the kind in one document apart. */
  readonly subject: string;
  readonly text: string;
  readonly suggestedFix?: string;
  readonly data?: Record<string, unknown>;
}
