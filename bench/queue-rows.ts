import pg from 'pg';
import { type Row, median, round } from './bench-row.ts';
import { drainLanes, drainSeeded } from './drain-lanes.ts';
import type { BenchServer } from './postgres.ts';

/** Ordered and audited deliveries against pg-boss, the sides of a round next to each other. */
export async function pgBossRows(server: BenchServer, rounds: number, count: number): Promise<Row[]> {
  const name = 'deliveries, ordered and audited ÷ pg-boss tuned';
  const reference = await import('./pgboss-reference.ts').catch(() => undefined);
  if (reference === undefined) return [{ name, unit: '×', skipped: 'pg-boss is not installed' }];
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let n = 0; n < rounds; n++) {
    theirs.push(await reference.drainPgBoss(await server.createDatabase(`boss_${n}`), count));
    await server.dropDatabase(`boss_${n}`);
    ours.push((await drainLanes(await server.createHubDatabase(`boss_lanes_${n}`), count)).perSecond);
    await server.dropDatabase(`boss_lanes_${n}`);
  }
  const detail = { deliveriesPerSecond: ours.map((v) => round(v, 0)), pgBossPerSecond: theirs.map((v) => round(v, 0)) };
  return [{ name, value: round(median(ours.map((v, n) => v / (theirs[n] ?? Number.NaN)))), unit: '×', detail }];
}

/**
 * Claiming and completing while somebody's snapshot has been open for a while, so that nothing dead can be removed, against the
 * same work on a database without one. Both do the same all the time; what counts is the rounds after `heldSeconds`.
 */
export async function heldSnapshotRows(
  server: BenchServer,
  options: { rounds: number; count: number; heldSeconds: number },
): Promise<Row[]> {
  const fresh = await server.createHubDatabase('snapshot_fresh');
  const held = await server.createHubDatabase('snapshot_held');
  const holder = new pg.Client({ connectionString: server.superuserUrl('snapshot_held') });
  await holder.connect();
  try {
    await holder.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await holder.query('SELECT count(*) FROM delivery');
    const startedMs = performance.now();
    const results: { held: number; fresh: number; heldForSeconds: number }[] = [];
    for (let n = 0, counted = 0; counted < options.rounds; n++) {
      const heldForSeconds = (performance.now() - startedMs) / 1000;
      const result = {
        fresh: round(await drainSeeded(fresh, options.count, `sink-${n % 2}`), 0),
        held: round(await drainSeeded(held, options.count, `sink-${n % 2}`), 0),
        heldForSeconds: round(heldForSeconds, 0),
      };
      results.push(result);
      if (heldForSeconds >= options.heldSeconds) counted += 1;
    }
    const { rows } = await holder.query('SELECT count(*)::int AS n FROM delivery');
    if (rows[0].n !== 0) throw new Error('the snapshot was not held');
    const last = results.slice(-options.rounds);
    return [
      {
        name: `claim and complete under a snapshot held ${options.heldSeconds} s ÷ fresh`,
        value: round(median(last.map((result) => result.held / result.fresh))),
        unit: '×',
        gate: 0.8,
        detail: { rounds: results },
      },
    ];
  } finally {
    await holder.end();
    await server.dropDatabase('snapshot_fresh');
    await server.dropDatabase('snapshot_held');
  }
}
