/** A transaction set as it is written down. */
export interface SetText {
  type: string;
  functionalId: string;
  label: string;
  /** Which public guide or sample the structure rests on; `unverified` is printed in the reference. */
  provenance: string;
  /** Checks beyond syntax, see `cross-checks.ts`. */
  checks?: string[];
  structure: string;
}
