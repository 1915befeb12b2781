import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import pg from 'pg';

const quiet = new Logger(() => () => {});

/**
 * Drains `jobs` no-op jobs with graphile-worker, tuned as its documentation does for the figures it quotes
 * (https://worker.graphile.org/docs/performance): 24 jobs at once, a local queue of 500, batched completion. The jobs
 * have no order among them and leave no record behind: graphile-worker offers neither at that speed.
 * @returns jobs per second, from the start of the runner until the last completion is committed
 */
export async function drainGraphile(url: string, jobs: number): Promise<number> {
  const pool = new pg.Pool({ connectionString: url, max: 25 });
  const utils = await makeWorkerUtils({ pgPool: pool, logger: quiet });
  await utils.migrate();
  await pool.query(
    `SELECT count(*) FROM graphile_worker.add_jobs(
       ARRAY(SELECT json_populate_record(NULL::graphile_worker.job_spec,
         json_build_object('identifier', 'noop', 'payload', json_build_object('order', g))) FROM generate_series(1, $1) AS g))`,
    [jobs],
  );
  await pool.query('VACUUM ANALYZE');
  let handled = 0;
  let done!: () => void;
  const finished = new Promise<void>((resolve) => (done = resolve));
  const startedMs = performance.now();
  const runner = await run({
    pgPool: pool,
    logger: quiet,
    noHandleSignals: true,
    taskList: {
      noop: () => {
        if (++handled === jobs) done();
      },
    },
    preset: {
      worker: {
        concurrentJobs: 24,
        maxPoolSize: 25,
        localQueue: { size: 500 },
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
      },
    },
  });
  await finished;
  // Stopping waits for the completions.
  await runner.stop();
  const seconds = (performance.now() - startedMs) / 1000;
  const left = await pool.query('SELECT count(*)::int AS n FROM graphile_worker.jobs');
  await pool.end();
  if (left.rows[0].n !== 0) throw new Error(`graphile-worker left ${left.rows[0].n} jobs`);
  return jobs / seconds;
}
