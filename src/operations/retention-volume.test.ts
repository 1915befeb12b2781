import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import { manualClock } from '../../test/harness/manual-clock.ts';
import { silentLogger } from '../platform/index.ts';
import { ensureTenant } from '../security/index.ts';
import { type JudgedPartition, placeHold, releaseHold, runRetention, writeSetting } from './index.ts';

const tenants = ['one', 'two'];
const rowsEach = 15_000;
const clock = manualClock(new Date(Date.now() + 500 * 86_400_000).toISOString());
let database: TestDatabase;
let archiveDir: string;

beforeAll(async () => {
  database = await testDatabase();
  archiveDir = await mkdtemp(join(tmpdir(), 'retention-volume-'));
  for (const tenant of tenants) {
    await database.app.tx(tenant, async (tx) => {
      await ensureTenant(tx, { id: tenant, name: tenant, demo: false });
      await writeSetting(
        tx,
        'retention',
        { enabled: true, messagesKeptDays: 30, eventsKeptDays: 30, deliveriesKeptDays: 30 },
        { actor: 'user:ann', at: clock.now(), expectedVersion: undefined },
      );
    });
  }
  // Bodies that gzip cannot shrink away, with every byte there is.
  await database.owner.query(
    `INSERT INTO message (id, tenant_id, direction, channel, content_type, sha256, byte_size, body, correlation_id, partner, state, received_at)
     SELECT uuidv7(), tenant, 'in', 'api', 'x', sha256(n::text::bytea), 256, sha256((tenant || n)::bytea) || sha256(n::text::bytea),
       tenant || '-' || n, CASE WHEN n % 1000 = 0 THEN 'P' || n END, 'processed', now()
     FROM unnest($1::text[]) AS tenant, generate_series(1, $2::int) AS n`,
    [tenants, rowsEach],
  );
});
afterAll(async () => {
  await database.drop();
  await rm(archiveDir, { recursive: true, force: true });
});

const run = (): Promise<JudgedPartition[]> =>
  runRetention({ ownerUrl: database.url, archiveDir, clock, log: silentLogger, actor: 'hub' });
const firstOf = (judged: readonly JudgedPartition[]): JudgedPartition =>
  judged.find((one) => one.table === 'message' && one.from === undefined)!;
const stored = async (): Promise<number> => {
  const { rows } = await database.owner.query('SELECT count(*)::int AS n FROM message');
  return rows[0].n as number;
};

describe('retention of many rows', () => {
  it('keeps everything for one message under a hold', async () => {
    const by = { actor: 'user:lawyer', reason: 'case 8' };
    const hold = await database.app.tx('two', (tx) =>
      placeHold(tx, { clock }, { kind: 'partner', partner: 'P7000' }, by),
    );
    expect(firstOf(await run()).verdict).toBe('held');
    expect(await stored()).toBe(tenants.length * rowsEach);
    await database.app.tx('two', (tx) => releaseHold(tx, { clock }, hold.id, by));
  });

  it('loses nothing when it dies over the export, and the next run exports exactly what was there', async () => {
    const { rows: before } = await database.owner.query<{ name: string }>(
      `SELECT tableoid::regclass::text AS name FROM message LIMIT 1`,
    );
    const file = join(archiveDir, 'message', `${before[0]!.name}.ndjson.gz`);
    const dying = run().then(
      () => 'finished',
      () => 'died',
    );
    let killed = 0;
    while (killed === 0) {
      // The session that writes out, once its file is there.
      if (existsSync(file)) {
        const { rowCount } = await database.owner.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'FETCH % FROM leaving'`,
        );
        killed = rowCount ?? 0;
      } else await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await dying).toBe('died');
    expect(await stored()).toBe(tenants.length * rowsEach);
    expect(existsSync(file.replace('.ndjson.gz', '.json'))).toBe(false);

    const { rows } = await database.owner.query<{ line: object }>(
      'SELECT row_to_json(t) AS line FROM message AS t ORDER BY id',
    );
    const { dropped } = firstOf(await run());
    expect(dropped?.rowsByTenant).toEqual({ one: rowsEach, two: rowsEach });
    const lines = gunzipSync(await readFile(file))
      .toString()
      .trimEnd()
      .split('\n');
    const exported = lines.map((line) => JSON.parse(line) as { id: string }).sort((a, b) => (a.id < b.id ? -1 : 1));
    expect(exported.length).toBe(rows.length);
    expect(exported).toEqual(rows.map(({ line }) => line));
    expect(await stored()).toBe(0);
  }, 60_000);
});
