import { PgBoss } from 'pg-boss';
import pg from 'pg';

const queue = 'noop';
/** Jobs per fetch and per completion, and how many fetch at once: the best of those tried. */
const batchSize = 1_000;
const fetchers = 4;

/**
 * Drains `jobs` no-op jobs with pg-boss, tuned: fetched and completed a thousand at a time by four at once, without its own
 * polling, supervision and schedules. The jobs have no order among them and leave no record of what was answered.
 * @returns jobs per second, from the first fetch until the last completion is committed
 */
export async function drainPgBoss(url: string, jobs: number): Promise<number> {
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  const boss = new PgBoss({ connectionString: url, max: fetchers * 2, supervise: false, schedule: false });
  boss.on('error', () => {});
  await boss.start();
  try {
    await boss.createQueue(queue);
    for (let from = 0; from < jobs; from += 5_000) {
      const batch = Array.from({ length: Math.min(5_000, jobs - from) }, (_, n) => ({ data: { order: from + n } }));
      await boss.insert(queue, batch);
    }
    await pool.query('VACUUM ANALYZE');
    let done = 0;
    const startedMs = performance.now();
    await Promise.all(
      Array.from({ length: fetchers }, async () => {
        for (;;) {
          const batch = await boss.fetch(queue, { batchSize });
          if (batch.length === 0) return;
          await boss.complete(
            queue,
            batch.map((job) => job.id),
          );
          done += batch.length;
        }
      }),
    );
    const seconds = (performance.now() - startedMs) / 1000;
    if (done !== jobs) throw new Error(`pg-boss handed out ${done} of ${jobs} jobs`);
    return jobs / seconds;
  } finally {
    await boss.stop({ graceful: false });
    await pool.end();
  }
}
