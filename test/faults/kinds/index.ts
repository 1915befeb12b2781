import { crashAtPoints } from './crash-at-points.ts';
import { diskFull } from './disk-full.ts';
import { duplicates } from './duplicates.ts';
import type { FaultKind } from './kind.ts';
import { lateCommits } from './late-commits.ts';
import { lostReplies } from './lost-replies.ts';
import { postmasterKills } from './postmaster-kills.ts';
import { randomKills } from './random-kills.ts';
import { sigstop } from './sigstop.ts';

/** Every kind of fault that a long run does. */
export const faultKinds: readonly FaultKind[] = [
  crashAtPoints,
  randomKills,
  postmasterKills,
  sigstop,
  diskFull,
  lostReplies,
  lateCommits,
  duplicates,
];
