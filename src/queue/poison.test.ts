import { expect, test } from 'vitest';
import { delivery, scriptedSystem, tenantId, testQueue } from '../../test/faults/scripted-queue.ts';
import { testDatabase, until } from '../../test/harness/index.ts';
import type { NewDelivery, Outcome } from './index.ts';

const concurrency = 20;
const keys = Array.from({ length: 40 }, (_, n) => `k${n}`);
const perKey = 10;

/**
 * Works 400 deliveries of 40 keys, and with `poison` one more that fails for ever, with followers. Answers come in
 * rounds: all calls under way are answered together once as many are under way as there can be. So the rounds that it
 * takes are counted, and say nothing of how busy the machine is.
 */
async function roundsToDrain(poison: boolean): Promise<{ rounds: number; poisoned: number }> {
  const db = await testDatabase();
  const pending: { key: string; answer(outcome: Outcome): void }[] = [];
  const left = new Map(keys.map((key) => [key, perKey]));
  const system = scriptedSystem({
    send: ({ key }) => new Promise<Outcome>((answer) => pending.push({ key, answer })),
  });
  const queue = testQueue(db.engine, { deliverer: system.deliverer });
  const retry = { baseMs: 1, factor: 1, maxMs: 1, maxAttempts: 10_000 };
  await db.app.tx(tenantId, (tx) => queue.destinations.ensure(tx, [{ name: 'erp', lanes: 4, concurrency, retry }]));
  const rows: NewDelivery[] = [];
  if (poison) rows.push(delivery('poison'), delivery('poison'), delivery('poison'));
  for (let n = 0; n < perKey; n++) for (const key of keys) rows.push(delivery(key));
  await db.app.tx(tenantId, (tx) => queue.enqueue(tx, rows));
  await queue.start();
  let [rounds, poisoned] = [0, 0];
  while (left.size > 0) {
    await until(() => pending.length >= Math.min(concurrency, left.size));
    rounds++;
    for (const { key, answer } of pending.splice(0)) {
      if (key === 'poison') {
        poisoned++;
        answer({ kind: 'retryable', sent: false, detail: 'always' });
        continue;
      }
      const rest = (left.get(key) ?? 0) - 1;
      if (rest === 0) left.delete(key);
      else left.set(key, rest);
      answer({ kind: 'confirmed' });
    }
  }
  const after = system.sends.filter((send) => send.key === 'poison');
  expect(new Set(after.map((send) => send.deliveryId)).size).toBe(poison ? 1 : 0);
  for (const { answer } of pending.splice(0)) answer({ kind: 'confirmed' });
  const drain = setInterval(() => {
    for (const { answer } of pending.splice(0)) answer({ kind: 'confirmed' });
  }, 5);
  await queue.stop();
  clearInterval(drain);
  await db.drop();
  return { rounds, poisoned };
}

test('a message that fails for ever costs the other keys of its destination less than a tenth', async () => {
  const clean = await roundsToDrain(false);
  const poisoned = await roundsToDrain(true);
  expect(poisoned.poisoned).toBeGreaterThan(3);
  expect(poisoned.rounds).toBeLessThanOrEqual(Math.ceil(clean.rounds * 1.1));
}, 120_000);
