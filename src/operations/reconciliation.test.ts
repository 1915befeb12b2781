import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../test/harness/index.ts';
import { order, type ReplayWorld, replayWorld, tenant } from '../../test/harness/replay-world.ts';
import {
  backUpDatabase,
  type Db,
  openDatabase,
  restoreDatabase,
  silentLogger,
  systemClock,
  type Tx,
} from '../platform/index.ts';
import { createQueue, type Queue } from '../queue/index.ts';
import { listAudit } from '../security/index.ts';
import { beginReconciliation, checkUnsettled, endReconciliation, judge, openReconciliation } from './index.ts';

const migrationsDir = fileURLToPath(new URL('../../migrations', import.meta.url));
let world: ReplayWorld;
let dir: string;
let app: Db;
let engine: Db;
let queue: Queue;
const name = `reconcile_${randomUUID().replaceAll('-', '')}`;

beforeAll(async () => {
  world = await replayWorld();
  dir = await mkdtemp(join(tmpdir(), 'reconcile-test-'));
});
afterAll(async () => {
  await queue?.stop();
  await app?.close();
  await engine?.close();
  await world?.db.owner.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await world?.stop();
  await rm(dir, { recursive: true, force: true });
});

const tx = <T>(fn: (inner: Tx) => Promise<T>): Promise<T> => app.tx(tenant, fn);
const stateOf = async (id: string) => (await tx((inner) => queue.deliveries.get(inner, id))).state;

async function restoreInto(): Promise<void> {
  const owner = new URL(world.db.url);
  await world.db.owner.query(`CREATE DATABASE ${name} OWNER ${owner.username}`);
  owner.pathname = `/${name}`;
  await restoreDatabase({ url: owner.href, dir: join(dir, 'backup'), migrationsDir, log: silentLogger });
  const common = { url: owner.href, maxConnections: 4, applicationName: 'restored' };
  app = await openDatabase({ ...common, role: 'crossdock_app' });
  engine = await openDatabase({ ...common, role: 'crossdock_engine' });
  queue = createQueue({
    app,
    engine,
    clock: systemClock,
    log: silentLogger,
    random: () => 0.5,
    workerId: 'test',
    pollMs: 20,
    flows: { run: async () => {} },
    deliverer: world.deliverer,
  });
}

describe('a restored hub', () => {
  it('sends nothing before people have looked, and nothing twice after', async () => {
    const [shop, later, erp, printer, lost] = await world.enqueue(
      order('a', 'shop'),
      order('a', 'shop', { naturalKey: 'xd1-shop-a-later' }),
      order('b', 'erp'),
      order('c', 'printer'),
      order('d', 'wms'),
    );
    const { url } = world.db;
    await backUpDatabase({ url, dir: join(dir, 'backup'), hubVersion: '1', now: new Date('2026-06-01T00:00:00Z') });
    // After the backup the hub goes on: all but one of them get out. What it knew of that is lost with it.
    await world.tx((inner) => world.queue.destinations.pause(inner, 'wms', 'down'));
    await world.queue.start();
    await world.queue.idle();
    await world.queue.stop();
    expect([...world.outside.keys()].sort()).toEqual(['xd1-erp-b', 'xd1-printer-c', 'xd1-shop-a', 'xd1-shop-a-later']);
    const before = new Map(world.outside);
    world.requests.length = 0;

    await restoreInto();
    const cause = { reason: 'restored', backupTakenAt: new Date('2026-06-01T00:00:00Z'), actor: 'local:root' };
    const begun = await tx((inner) => beginReconciliation(inner, { clock: systemClock }, cause));
    expect(begun).toMatchObject({ paused: ['erp', 'printer', 'shop', 'wms'], doubted: 5 });
    expect(await tx((inner) => beginReconciliation(inner, { clock: systemClock }, cause))).toEqual(begun);
    await queue.start();
    await queue.idle();
    expect(world.requests).toEqual([]);
    expect((await tx((inner) => queue.destinations.get(inner, 'shop'))).pausedReason).toBe('restored');

    const services = { deliverer: world.deliverer, tx, timeoutMs: 1_000 };
    const found = await checkUnsettled(services, { after: 0, limit: 10 });
    expect(found.map(({ destination, finding, wouldDo }) => [destination, finding, wouldDo.split(' ')[0]])).toEqual([
      ['shop', 'there', 'Confirm'],
      ['shop', 'there', 'Confirm'],
      ['erp', 'there', 'Send'],
      ['printer', 'there', 'Wait'],
      ['wms', 'absent', 'Send'],
    ]);
    expect(await checkUnsettled(services, { after: found[1]!.position, limit: 1 })).toMatchObject([
      { deliveryId: erp, outsideId: 'o-xd1-erp-b' },
    ]);
    expect(world.requests).toEqual([]);
    expect((await tx((inner) => inner.query('SELECT count(*)::int AS n FROM message')))[0]).toEqual({ n: 0 });

    const by = { actor: 'user:ann', reason: 'compared', resume: true };
    const ended = await tx((inner) => endReconciliation(inner, { clock: systemClock, queue }, by));
    expect(ended.resumed).toEqual(['erp', 'printer', 'shop', 'wms']);
    await until(async () => (await stateOf(later!)) === 'delivered' && (await stateOf(lost!)) === 'delivered');
    await until(async () => (await stateOf(erp!)) === 'delivered');
    expect(await stateOf(shop!)).toBe('delivered');
    // The one that cannot be told from a new request is for a person to decide.
    expect(await stateOf(printer!)).toBe('outcome_unknown');
    expect(
      world.requests.map(({ naturalKey }) => naturalKey).toSorted((a, b) => (String(a) < String(b) ? -1 : 1)),
    ).toEqual(['xd1-erp-b', 'xd1-wms-d']);
    expect(new Map(world.outside)).toEqual(new Map([...before, ['xd1-wms-d', '{"order":"d","version":1}']]));
    expect(await tx(openReconciliation)).toBeUndefined();
    await expect(tx((inner) => endReconciliation(inner, { clock: systemClock, queue }, by))).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    const trail = await tx((inner) => listAudit(inner, { limit: 10 }));
    expect(trail.map(({ action, actor }) => [action, actor])).toEqual([
      ['reconcile.end', 'user:ann'],
      ['reconcile.begin', 'local:root'],
    ]);
  });
});

describe('judge', () => {
  it('never sends what may be there where a repetition cannot be told', () => {
    const found = { kind: 'found', outsideId: '7', sameContent: true } as const;
    const words = (result: Parameters<typeof judge>[0], idempotency: Parameters<typeof judge>[1]) =>
      judge(result, idempotency).wouldDo;
    expect(words(found, 'C')).toBe('Confirm it as 7 without sending');
    expect(words({ ...found, sameContent: false }, 'C')).toMatch(/^Wait for a person/);
    expect(words({ kind: 'several', ids: ['1', '2'] }, 'C')).toMatch(/^Wait for a person/);
    expect(words({ kind: 'unavailable', detail: 'down' }, 'C')).toMatch(/^Look it up again before sending/);
    for (const result of [found, { kind: 'none' }, { kind: 'unavailable', detail: '' }] as const)
      expect(words(result, 'D')).toMatch(/^Wait for a person/);
    expect(words({ kind: 'none' }, 'B')).toBe('Send it');
  });
});
