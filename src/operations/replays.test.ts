import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { order, type ReplayWorld, replayWorld, request, tenant } from '../../test/harness/replay-world.ts';
import { manualClock, until } from '../../test/harness/index.ts';
import { listAudit } from '../security/index.ts';
import {
  approveReplay,
  cancelReplay,
  getPlan,
  listItems,
  planReplay,
  type PlanRequest,
  progressOf,
  type ReplayPlan,
  startReplay,
  workReplays,
  writeSetting,
} from './index.ts';

let world: ReplayWorld;
beforeAll(async () => {
  world = await replayWorld();
  await world.queue.start();
});
afterAll(() => world?.stop());
beforeEach(() => {
  world.map = (delivery) => ({ order: delivery.key, version: 1 });
  world.refuse = () => undefined;
  world.requests.length = 0;
});

const plan = (more: Partial<PlanRequest>, actor = 'user:ann') =>
  world.tx((tx) => planReplay(tx, world.runner, request(more), actor));
const start = (id: string, actor = 'user:ann') => world.tx((tx) => startReplay(tx, world.runner, id, { actor }));

/** Works a started plan to its end, as the chore does, and waits for the lanes. */
async function finish(id: string): Promise<ReplayPlan> {
  await until(async () => {
    await world.tx((tx) => workReplays(tx, world.runner));
    return (await world.tx((tx) => getPlan(tx, id))).state !== 'running';
  }, 15_000);
  await settle();
  return world.tx((tx) => getPlan(tx, id));
}

/** Until nothing is waiting for a retry or a look-up any more. */
async function settle(): Promise<void> {
  await until(async () => {
    await world.queue.idle();
    const rows = await world.db.owner.query(
      "SELECT FROM delivery_parked WHERE due_at IS NOT NULL AND state IN ('retry_wait', 'outcome_unknown', 'gone')",
    );
    return rows.rowCount === 0;
  }, 15_000);
}

const stateOf = async (id: string) => (await world.tx((tx) => world.queue.deliveries.get(tx, id))).state;

/** Deliveries that the other side refuses for good. */
async function deadLetters(prefix: string, count: number, destination = 'erp'): Promise<string[]> {
  const keys = Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
  world.refuse = () => ({ kind: 'rejected', class: 'schema', code: 'BAD', message: 'no such field' });
  const ids = await world.enqueue(...keys.map((key) => order(key, destination)));
  await settle();
  for (const id of ids) expect(await stateOf(id)).toBe('dead');
  world.refuse = () => undefined;
  world.requests.length = 0;
  return ids;
}

describe('a plan', () => {
  it('counts what matches and what stands in the way, and sends nothing', async () => {
    const dead = await deadLetters('count', 3);
    const delivered = await world.enqueue(order('count-done'), order('count-done'), order('p', 'printer'));
    await settle();
    world.requests.length = 0;
    const made = await plan({ selection: { deliveryIds: [...dead, ...delivered] } });
    expect(made.preview).toMatchObject({ total: 6, eligible: 4, outputs: { stored: 4, anew: 0, first: 0 } });
    expect(made.preview.skipped.map(({ why, count }) => [why.slice(0, 16), count])).toEqual([
      ['A later delivery', 1],
      ['The destination ', 1],
    ]);
    expect(made.approvalReasons).toEqual([]);
    expect(world.requests).toEqual([]);
    expect(await stateOf(dead[0]!)).toBe('dead');
  });

  it('finds by state, time, destination, operation, error code and key', async () => {
    const [id] = await deadLetters('filter', 1, 'wms');
    const found = async (selection: PlanRequest['selection']) =>
      plan({ selection }).then(
        ({ preview }) => preview.total,
        (error: { code: string }) => error.code,
      );
    const base = { destination: 'wms', key: 'filter-0' };
    expect(await found(base)).toBe(1);
    expect(await found({ ...base, errorCode: 'BAD', operation: 'order.create', states: ['dead'] })).toBe(1);
    expect(await found({ ...base, errorCode: 'OTHER' })).toBe('VALIDATION_FAILED');
    expect(await found({ ...base, states: ['held'] })).toBe('VALIDATION_FAILED');
    expect(await found({ ...base, operation: 'release.create' })).toBe('VALIDATION_FAILED');
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    expect(await found({ ...base, since: at(-60_000), until: at(60_000) })).toBe(1);
    expect(await found({ ...base, until: at(-60_000) })).toBe('VALIDATION_FAILED');
    expect(await found({ ...base, since: at(60_000) })).toBe('VALIDATION_FAILED');
    expect(await stateOf(id!)).toBe('dead');
  });

  it('is of one tenant', async () => {
    const [id] = await deadLetters('tenant', 1);
    const other = world.db.app.tx('other', (tx) =>
      planReplay(tx, world.runner, request({ selection: { deliveryIds: [id!] } }), 'user:eve'),
    );
    await expect(other).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });
});

describe('a run', () => {
  it('sends the stored bytes in mode original and what today’s map makes in mode current', async () => {
    const [first, second] = await deadLetters('mode', 2);
    world.map = (delivery) => ({ order: delivery.key, version: 2 });
    const original = await plan({ selection: { deliveryIds: [first!] } });
    await start(original.id);
    expect((await finish(original.id)).state).toBe('finished');
    const current = await plan({ selection: { deliveryIds: [second!] }, mode: 'current' });
    await start(current.id);
    await finish(current.id);
    expect(world.outside.get('xd1-erp-mode-0')).toBe('{"order":"mode-0","version":1}');
    expect(world.outside.get('xd1-erp-mode-1')).toBe('{"order":"mode-1","version":2}');
    expect(await stateOf(first!)).toBe('delivered');
    expect(await stateOf(second!)).toBe('delivered');
    const told = await world.tx((tx) => world.runner.events.list(tx, { type: 'ops.delivery.replayed' }));
    expect(told.slice(-2)).toMatchObject([
      {
        entity: { id: first },
        data: { deliveryId: first, stateBefore: 'dead', by: 'user:ann', replayId: original.id },
      },
      { entity: { id: second }, data: { deliveryId: second, replayId: current.id } },
    ]);
    // A retry of what was made anew repeats those bytes, not the first ones.
    const detail = await world.tx((tx) => world.queue.deliveries.get(tx, second!));
    expect(new Set(detail.attemptLog.map((attempt) => attempt.outputMessageId)).size).toBe(2);
  });

  it('compares without sending in mode diff, and shows what differs', async () => {
    const ids = await world.enqueue(order('diff-a'), order('diff-b'));
    await settle();
    world.requests.length = 0;
    const messages = await world.db.owner.query('SELECT count(*)::int AS n FROM message');
    world.map = ({ key }) => ({ order: key, version: key === 'diff-a' ? 1 : 3 });
    const made = await plan({ selection: { deliveryIds: ids }, mode: 'diff' });
    await start(made.id);
    await finish(made.id);
    const items = await world.tx((tx) => listItems(tx, made.id, { limit: 10 }));
    expect(items.map(({ state, differs }) => [state, differs])).toEqual([
      ['compared', false],
      ['compared', true],
    ]);
    expect(items[1]!.difference!.lines.filter(({ sign }) => sign !== ' ')).toEqual([
      { sign: '-', text: '  "version": 1' },
      { sign: '+', text: '  "version": 3' },
    ]);
    expect(await world.tx((tx) => progressOf(tx, made.id))).toMatchObject({ compared: 2, differing: 1 });
    expect(world.requests).toEqual([]);
    expect((await world.db.owner.query('SELECT count(*)::int AS n FROM message')).rows).toEqual(messages.rows);
  });

  it('of everything, twice, leaves the outside as it was and overtakes nothing (invariants 7 and 8)', async () => {
    const targets = ['erp', 'wms', 'shop', 'printer'];
    const deliveries = Array.from({ length: 120 }, (_, index) => {
      const destination = targets[index % targets.length]!;
      return order(`twice-${index % 18}`, destination, { naturalKey: `xd1-${destination}-twice-${index}` });
    });
    await world.enqueue(...deliveries);
    await settle();
    const before = new Map(world.outside);
    const requestsBefore = world.requests.length;
    expect([...before.keys()].filter((key) => key.includes('twice'))).toHaveLength(120);
    for (const round of [1, 2]) {
      const made = await plan({ selection: { states: ['delivered', 'dead', 'held'] } });
      if (made.approvalReasons.length > 0)
        await world.tx((tx) => approveReplay(tx, world.runner, made.id, { actor: 'user:bob', reason: 'fine' }));
      await start(made.id);
      const ended = await finish(made.id);
      expect([round, ended.state]).toEqual([round, 'finished']);
      expect((await world.tx((tx) => progressOf(tx, made.id))).queued).toBeGreaterThanOrEqual(27);
      for (const [key, content] of before) expect([key, world.outside.get(key)]).toEqual([key, content]);
    }
    // D is never sent twice; of a key only its newest delivery goes again.
    const resent = world.requests.slice(requestsBefore);
    expect(resent.filter(({ destination }) => destination === 'printer')).toEqual([]);
    const newest = new Map(deliveries.map(({ destination, key, naturalKey }) => [`${destination} ${key}`, naturalKey]));
    for (const { destination, key, naturalKey } of resent.filter((sent) => sent.key.startsWith('twice')))
      expect(naturalKey).toBe(newest.get(`${destination} ${key}`));
  });

  it('goes on from its rows where a stopped hub left it, in bounded batches', async () => {
    const ids = await deadLetters('restart', 12);
    const made = await plan({ selection: { deliveryIds: ids }, ratePerMinute: 60 });
    const clock = manualClock(new Date(Date.now() + 1_000).toISOString());
    await world.tx((tx) => startReplay(tx, { clock }, made.id, { actor: 'user:ann' }));
    clock.advance(4_000);
    expect(await world.tx((tx) => workReplays(tx, { ...world.runner, clock }))).toBe(4);
    // The rate has been used up.
    expect(await world.tx((tx) => workReplays(tx, { ...world.runner, clock }))).toBe(0);
    // A batch whose transaction does not commit has not happened.
    clock.advance(3_000);
    const killed = world.tx(async (tx) => {
      await workReplays(tx, { ...world.runner, clock });
      throw new Error('killed');
    });
    await expect(killed).rejects.toThrow('killed');
    expect(await world.tx((tx) => progressOf(tx, made.id))).toMatchObject({ queued: 4, pending: 8 });
    // Another process with nothing in memory.
    const later = manualClock(new Date(clock.now().getTime() + 60_000).toISOString());
    expect(await world.tx((tx) => workReplays(tx, { ...world.runner, clock: later }))).toBe(5);
    later.advance(3_000);
    expect(await world.tx((tx) => workReplays(tx, { ...world.runner, clock: later }))).toBe(3);
    await settle();
    expect(await Promise.all(ids.map(stateOf))).toEqual(ids.map(() => 'delivered'));
    expect(world.requests.map(({ key }) => key).sort()).toEqual(ids.map((_, index) => `restart-${index}`).sort());
  });

  it('stops where it is cancelled', async () => {
    const ids = await deadLetters('cancel', 6);
    const made = await plan({ selection: { deliveryIds: ids }, ratePerMinute: 60 });
    const clock = manualClock(new Date(Date.now() + 1_000).toISOString());
    await world.tx((tx) => startReplay(tx, { clock }, made.id, { actor: 'user:ann' }));
    clock.advance(2_000);
    await world.tx((tx) => workReplays(tx, { ...world.runner, clock }));
    await world.tx((tx) => cancelReplay(tx, { clock }, made.id, { actor: 'user:bob', reason: 'wrong ones' }));
    clock.advance(60_000);
    expect(await world.tx((tx) => workReplays(tx, { ...world.runner, clock }))).toBe(0);
    await settle();
    const states = await Promise.all(ids.map(stateOf));
    expect(states).toEqual(['delivered', 'delivered', 'dead', 'dead', 'dead', 'dead']);
    await expect(start(made.id)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('passes over what somebody dealt with since it was planned', async () => {
    const ids = await deadLetters('meanwhile', 2);
    const made = await plan({ selection: { deliveryIds: ids } });
    await world.tx((tx) => world.queue.deliveries.discard(tx, ids[0]!, { actor: 'user:bob', reason: 'not wanted' }));
    await settle();
    await start(made.id);
    await finish(made.id);
    const items = await world.tx((tx) => listItems(tx, made.id, { limit: 10 }));
    expect(items.map(({ state, note }) => [state, note])).toEqual([
      ['skipped', 'It was discarded'],
      ['queued', undefined],
    ]);
    expect(world.requests.map(({ key }) => key)).toEqual(['meanwhile-1']);
  });

  it('with a new key is a request of its own, behind what its key has to do', async () => {
    const [id] = await deadLetters('new', 1);
    const [follower] = await world.enqueue(order('new-0', 'erp', { naturalKey: 'xd1-erp-new-follower' }));
    await expect(plan({ selection: { deliveryIds: [id!] }, dedupe: 'new' })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
    const policy = { mode: 'current', dedupe: 'new', controlNumbers: 'new' } as const;
    const made = await plan({ selection: { deliveryIds: [id!] }, ...policy });
    expect(made.approvalReasons).toEqual(['new_dedupe']);
    await world.tx((tx) => approveReplay(tx, world.runner, made.id, { actor: 'user:bob', reason: 'agreed' }));
    await start(made.id);
    await finish(made.id);
    expect(await stateOf(id!)).toBe('discarded');
    expect(await stateOf(follower!)).toBe('delivered');
    expect(world.requests.map(({ naturalKey }) => naturalKey)).toEqual(['xd1-erp-new-follower', 'xd1-erp-new-0-r1']);
  });
});

describe('four eyes', () => {
  it('are asked above the limit and for stock, and are two persons', async () => {
    const ids = await deadLetters('eyes', 3);
    await world.tx((tx) =>
      writeSetting(
        tx,
        'replay',
        { approvalAbove: 2, ratePerMinute: 600 },
        {
          actor: 'admin-key',
          at: new Date(),
          expectedVersion: 0,
        },
      ),
    );
    const made = await plan({ selection: { deliveryIds: ids } });
    expect(made.approvalReasons).toEqual(['count']);
    await expect(start(made.id)).rejects.toMatchObject({ code: 'CONFLICT' });
    const approve = (actor: string) =>
      world.tx((tx) => approveReplay(tx, world.runner, made.id, { actor, reason: 'looked at it' }));
    await expect(approve('user:ann')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect((await approve('user:bob')).approvedBy).toBe('user:bob');
    await start(made.id);
    await finish(made.id);
    expect(await Promise.all(ids.map(stateOf))).toEqual(['delivered', 'delivered', 'delivered']);

    const [stock] = await world.enqueue(
      order('SKU@WEB', 'shop', {
        operation: 'availability.publish',
        payload: { kind: 'command', entity: { kind: 'availability', id: 'SKU@WEB' } },
      }),
    );
    await settle();
    expect((await plan({ selection: { deliveryIds: [stock!] } })).approvalReasons).toEqual(['stock']);
    expect((await plan({ selection: { deliveryIds: [stock!] }, mode: 'diff' })).approvalReasons).toEqual([]);

    const trail = await world.db.app.tx(tenant, (tx) => listAudit(tx, { subjectId: made.id, limit: 10 }));
    // The deliveries are told in as many rows as rounds were needed.
    const told = trail.map(({ action, actor }) => `${action} ${actor}`).reverse();
    expect(told.filter((row, index) => row !== told[index - 1]).map((row) => row.split(' '))).toEqual([
      ['replay.plan', 'user:ann'],
      ['replay.approve', 'user:bob'],
      ['replay.run', 'user:ann'],
      ['replay.deliveries', 'user:ann'],
      ['replay.finish', 'hub'],
    ]);
    const queued = trail
      .filter(({ action }) => action === 'replay.deliveries')
      .flatMap(({ detail }) => (detail as { queued: string[] }).queued);
    expect(queued.toSorted((a, b) => (a < b ? -1 : 1))).toEqual([...ids].toSorted((a, b) => (a < b ? -1 : 1)));
  });
});
