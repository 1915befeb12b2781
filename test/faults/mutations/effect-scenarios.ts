import type { Deliverer, DeliveryRow } from '../../../src/queue/index.ts';
import { judgeAtMostOnce, judgeNoLoss, judgeUnchanged, judgeUnknown } from '../invariants/effects.ts';
import { delivery, freezable, quickRetry, scriptedSystem, tenantId, testQueue } from '../scripted-queue.ts';
import { until } from '../../harness/until.ts';
import { alteredDb, replacing } from './altered-db.ts';
import { type Scenario, untilBugShows } from './scenario.ts';

/** 1: two writers; the one that took its position first commits last. */
const lateCommit: Scenario = {
  invariant: 1,
  bug: {
    name: 'cursor outbox',
    what: 'readers take everything up to the last position for committed',
    alter: replacing('queue-take-mark', 'pg_snapshot_xmin(pg_current_snapshot())::text::bigint', '9007199254740000'),
  },
  async play(db, bug, run) {
    const system = scriptedSystem();
    const queue = run(testQueue(alteredDb(db.engine, bug?.alter), { deliverer: system.deliverer }));
    await db.app.tx(tenantId, (tx) => queue.destinations.ensure(tx, [{ name: 'erp', lanes: 1 }]));
    await queue.start();
    let commit: (() => void) | undefined;
    const late = db.app.tx(tenantId, async (tx) => {
      await queue.enqueue(tx, [delivery('late')]);
      await new Promise<void>((resolve) => (commit = resolve));
    });
    await until(() => commit !== undefined);
    await db.app.tx(tenantId, (tx) => queue.enqueue(tx, [delivery('early')]));
    // As long as a reader that trusts the positions needs to pass it.
    await untilBugShows(bug, () => system.settled.length > 0, 500);
    commit?.();
    await late;
    await until(() => system.sends.length === 2, bug === undefined ? 10_000 : 1_000).catch(() => {});
    await queue.idle();
    const { rows } = await db.owner.query<{ key: string; open: number }>(
      `SELECT key, count(*) FILTER (WHERE state <> 'delivered')::int AS open FROM delivery_now GROUP BY key`,
    );
    return judgeNoLoss(
      ['late', 'early'].map((what) => ({
        what,
        recorded: rows.some(({ key }) => key === what),
        effects: system.sends.filter(({ key }) => key === what).length,
        open: rows.find(({ key }) => key === what)?.open ?? 0,
      })),
    );
  },
};

/** What a system has in its books that tells nobody apart by a key (class C): every send is one more. */
function books() {
  const entries: string[] = [];
  const note = (row: DeliveryRow): void => void entries.push(row.key);
  const lookup = (row: DeliveryRow) =>
    entries.includes(row.key)
      ? ({ kind: 'found', outsideId: row.key, sameContent: true } as const)
      : ({ kind: 'none' } as const);
  return { entries, note, lookup };
}

/** 2: a hub dies between a send and its answer; the next one takes its lanes over. */
const diedAtSend: Scenario = {
  invariant: 2,
  bug: {
    name: 'no recovery',
    what: 'who takes lanes over does not ask what their former holder had on its way',
    alter: replacing('queue-open-intents', 'WHERE lanes', 'WHERE false AND lanes'),
  },
  async play(db, bug, run) {
    const { entries, note, lookup } = books();
    const frozen = freezable(db.engine);
    const dying = scriptedSystem({
      idempotency: 'C',
      send: (row) => {
        note(row);
        return new Promise(() => {});
      },
    });
    const first = testQueue(frozen, { deliverer: dying.deliverer, leaseMs: 500, workerId: 'first' });
    await db.app.tx(tenantId, (tx) => first.destinations.ensure(tx, [{ name: 'erp', lanes: 1, retry: quickRetry }]));
    await first.start();
    await db.app.tx(tenantId, (tx) => first.enqueue(tx, [delivery('order')]));
    await until(() => entries.length === 1);
    frozen.freeze();
    const next = scriptedSystem({ idempotency: 'C', send: (row) => (note(row), { kind: 'confirmed' }), lookup });
    const engine = alteredDb(db.engine, bug?.alter);
    const second = run(testQueue(engine, { deliverer: next.deliverer, leaseMs: 2_000, workerId: 'second' }));
    await second.start();
    await until(() => next.settled.some(({ state }) => state === 'delivered'));
    return judgeAtMostOnce(entries.map((key) => ({ what: 'entry', key })));
  },
};

/** A deliverer that takes "nobody knows" for "it never left". */
function blindly(deliverer: Deliverer): Deliverer {
  return {
    ...deliverer,
    async send(...args) {
      const outcome = await deliverer.send(...args);
      return outcome.kind === 'unknown' ? { kind: 'retryable', sent: false, detail: outcome.detail } : outcome;
    },
  };
}

/** 3: the system does what it is asked, and the answer is lost. */
const answerLost: Scenario = {
  invariant: 3,
  bug: { name: 'blind retry', what: 'a time-out counts as not sent', planted: 'blind retry' },
  async play(db, bug, run) {
    const { entries, note, lookup } = books();
    const system = scriptedSystem({
      idempotency: 'C',
      send: (row, attempt) => {
        note(row);
        return attempt === 1 ? { kind: 'unknown', detail: 'time-out' } : { kind: 'confirmed' };
      },
      lookup,
    });
    const deliverer = bug === undefined ? system.deliverer : blindly(system.deliverer);
    const queue = run(testQueue(db.engine, { deliverer }));
    await db.app.tx(tenantId, (tx) => queue.destinations.ensure(tx, [{ name: 'erp', lanes: 1, retry: quickRetry }]));
    await queue.start();
    await db.app.tx(tenantId, (tx) => queue.enqueue(tx, [delivery('order')]));
    await until(() => system.settled.some(({ state }) => state === 'delivered'));
    return judgeUnknown([{ what: 'order', converged: true, effects: entries.length }]);
  },
};

/** A deliverer whose key is another one at every attempt. */
function freshKeys(deliverer: Deliverer): Deliverer {
  return {
    ...deliverer,
    async prepare(tx, tenant, batch) {
      const prepared = await deliverer.prepare(tx, tenant, batch);
      for (const row of batch) {
        const one = prepared.get(row.id);
        if (one !== undefined) prepared.set(row.id, { ...one, naturalKey: `${one.naturalKey}#${row.attempt}` });
      }
      return prepared;
    },
  };
}

/** 8: everything is replayed twice; the system writes under the key it is given (class A). */
const replayTwice: Scenario = {
  invariant: 8,
  bug: { name: 'fresh keys', what: 'every attempt has a key of its own', planted: 'fresh keys' },
  async play(db, bug, run) {
    const system = scriptedSystem({ idempotency: 'A' });
    const written = new Map<string, Set<string>>();
    const writing: Deliverer = {
      ...system.deliverer,
      async send(prepared, attempt) {
        const { key } = prepared.body as DeliveryRow;
        written.set(key, (written.get(key) ?? new Set()).add(prepared.naturalKey));
        return system.deliverer.send(prepared, attempt);
      },
    };
    const queue = run(testQueue(db.engine, { deliverer: bug === undefined ? writing : freshKeys(writing) }));
    await db.app.tx(tenantId, (tx) => queue.destinations.ensure(tx, [{ name: 'erp', retry: quickRetry }]));
    await queue.start();
    const keys = ['a', 'b', 'c'];
    const ids = await db.app.tx(tenantId, (tx) =>
      queue.enqueue(
        tx,
        keys.map((key) => delivery(key)),
      ),
    );
    await until(() => system.settled.length === keys.length);
    await queue.idle();
    const counts = (): Map<string, number> => new Map([...written].map(([key, under]) => [key, under.size]));
    const before = counts();
    for (let round = 1; round <= 2; round++) {
      for (const id of ids) {
        await db.app.tx(tenantId, (tx) => queue.deliveries.replay(tx, id, { actor: 'ann', reason: 'again' }));
      }
      await until(() => system.settled.length === keys.length * (round + 1));
      await queue.idle();
    }
    return judgeUnchanged(before, counts());
  },
};

export const effectScenarios: readonly Scenario[] = [lateCommit, diedAtSend, answerLost, replayTwice];
