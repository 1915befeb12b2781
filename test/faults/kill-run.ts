import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { tempDir, testDatabase } from '../harness/index.ts';
import {
  type OutsideLogs,
  type Violation,
  checkKeyOrder,
  checkLedgerSums,
  checkNoDuplicates,
  checkNoLoss,
  checkRepeats,
  erpOrders,
} from './invariants.ts';
import { type SentOrder, startOrderClient } from './order-client.ts';
import { type RidgelineHub, startRidgelineHub } from './ridgeline-hub.ts';

export interface KillRun {
  kills: number;
  sent: readonly SentOrder[];
  acknowledged: number;
  abandoned: number;
  erpOrders: number;
  /** How long the hub took to finish everything after the last start. */
  drainedInMs: number;
  violations: Record<string, Violation[]>;
}

/** The hub must have finished everything by then. */
const drainLimitMs = 120_000;

/**
 * Kills the hub at random moments while customers order and the warehouse works, lets it finish, and holds what the
 * clients saw and what the systems around it did against the invariants of the ledger.
 */
export async function killRun(kills: number): Promise<KillRun> {
  const database = await testDatabase();
  const folder = tempDir();
  const env = { CROSSDOCK_LEASE_MS: '1000' };
  const run = await startRidgelineHub({ folder: folder.path, databaseUrl: database.url, env });
  try {
    const client = startOrderClient({
      url: run.hub.url,
      adminKey: run.adminKey,
      concurrency: 3,
      pauseMs: 30,
      abandonOneIn: 4,
    });
    for (let kill = 0; kill < kills; kill++) {
      // From "barely up" to "in full swing".
      await sleep(randomInt(20, 1_500));
      await run.hub.kill();
      await run.restart();
    }
    await sleep(500);
    await client.stop();
    const startedMs = performance.now();
    await drained(run, database.owner);
    const drainedInMs = performance.now() - startedMs;
    const logs = outsideLogs(run);
    return {
      kills,
      sent: client.sent,
      acknowledged: client.sent.filter((order) => order.answers.some((answer) => answer.status === 201)).length,
      abandoned: client.sent.filter((order) => order.abandoned).length,
      erpOrders: erpOrders(logs).length,
      drainedInMs,
      violations: {
        '1 no loss': await checkNoLoss(client.sent, logs, database.owner),
        '2 no duplicate effect': checkNoDuplicates(logs),
        '3 unknown converges, 4 same key same order': checkRepeats(client.sent),
        '5 the ledger sums': await checkLedgerSums(database.owner),
        '6 order': await checkKeyOrder(logs, database.owner),
      },
    };
  } finally {
    await run.stop();
    await database.drop();
    folder.remove();
  }
}

function outsideLogs({ lab }: RidgelineHub): OutsideLogs {
  return {
    erp: lab.logs('erp'),
    wms: [...lab.logs('wms-dc1'), ...lab.logs('wms-dc2')],
    carrier: lab.logs('carrier'),
  };
}

/** Waits until every delivery is final and no new one has come for a moment (the lab answers with webhooks). */
async function drained(run: RidgelineHub, db: pg.Pool): Promise<void> {
  const deadline = performance.now() + drainLimitMs;
  let quietSince = performance.now();
  let lastSeen = '';
  for (;;) {
    const { rows } = await db.query(
      `SELECT count(*) FILTER (WHERE state NOT IN ('delivered', 'discarded'))::int AS open, count(*)::int AS n FROM delivery_now`,
    );
    const { open, n } = rows[0] as { open: number; n: number };
    const seen = `${open}/${n}`;
    if (seen !== lastSeen || open > 0) quietSince = performance.now();
    lastSeen = seen;
    if (performance.now() - quietSince > 2_000) return;
    if (performance.now() > deadline || !run.hub.alive) {
      const left = await db.query(
        `SELECT destination, operation, state, count(*)::int AS n, min(error_text) AS why FROM delivery_now
         WHERE state NOT IN ('delivered', 'discarded') GROUP BY 1, 2, 3`,
      );
      throw new Error(
        `not drained within ${drainLimitMs} ms: ${JSON.stringify(left.rows)}; log: ${join(run.dataDir, '..', 'hub.log')}`,
      );
    }
    await sleep(100);
  }
}
