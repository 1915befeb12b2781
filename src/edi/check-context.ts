import type { Severity } from './issue.ts';
import { CONTROL, DOT } from './segment-view.ts';

/** What an interchange's header decides about the checks of its values. */
export interface CheckContext {
  edifact: boolean;
  /** Decimal marks admitted in EDIFACT numbers, as a mask of DOT and COMMA. */
  decimalMarks: number;
  /** Character classes that the interchange's character set excludes. */
  forbidden: number;
  /** Whether trailing component separators are this interchange's line ends and mean nothing. */
  ignoreTrailingComponents: boolean;
  /** Of a separator with nothing after it. */
  trailingSeverity: Severity;
}

/** What counts before a header has said anything. */
export const USUAL_CONTEXT: CheckContext = {
  edifact: false,
  decimalMarks: DOT,
  forbidden: CONTROL,
  ignoreTrailingComponents: false,
  trailingSeverity: 'warning',
};
