import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualClock } from '../../test/harness/manual-clock.ts';
import { order, type ReplayWorld, replayWorld, tenant } from '../../test/harness/replay-world.ts';
import { receive } from '../exchange/index.ts';
import { silentLogger } from '../platform/index.ts';
import { ensureTenant, listAudit, verifyAudit } from '../security/index.ts';
import {
  type ExportManifest,
  type JudgedPartition,
  placeHold,
  releaseHold,
  runRetention,
  writeSetting,
} from './index.ts';

let world: ReplayWorld;
let archiveDir: string;
let dead: string;
/** Long after everything that the tests write. */
const clock = manualClock(new Date(Date.now() + 500 * 86_400_000).toISOString());

beforeAll(async () => {
  world = await replayWorld();
  archiveDir = await mkdtemp(join(tmpdir(), 'retention-'));
  await world.queue.start();
  await world.enqueue(...Array.from({ length: 40 }, (_, index) => order(`k-${index}`)));
  await world.queue.idle();
  world.refuse = () => ({ kind: 'rejected', class: 'schema', code: 'BAD', message: 'no' });
  [dead] = (await world.enqueue(order('dead'))) as [string];
  await world.queue.idle();
  world.refuse = () => undefined;
  await world.tx((tx) =>
    receive(tx, [
      { channel: 'webhook', contentType: 'x', bytes: Buffer.alloc(200_000, 1), partner: 'C100', state: 'processed' },
      { channel: 'webhook', contentType: 'x', bytes: Buffer.from('"quoted" \\ and\nlines'), state: 'processed' },
    ]),
  );
  // The deliveries' partition is full.
  await world.db.owner.query("SELECT setval('delivery_position', 10000001)");
});
afterAll(async () => {
  await world?.stop();
  await rm(archiveDir, { recursive: true, force: true });
});

const run = (dryRun = false): Promise<JudgedPartition[]> =>
  runRetention({ ownerUrl: world.db.url, archiveDir, clock, log: silentLogger, actor: 'hub', dryRun });

/** The first partition of each table: the one that everything was written to. */
const oldest = (judged: readonly JudgedPartition[]) =>
  Object.fromEntries(
    judged.filter((one) => one.from === undefined || one.from === '0').map((one) => [one.table, one.verdict]),
  );
const whyOf = (judged: readonly JudgedPartition[], table: string) =>
  judged.find((one) => one.table === table && (one.from === undefined || one.from === '0'))!.why;

const keep = (tenantId: string, enabled: boolean) =>
  world.db.app.tx(tenantId, (tx) =>
    writeSetting(
      tx,
      'retention',
      { enabled, messagesKeptDays: 30, eventsKeptDays: 30, deliveriesKeptDays: 30 },
      { actor: 'user:ann', at: clock.now(), expectedVersion: undefined },
    ),
  );

it.each([
  ['-infinity', '00000000-0000-7000-8000-000000000000'],
  ['1969-12-31 23:59:59.999Z', '00000000-0000-7000-8000-000000000000'],
  ['1970-01-01 00:00:00.001Z', '00000000-0001-7000-8000-000000000000'],
  ['10889-08-02 05:31:50.655Z', 'ffffffff-ffff-7000-8000-000000000000'],
  ['10889-08-02 05:31:50.656Z', 'ffffffff-ffff-7000-8000-000000000000'],
  ['infinity', 'ffffffff-ffff-7000-8000-000000000000'],
])('has an id for %s', async (at, id) => {
  const { rows } = await world.db.owner.query('SELECT ledger_uuid_at($1::timestamptz) AS id', [at]);
  expect(rows).toEqual([{ id }]);
});

describe('retention', () => {
  it('does nothing until it is switched on', async () => {
    const judged = await run();
    expect(new Set(judged.map(({ verdict }) => verdict))).toEqual(new Set(['young']));
    expect(whyOf(judged, 'message')).toEqual([`${tenant}: Retention is off`]);
  });

  it('keeps what something open refers to, and says what', async () => {
    await keep(tenant, true);
    const judged = await run();
    expect(oldest(judged)).toEqual({
      message: 'open',
      message_chunk: 'open',
      document: 'drop',
      event: 'drop',
      attempt: 'open',
      attempt_batch: 'open',
      delivery: 'open',
    });
    expect(whyOf(judged, 'message')).toEqual([`${tenant}: 1 deliveries still refer to its messages`]);
    expect(whyOf(judged, 'delivery')).toEqual([`${tenant}: 1 deliveries are not finished`]);
    // What nothing stood in the way of has left: empty partitions here.
    expect(oldest(await run(true))).not.toHaveProperty('document');
  });

  it('drops nothing of any tenant under a legal hold', async () => {
    await world.tx((tx) => world.queue.deliveries.discard(tx, dead, { actor: 'user:ann', reason: 'too old' }));
    await world.queue.idle();
    const by = { actor: 'user:lawyer', reason: 'case 7' };
    const partner = await world.tx((tx) => placeHold(tx, { clock }, { kind: 'partner', partner: 'C100' }, by));
    const held = await run();
    expect(oldest(held)).toMatchObject({ message: 'held', message_chunk: 'held' });
    expect(whyOf(held, 'message')).toEqual([`${tenant}: 1 messages are under a legal hold of their partner`]);
    await world.tx((tx) => releaseHold(tx, { clock }, partner.id, by));

    const now = Date.now();
    const range = { kind: 'range', since: new Date(now - 3_600_000), until: new Date(now + 3_600_000) } as const;
    const hold = await world.tx((tx) => placeHold(tx, { clock }, range, by));
    // What the hold before did not name has left by now: the attempts and deliveries.
    expect(oldest(await run())).toEqual({ message: 'held', message_chunk: 'held' });
    // Ids begin with 1970 and end with 10889: what lies beyond is cut, not turned round.
    const bounds = [
      ['0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z'],
      ['1960-01-01T00:00:00Z', '2100-01-01T00:00:00Z'],
      ['1969-12-31T23:59:59.999Z', '+010890-01-01T00:00:00Z'],
      ['1970-01-01T00:00:00Z', '+275000-01-01T00:00:00Z'],
    ] as const;
    await world.tx((tx) => releaseHold(tx, { clock }, hold.id, by));
    for (const [since, until] of bounds) {
      const subject = { kind: 'range', since: new Date(since), until: new Date(until) } as const;
      const wide = await world.tx((tx) => placeHold(tx, { clock }, subject, by));
      expect(oldest(await run(true)), since).toEqual({ message: 'held', message_chunk: 'held' });
      await world.tx((tx) => releaseHold(tx, { clock }, wide.id, by));
    }
    const before = { kind: 'range', since: new Date('1950-01-01'), until: new Date('1960-12-31') } as const;
    const early = await world.tx((tx) => placeHold(tx, { clock }, before, by));
    expect(whyOf(await run(true), 'message')).toEqual([]);
    await world.tx((tx) => releaseHold(tx, { clock }, early.id, by));
    await expect(world.tx((tx) => releaseHold(tx, { clock }, hold.id, by))).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('is as long as the tenant that keeps longest', async () => {
    await world.db.app.tx('other', (tx) => ensureTenant(tx, { id: 'other', name: 'Other', demo: false }));
    const judged = await run();
    expect(oldest(judged)).toEqual({ message: 'young', message_chunk: 'young' });
    expect(whyOf(judged, 'message')).toEqual(['other: Retention is off']);
    await keep('other', true);
  });

  it('writes every row out, with its hash, before the partition goes', async () => {
    const before = await world.db.owner.query<{ line: object }>(
      'SELECT row_to_json(t) AS line FROM message AS t ORDER BY id',
    );
    const dry = await run(true);
    expect(oldest(dry)).toEqual({ message: 'drop', message_chunk: 'drop' });
    expect((await world.db.owner.query('SELECT FROM message')).rowCount).toBe(before.rowCount);

    const left = (await run()).filter(({ dropped }) => dropped !== undefined);
    const { dropped } = left.find(({ table, from }) => table === 'message' && from === undefined)!;
    const manifest = JSON.parse(
      await readFile(join(archiveDir, 'message', `${dropped!.partition}.json`), 'utf8'),
    ) as ExportManifest;
    expect(manifest).toEqual(dropped);
    expect(manifest.rowsByTenant).toEqual({ [tenant]: before.rowCount, other: 0 });
    const bytes = await readFile(join(archiveDir, 'message', manifest.file));
    expect([createHash('sha256').update(bytes).digest('hex'), bytes.length]).toEqual([manifest.sha256, manifest.bytes]);
    const lines = gunzipSync(bytes).toString().trimEnd().split('\n');
    const rows = lines.map((line) => JSON.parse(line) as { id: string }).sort((a, b) => (a.id < b.id ? -1 : 1));
    expect(rows).toEqual(before.rows.map(({ line }) => line));
    expect((await world.db.owner.query('SELECT FROM message')).rowCount).toBe(0);
    expect((await world.db.owner.query('SELECT FROM delivery')).rowCount).toBe(0);

    // The next partitions are there, and what is written now lands in one of them… of its own time.
    const trail = await world.tx((tx) => listAudit(tx, { action: 'retention.drop', limit: 50 }));
    expect(trail.find(({ subject }) => subject.id === dropped!.partition)).toMatchObject({
      actor: 'hub',
      detail: { table: 'message', rows: before.rowCount, sha256: manifest.sha256 },
    });
    expect(await world.tx(verifyAudit)).toMatchObject({ ok: true });
  });
});
