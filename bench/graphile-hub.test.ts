import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase, until } from '../test/harness/index.ts';

let db: TestDatabase;
const children: ChildProcess[] = [];
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(children.map((child) => once(child, 'exit')));
  await db.drop();
});

/** @returns the address that it says */
async function start(name: string, ...args: string[]): Promise<string> {
  const program = fileURLToPath(new URL(name, import.meta.url));
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`${name} ended with ${code}`)));
  const [line] = (await Promise.race([once(child.stdout!, 'data'), ended])) as [Buffer];
  return String(line).trim();
}

test('the reference of the shipping rows takes the orders that the hub takes, and ships them', async () => {
  const sink = await start('./http-sink.ts');
  const url = await start('./graphile-hub.ts', JSON.stringify({ url: db.url, adminKey: 'k', sink }));
  const send = (order: object) =>
    fetch(`${url}/v1/orders`, {
      method: 'POST',
      headers: { authorization: 'Bearer k', 'idempotency-key': 'one', 'content-type': 'application/json' },
      body: JSON.stringify(order),
    });
  const order = {
    channel: 'portal',
    customer: 'C200',
    customerPo: 'P-1',
    currency: 'USD',
    orderDate: '2026-06-01',
    lines: [{ sku: 'LED', quantity: { value: '1', uom: 'EA' } }],
  };
  expect((await send({ ...order, lines: [] })).status).toBe(400);
  expect((await send(order)).status).toBe(201);
  await until(async () => {
    const { rows } = await db.owner.query(
      'SELECT 1 FROM orders WHERE shipped_at IS NOT NULL AND outside_id IS NOT NULL',
    );
    return rows.length === 1;
  });
});
