/**
 * What holds for every set in releases after 004010. Their tables are published under licence only: what partners and public
 * references say of them is in `releases.ts`, the rest is the user's to bring with the importer.
 */
export const LATER_RELEASES =
  'later releases in the shape of 004010 with the longer fields that public references name; what else they add is published under licence only, so it is unverified here and can be imported';

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
