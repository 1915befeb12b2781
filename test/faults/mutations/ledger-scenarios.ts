import { judgeDrained, judgeFenced, judgePoison, judgeQuiet, readFinals } from '../invariants/engine.ts';
import { checkLedgerSums } from '../invariants/ledger.ts';
import { judgeNoOvertaking, judgeRising } from '../invariants/order.ts';
import {
  delivery,
  freezable,
  quickRetry,
  scriptedSystem,
  settableClock,
  tenantId,
  testQueue,
} from '../scripted-queue.ts';
import { until } from '../../harness/until.ts';
import { type Alter, alteredDb, replacing } from './altered-db.ts';
import { type Scenario, untilBugShows } from './scenario.ts';

const by = { actor: 'ann', reason: 'because' };

/** 5: a delivery is held, and its followers wait behind it. */
const followersParked: Scenario = {
  invariant: 5,
  bug: {
    name: 'parked nowhere',
    what: 'followers are marked parked and do not enter the side table',
    alter: replacing('queue-park-followers', /entered AS \([^]*?FROM changed\s*\)/, 'entered AS (SELECT 1)'),
  },
  async play(db, bug, run) {
    const system = scriptedSystem({
      send: ({ key }) =>
        key === 'bad'
          ? { kind: 'rejected', class: 'business', code: 'CREDIT', message: 'no' }
          : { kind: 'confirmed', outsideId: key },
    });
    const queue = run(testQueue(alteredDb(db.engine, bug?.alter), { deliverer: system.deliverer }));
    await db.app.tx(tenantId, (tx) => queue.destinations.ensure(tx, [{ name: 'erp', lanes: 1 }]));
    await queue.start();
    await db.app.tx(tenantId, (tx) =>
      queue.enqueue(
        tx,
        ['bad', 'bad', 'bad', 'good'].map((key) => delivery(key)),
      ),
    );
    await until(() => system.settled.length === 2);
    await queue.idle();
    return checkLedgerSums(db.owner);
  },
};

/** 5: one delivery is done, and later another one comes. */
const oneAfterTheOther: Scenario = {
  invariant: 5,
  bug: {
    name: 'a cursor that runs ahead',
    what: 'what the cursor passes counts as delivered, and it passes more than was sent',
    alter: replacing('queue-complete-confirmed', 'h.cursor_position)', 'h.cursor_position + 1000)'),
  },
  async play(db, bug, run) {
    const system = scriptedSystem();
    const queue = run(testQueue(alteredDb(db.engine, bug?.alter), { deliverer: system.deliverer }));
    await db.app.tx(tenantId, (tx) => queue.destinations.ensure(tx, [{ name: 'erp', lanes: 1 }]));
    await queue.start();
    await db.app.tx(tenantId, (tx) => queue.enqueue(tx, [delivery('first')]));
    await until(() => system.settled.length === 1);
    await queue.idle();
    const [second = ''] = await db.app.tx(tenantId, (tx) => queue.enqueue(tx, [delivery('second')]));
    await until(
      async () => (await db.app.tx(tenantId, (tx) => queue.deliveries.get(tx, second))).state === 'delivered',
    );
    await queue.idle();
    return checkLedgerSums(db.owner);
  },
};

/** 6: a key is blocked, its lane passes to another worker, and more of the key comes. */
const blockedKeyPassesOn: Scenario = {
  invariant: 6,
  bug: {
    name: 'forgotten blocks',
    what: 'who takes a lane over does not learn which keys are blocked',
    alter: replacing('queue-blocked-keys', 'WHERE lane_id', 'WHERE false AND lane_id'),
  },
  async play(db, bug, run) {
    let refused = true;
    const system = scriptedSystem({
      send: () =>
        refused ? { kind: 'rejected', class: 'business', code: 'CREDIT', message: 'no' } : { kind: 'confirmed' },
    });
    const { deliverer } = system;
    const first = testQueue(db.engine, { deliverer, workerId: 'first' });
    await db.app.tx(tenantId, (tx) => first.destinations.ensure(tx, [{ name: 'erp', lanes: 1 }]));
    await first.start();
    const [head = ''] = await db.app.tx(tenantId, (tx) => first.enqueue(tx, [delivery('k')]));
    await until(() => system.settled.length === 1);
    await first.stop();
    refused = false;
    const second = run(testQueue(alteredDb(db.engine, bug?.alter), { deliverer, workerId: 'second' }));
    await second.start();
    await db.app.tx(tenantId, (tx) => second.enqueue(tx, [delivery('k')]));
    await second.idle();
    await db.app.tx(tenantId, (tx) => second.deliveries.release(tx, head, by));
    await until(() => system.settled.filter(({ state }) => state === 'delivered').length === 2);
    const delivered = system.settled.filter(({ state }) => state === 'delivered').map((settled) => settled.delivery);
    return judgeRising(delivered.map(({ key, position }) => ({ place: `erp ${key}`, position })));
  },
};

/** Both statements that look for a later delivery of the key find none. */
const seesNothingLater: Alter = ({ text }) => {
  const altered = text
    .replace('SELECT 1 AS later FROM delivery WHERE', 'SELECT 1 AS later FROM delivery WHERE false AND')
    .replace('SELECT FROM delivery AS later WHERE', 'SELECT FROM delivery AS later WHERE false AND');
  return altered === text ? undefined : { text: altered };
};

/** 7: the earlier of two that were delivered is to be replayed. */
const replayOfTheEarlier: Scenario = {
  invariant: 7,
  bug: {
    name: 'overtaking replay',
    what: 'a replay does not look whether a later one of its key was delivered',
    alter: seesNothingLater,
  },
  async play(db, bug, run) {
    const system = scriptedSystem();
    const queue = run(testQueue(alteredDb(db.engine, bug?.alter), { deliverer: system.deliverer }));
    const app = alteredDb(db.app, bug?.alter);
    await app.tx(tenantId, (tx) => queue.destinations.ensure(tx, [{ name: 'erp', lanes: 1, retry: quickRetry }]));
    await queue.start();
    const [earlier = ''] = await app.tx(tenantId, (tx) => queue.enqueue(tx, [delivery('k'), delivery('k')]));
    await until(() => system.settled.length === 2);
    await app
      .tx(tenantId, (tx) => queue.deliveries.replay(tx, earlier, by))
      .catch((error: { code?: string }) => {
        if (error.code !== 'ACTION_NOT_ALLOWED') throw error;
      });
    await queue.idle();
    await untilBugShows(bug, () => system.sends.length === 3, 300);
    return judgeNoOvertaking(
      system.sends.map(({ key, position }) => ({ place: `erp ${key}`, position, succeeded: true })),
    );
  },
};

/** 9: a worker is stopped past its lease with a send under way, and wakes. */
const stoppedWorkerWakes: Scenario = {
  invariant: 9,
  bug: {
    name: 'no fencing',
    what: 'writes do not ask whether the lane is still held under its epoch',
    alter: replacing(/./, / AND l\.epoch = [hi]\.epoch/, ''),
  },
  async play(db, bug, run) {
    const frozen = freezable(alteredDb(db.engine, bug?.alter));
    const answers: (() => void)[] = [];
    const system = scriptedSystem({
      idempotency: 'A',
      send: async () => {
        await new Promise<void>((resolve) => answers.push(resolve));
        return { kind: 'confirmed', outsideId: 'of the first' };
      },
    });
    const first = run(testQueue(frozen, { deliverer: system.deliverer, leaseMs: 500, workerId: 'first' }));
    await db.app.tx(tenantId, (tx) => first.destinations.ensure(tx, [{ name: 'erp', lanes: 1 }]));
    await first.start();
    await db.app.tx(tenantId, (tx) => first.enqueue(tx, [delivery('k1'), delivery('k2')]));
    await until(() => answers.length === 2);
    frozen.freeze();
    const next = scriptedSystem({ idempotency: 'A' });
    const second = run(testQueue(db.engine, { deliverer: next.deliverer, leaseMs: 5_000, workerId: 'second' }));
    await second.start();
    await until(() => next.settled.filter(({ state }) => state === 'delivered').length === 2);
    await second.idle();
    const before = await readFinals(db.owner);
    const held = frozen.waiting;
    for (const answer of answers) answer();
    // The outcomes are on their way into the ledger, behind everything that would let the lanes go first.
    await until(() => frozen.waiting > held);
    const { begun } = frozen;
    frozen.thaw();
    await until(() => frozen.begun > begun && frozen.underWay === 0);
    return judgeFenced(before, await readFinals(db.owner));
  },
};

/** 11: a system is away for a moment. */
const systemComesBack: Scenario = {
  invariant: 11,
  bug: {
    name: 'never due',
    what: 'nobody finds what is due again',
    alter: replacing('queue-find-due', 'WHERE due_at', 'WHERE false AND due_at'),
  },
  async play(db, bug, run) {
    const system = scriptedSystem({
      send: (_row, attempt) =>
        attempt === 1 ? { kind: 'retryable', sent: false, detail: 'connection refused' } : { kind: 'confirmed' },
    });
    const queue = run(testQueue(alteredDb(db.engine, bug?.alter), { deliverer: system.deliverer }));
    await db.app.tx(tenantId, (tx) => queue.destinations.ensure(tx, [{ name: 'erp', retry: quickRetry }]));
    await queue.start();
    await db.app.tx(tenantId, (tx) =>
      queue.enqueue(
        tx,
        ['a', 'b'].map((key) => delivery(key)),
      ),
    );
    const startedMs = performance.now();
    const boundMs = bug === undefined ? 10_000 : 2_000;
    const open = async (): Promise<string[]> => {
      const { rows } = await db.owner.query<{ key: string }>(
        `SELECT key FROM delivery_now WHERE state NOT IN ('delivered', 'discarded')`,
      );
      return rows.map(({ key }) => key);
    };
    await until(async () => (await open()).length === 0, boundMs).catch(() => {});
    return judgeDrained(performance.now() - startedMs, boundMs + 500, await open());
  },
};

/** 12: a window is open: from 8:30 to 9:30 in Chicago. */
const inTheWindow: Scenario = {
  invariant: 12,
  bug: {
    name: 'windows unread',
    what: 'the maintenance windows of destinations are not read',
    alter: replacing(/SELECT tenant_id, name, kind[^]*FROM destination$/, ', windows,', ", '[]'::jsonb AS windows,"),
  },
  async play(db, bug, run) {
    const windowFrom = '2026-03-10T13:30:00Z';
    const clock = settableClock('2026-03-10T13:40:00Z');
    const calls: { what: string; atMs: number }[] = [];
    const system = scriptedSystem({
      send: ({ key }) => {
        calls.push({ what: key, atMs: clock.now().getTime() });
        return { kind: 'confirmed' };
      },
    });
    const queue = run(testQueue(alteredDb(db.engine, bug?.alter), { deliverer: system.deliverer, clock }));
    const windows = [{ cron: '30 8 * * *', zone: 'America/Chicago', durationMinutes: 60 }];
    await db.app.tx(tenantId, (tx) => queue.destinations.ensure(tx, [{ name: 'erp', lanes: 1, windows }]));
    await queue.start();
    await db.app.tx(tenantId, (tx) =>
      queue.enqueue(
        tx,
        ['a', 'b', 'c'].map((key) => delivery(key)),
      ),
    );
    await untilBugShows(bug, () => calls.length > 0, 400);
    const { rows } = await db.owner.query<{ n: number }>('SELECT count(*)::int AS n FROM attempt_now');
    const fromMs = Date.parse(windowFrom);
    return judgeQuiet({ fromMs, toMs: fromMs + 3_600_000 }, calls, rows[0]?.n ?? 0);
  },
};

/** Every delivery is written under one key. */
const oneKeyForAll = replacing(
  'queue-enqueue',
  /nextval\('delivery_position'\), r\.\*([^]*)AS r\b/,
  `nextval('delivery_position'), r.lane_id, r.id, 'all', r.operation, r.payload, r.event_id, r.correlation_id,
     r.traceparent, r.natural_key, r.priority$1
   AS r (lane_id, id, key, operation, payload, event_id, correlation_id, traceparent, natural_key, priority)`,
);

/** 13: two destinations with the same load, one of them with a message that its system refuses. */
const poisonBesideOthers: Scenario = {
  invariant: 13,
  bug: { name: 'one key', what: 'everything of a destination waits for everything before it', alter: oneKeyForAll },
  async play(db, bug, run) {
    const others = 40;
    const system = scriptedSystem({
      send: ({ correlationId }) =>
        correlationId === 'c-poison'
          ? { kind: 'rejected', class: 'schema', code: 'BAD', message: 'no' }
          : { kind: 'confirmed' },
    });
    const queue = run(testQueue(db.engine, { deliverer: system.deliverer }));
    const app = alteredDb(db.app, bug?.alter);
    const destinations = ['with', 'without'].map((name) => ({ name, lanes: 1, concurrency: 4 }));
    await app.tx(tenantId, (tx) => queue.destinations.ensure(tx, destinations));
    await queue.start();
    const load = Array.from({ length: others }, (_, n) => `k${n}`);
    await app.tx(tenantId, (tx) =>
      queue.enqueue(tx, [
        delivery('poison', { destination: 'with' }),
        ...load.flatMap((key) => ['with', 'without'].map((destination) => delivery(key, { destination }))),
      ]),
    );
    const done = (destination: string): number =>
      system.settled.filter(({ state, delivery: row }) => state === 'delivered' && row.destination === destination)
        .length;
    await until(() => done('without') === others);
    // The neighbours have had as many turns as those that are alone; what is committed together is told together.
    await queue.idle();
    return judgePoison(done('without'), done('with'));
  },
};

export const ledgerScenarios: readonly Scenario[] = [
  followersParked,
  oneAfterTheOther,
  blockedKeyPassesOn,
  replayOfTheEarlier,
  stoppedWorkerWakes,
  systemComesBack,
  inTheWindow,
  poisonBesideOthers,
];
