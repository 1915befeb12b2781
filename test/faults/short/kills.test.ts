import { expect, test } from 'vitest';
import { killRun } from '../kill-run.ts';

/** Ten in every test run; CI asks for more. */
const kills = Number(process.env['CROSSDOCK_KILLS'] ?? 10);

test(`${kills} kills of the hub lose nothing and double nothing`, { timeout: 120_000 + kills * 15_000 }, async () => {
  const run = await killRun(kills);
  console.info(
    `${run.kills} kills: ${run.sent.length} orders sent, ${run.acknowledged} acknowledged, ${run.abandoned} abandoned, ` +
      `${run.erpOrders} in the ERP, drained in ${Math.round(run.drainedInMs)} ms`,
  );
  expect(run.violations).toEqual(Object.fromEntries(Object.keys(run.violations).map((name) => [name, []])));
  // The run has to have been one.
  expect(run.acknowledged).toBeGreaterThan(kills);
  expect(run.erpOrders).toBeGreaterThanOrEqual(run.acknowledged);
});
