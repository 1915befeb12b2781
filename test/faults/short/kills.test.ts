import { expect, test } from 'vitest';
import { countFindings } from '../invariants/violation.ts';
import { randomKills } from '../kinds/random-kills.ts';

/** Ten in every test run; CI asks for more. */
const kills = Number(process.env['CROSSDOCK_KILLS'] ?? 10);
const seed = Number(process.env['CROSSDOCK_FAULT_SEED'] ?? Date.now() % 1_000_000);

test(`${kills} kills of the hub lose nothing and double nothing`, { timeout: 120_000 + kills * 15_000 }, async () => {
  const run = await randomKills.run({ seed, faults: kills });
  console.info(
    `seed ${seed}: ${run.faults} kills, ${run.sent} orders sent, ${run.acknowledged} acknowledged, ` +
      `${run.inErp} in the ERP, longest recovery ${Math.round(run.worstRecoveryMs)} ms`,
  );
  expect(countFindings(run.findings), JSON.stringify(run.findings, null, 1)).toBe(0);
  // The run has to have been one.
  expect(run.acknowledged).toBeGreaterThan(kills);
  expect(run.inErp).toBeGreaterThanOrEqual(run.acknowledged);
});
