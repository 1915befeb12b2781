import { expect, test } from 'vitest';
import { countFindings } from '../invariants/violation.ts';
import { diskFull } from '../kinds/disk-full.ts';
import type { FaultKind } from '../kinds/kind.ts';
import { lateCommits } from '../kinds/late-commits.ts';
import { lostReplies } from '../kinds/lost-replies.ts';
import { postmasterKills } from '../kinds/postmaster-kills.ts';
import { sigstop } from '../kinds/sigstop.ts';

/** A little of each in every test run, so that no kind of fault is first heard of in a long one. */
const portions: readonly [FaultKind, number][] = [
  [postmasterKills, 2],
  [sigstop, 1],
  [lostReplies, 15],
  [lateCommits, 5],
  [diskFull, 1],
];
const seed = Number(process.env['CROSSDOCK_FAULT_SEED'] ?? Date.now() % 1_000_000);

for (const [kind, faults] of portions) {
  const why = kind.skip?.();
  test.skipIf(why !== undefined)(
    `${kind.name}: ${faults} × ${kind.what}${why === undefined ? '' : ` (skipped: ${why})`}`,
    { timeout: 300_000 },
    async () => {
      const run = await kind.run({ seed, faults });
      console.info(
        `${kind.name}, seed ${seed}: ${run.faults} faults, ${run.sent} orders sent, ${run.acknowledged} acknowledged, ` +
          `${run.inErp} in the ERP, longest recovery ${Math.round(run.worstRecoveryMs)} ms`,
      );
      expect(countFindings(run.findings), JSON.stringify(run.findings, null, 1)).toBe(0);
      expect(run.faults).toBeGreaterThanOrEqual(faults);
      expect(run.inErp).toBeGreaterThanOrEqual(run.acknowledged);
    },
  );
}
