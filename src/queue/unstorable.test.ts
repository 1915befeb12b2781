import { expect, test } from 'vitest';
import { interceptedDb } from '../../test/faults/intercepted-db.ts';
import { delivery, quickRetry, scriptedSystem, testQueue } from '../../test/faults/scripted-queue.ts';
import { until } from '../../test/harness/index.ts';
import { db, get, inTx, run, useQueues } from '../../test/faults/use-queues.ts';
import type { Tx } from '../platform/index.ts';
import type { Deliverer, Outcome, Queue, Settled } from './index.ts';

useQueues({ told: 'delivery_id uuid, word text, response jsonb' });

async function started(queue: Queue): Promise<Queue> {
  run(queue);
  const names = ['erp', 'wms'];
  await inTx((tx) =>
    queue.destinations.ensure(
      tx,
      names.map((name) => ({ name, lanes: 1, retry: quickRetry, breaker: { consecutiveFailures: 1_000 } })),
    ),
  );
  await queue.start();
  return queue;
}

/** What the business rooms do about an outcome: they write it down, as the exceptions do. */
async function writeDown(tx: Tx, results: readonly Settled[]): Promise<void> {
  for (const { delivery: of, outcome } of results) {
    const word = outcome.kind === 'rejected' ? `${outcome.message} (${outcome.code})` : outcome.kind;
    const response = 'response' in outcome ? JSON.stringify(outcome.response ?? null) : null;
    await tx.query('INSERT INTO told VALUES ($1, $2, $3)', [of.id, word, response]);
  }
}

const deep = (): unknown => JSON.parse(`{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
const answers: [name: string, answer: () => Promise<Outcome>][] = [
  [
    'U+0000 and a lone surrogate',
    async () => ({
      kind: 'rejected',
      class: 'business',
      code: 'X\0Y',
      message: 'bad \0 \ud800',
      response: { error: { code: 'X\0Y' } },
    }),
  ],
  [
    'a body of 100,000 levels',
    async () => ({ kind: 'rejected', class: 'business', code: 'DEEP', message: 'x', response: deep() }),
  ],
];

test.each(answers)(
  'a refusal with %s is held like any other, after one send, and nobody else notices',
  async (_, say) => {
    const pending: (() => void)[] = [];
    const system = scriptedSystem({
      send: (row) =>
        row.key === 'bad'
          ? say()
          : new Promise<Outcome>((resolve) => pending.push(() => resolve({ kind: 'confirmed', outsideId: 'o' }))),
    });
    const deliverer: Deliverer = { ...system.deliverer, settled: (tx, _tenant, results) => writeDown(tx, results) };
    const queue = await started(testQueue(db.engine, { deliverer }));
    const [other = ''] = await inTx((tx) => queue.enqueue(tx, [delivery('other', { destination: 'wms' })]));
    await until(() => pending.length === 1);
    const [bad = ''] = await inTx((tx) => queue.enqueue(tx, [delivery('bad')]));
    await until(async () => (await get(queue, bad)).state === 'held');
    pending[0]?.();
    await until(async () => (await get(queue, other)).state === 'delivered');
    expect(system.sends.map((send) => send.key)).toEqual(['other', 'bad']);
    expect((await get(queue, bad)).attemptLog).toMatchObject([{ kind: 'send', state: 'rejected' }]);
  },
);

test('an error that is thrown with U+0000 in it is an unknown outcome like any other', async () => {
  const system = scriptedSystem({
    idempotency: 'C',
    send: () => {
      throw new Error('bad \0');
    },
    lookup: () => ({ kind: 'found', outsideId: 'x\0', sameContent: true }),
  });
  const queue = await started(testQueue(db.engine, { deliverer: system.deliverer }));
  const [id = ''] = await inTx((tx) => queue.enqueue(tx, [delivery('k')]));
  await until(async () => (await get(queue, id)).state === 'delivered');
  expect(await get(queue, id)).toMatchObject({ outsideId: 'x\uFFFD' });
  expect(system.sends.length).toBe(1);
});

test('an outcome that the business rooms cannot ever be told of spends its tries; then a person is told', async () => {
  const told: string[] = [];
  const system = scriptedSystem({ idempotency: 'A', send: () => ({ kind: 'confirmed', outsideId: 'x' }) });
  const deliverer: Deliverer = {
    ...system.deliverer,
    async settled(_tx, _tenant, results) {
      for (const { outcome, nextAttemptAt } of results) {
        if (outcome.kind === 'confirmed') throw new Error('a bug');
        if (outcome.kind === 'unknown' && nextAttemptAt === undefined) told.push(outcome.detail);
      }
    },
  };
  const queue = await started(testQueue(db.engine, { deliverer }));
  const [id = ''] = await inTx((tx) => queue.enqueue(tx, [delivery('k')]));
  await until(() => told.length === 1);
  await queue.idle();
  expect(told).toEqual(['The outcome (confirmed) could not be recorded: Error: a bug']);
  expect(system.sends.length).toBe(quickRetry.maxAttempts);
  const view = await get(queue, id);
  expect(view).toMatchObject({ state: 'outcome_unknown', attempts: quickRetry.maxAttempts });
  expect(view.nextAttemptAt).toBeUndefined();
});

test('what the ledger refuses in every form costs its key alone: nothing is sent again, and no call is repeated', async () => {
  const system = scriptedSystem({ send: (row) => ({ kind: 'confirmed', outsideId: `o-${row.key}` }) });
  let refused = 0;
  let badId = '';
  // Whatever is written of that one delivery fails, as by a constraint of the table.
  const engine = interceptedDb(db.engine, {
    query: (tx, sql, params) => tx.query(sql, params),
    async commitWith(tx, statements) {
      const text = JSON.stringify(statements);
      if (badId !== '' && /queue-(settle|complete-confirmed)/.test(text) && text.includes(badId)) {
        refused++;
        throw new Error('new row violates a check constraint');
      }
      return tx.commitWith(statements);
    },
  });
  const queue = await started(testQueue(engine, { deliverer: system.deliverer }));
  [badId = ''] = await inTx((tx) => queue.enqueue(tx, [delivery('bad'), delivery('bad')]));
  await until(() => refused >= 2);
  const others = await inTx((tx) => queue.enqueue(tx, [delivery('a'), delivery('b'), delivery('a')]));
  for (const id of others) await until(async () => (await get(queue, id)).state === 'delivered');
  expect(system.sends.map((send) => send.key)).toEqual(['bad', 'a', 'b', 'a']);
  expect((await get(queue, badId)).state).toBe('in_flight');
});

test('calls for lanes that another worker has taken are aborted', async () => {
  const calls: { signal: AbortSignal; answer(outcome: Outcome): void }[] = [];
  const deliverer: Deliverer = {
    ...scriptedSystem().deliverer,
    send: (_prepared, { signal }) => new Promise((answer) => void calls.push({ signal, answer })),
  };
  const queue = await started(testQueue(db.engine, { deliverer }));
  await inTx((tx) => queue.enqueue(tx, [delivery('a'), delivery('b', { destination: 'wms' })]));
  await until(() => calls.length === 2);
  await db.owner.query(`UPDATE lane SET epoch = epoch + 1, owner = NULL WHERE destination = 'erp'`);
  // The lane is lost and taken anew, and what may have been sent is sent again, by its class.
  await until(() => calls.length === 3);
  expect(calls.map(({ signal }) => signal.aborted).filter(Boolean)).toHaveLength(1);
  for (const { answer } of calls) answer({ kind: 'confirmed', outsideId: 'o' });
});
