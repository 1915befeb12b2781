import { Type } from 'typebox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualClock, type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import { type ConnectorRequest, createHttpClient, defineConnector } from '../connectors/index.ts';
import { defineOutboundMap, indexMaps, MapError } from '../maps/index.ts';
import { putCrossReferences } from '../partners/index.ts';
import { silentLogger, uuidv7 } from '../platform/index.ts';
import type { DeliveryRow, Settled } from '../queue/index.ts';
import { createDeliverer, listMessages, loadMessages } from './index.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

const requests: ConnectorRequest[] = [];
const erp = defineConnector({
  type: 'erp',
  title: 'ERP of the tests',
  role: 'erp',
  settings: Type.Object({}),
  secrets: Type.Object({}),
  operations: {
    'order.create': {
      title: 'Create an order',
      idempotency: 'A',
      settleMs: 5,
      send: (ctx, request) => {
        requests.push(request);
        return Promise.resolve({ kind: 'confirmed', outsideId: `${ctx.secrets.prefix}-1` });
      },
      lookup: () => Promise.resolve({ kind: 'none' }),
    },
  },
});
const map = defineOutboundMap<{ id: string; name: string }>({
  connector: 'erp',
  operation: 'order.create',
  entity: 'order',
  map(order, context) {
    if (order.name === 'bad') throw new MapError('FIELD_MISSING', 'name is missing', 'name');
    const site = context.lookup('value', 'site:main');
    return { ref: context.naturalKey, name: order.name, ...(site === undefined ? {} : { site }) };
  },
});
const names = new Map([
  ['o1', 'first'],
  ['o2', 'bad'],
]);
const settled: Settled[] = [];
// Past midnight in Greenwich, and still the evening before in New York.
const clock = manualClock('2026-06-02T01:30:00Z');
const deliverer = createDeliverer({
  connectors: [erp],
  maps: indexMaps([map]),
  hydrate: {
    order: (_, ids) =>
      Promise.resolve(new Map(ids.filter((id) => names.has(id)).map((id) => [id, { id, name: names.get(id) }]))),
  },
  connections: {
    get: (_, id) => (id === 'erp' ? { id, type: 'erp', role: 'erp', settings: {}, test: false } : undefined),
    secrets: () => Promise.resolve({ prefix: 'E' }),
  },
  http: createHttpClient(),
  clock,
  timeZoneOf: () => 'America/New_York',
  log: silentLogger,
  dataDirOf: () => '/nowhere',
  settle: (_tx, _tenant, results) => {
    settled.push(...results);
    return Promise.resolve();
  },
});
const delivery = (orderId: string, change: Partial<DeliveryRow> = {}): DeliveryRow => ({
  id: uuidv7(),
  position: 1,
  tenantId: 't',
  destination: 'erp',
  key: orderId,
  operation: 'order.create',
  payload: { kind: 'command', entity: { kind: 'order', id: orderId } },
  correlationId: 'c1',
  naturalKey: `xd1-${orderId}`,
  priority: 0,
  attempt: 1,
  ...change,
});
const prepare = (...batch: DeliveryRow[]) => db.app.tx('t', (tx) => deliverer.prepare(tx, 't', batch));

describe('deliverer', () => {
  it('hydrates, maps, keeps what will be sent, and sends it with the keys that make it recognisable', async () => {
    const row = delivery('o1');
    const prepared = (await prepare(row)).get(row.id)!;
    expect(prepared).toMatchObject({ idempotency: 'A', settleMs: 5, naturalKey: 'xd1-o1', destination: 'erp' });
    const outcome = await deliverer.send(prepared, {
      attemptId: 'a1',
      attempt: 1,
      signal: new AbortController().signal,
    });
    expect(outcome).toEqual({ kind: 'confirmed', outsideId: 'E-1' });
    expect(requests.at(-1)).toMatchObject({
      native: { ref: 'xd1-o1', name: 'first' },
      naturalKey: 'xd1-o1',
      idempotencyKey: row.id,
      correlationId: 'c1',
    });
    const stored = await db.app.tx('t', (tx) => loadMessages(tx, [prepared.outputMessageId!]));
    expect(JSON.parse(Buffer.from(stored.get(prepared.outputMessageId!)!.bytes).toString())).toEqual({
      ref: 'xd1-o1',
      name: 'first',
    });
  });

  it('sends the stored bytes again, whatever the entity says by now', async () => {
    const row = delivery('o1');
    const first = (await prepare(row)).get(row.id)!;
    names.set('o1', 'changed');
    const again = (await prepare({ ...row, attempt: 2, outputMessageId: first.outputMessageId })).get(row.id)!;
    names.set('o1', 'first');
    expect(again.hash).toBe(first.hash);
    expect(again.outputMessageId).toBe(first.outputMessageId);
    await deliverer.send(again, { attemptId: 'a2', attempt: 2, signal: new AbortController().signal });
    expect(requests.at(-1)!.native).toEqual({ ref: 'xd1-o1', name: 'first' });
    const outputs = await db.app.tx('t', (tx) => listMessages(tx, { deliveryId: row.id }));
    expect(outputs).toHaveLength(1);
  });

  it('looks codes up as they are on the company’s day', async () => {
    const reference = { scope: 'erp', type: 'value' as const, external: 'site:main' };
    await db.app.tx('t', (tx) =>
      putCrossReferences(tx, [
        { ...reference, canonical: 'old', validTo: '2026-06-01' },
        { ...reference, canonical: 'new', validFrom: '2026-06-02' },
      ]),
    );
    const row = delivery('o1');
    const prepared = (await prepare(row)).get(row.id)!;
    await db.owner.query('DELETE FROM cross_reference');
    expect((prepared.body as { native: unknown }).native).toMatchObject({ site: 'old' });
  });

  it('skips what refers to nothing, and holds what cannot be mapped or has no way', async () => {
    const gone = delivery('o9');
    expect((await prepare(gone)).get(gone.id)).toMatchObject({ skip: expect.any(String) });
    await expect(prepare(delivery('o2'))).rejects.toMatchObject({ code: 'MAP_FAILED', disposition: 'hold' });
    await expect(prepare(delivery('o1', { destination: 'nobody' }))).rejects.toMatchObject({ code: 'NO_ROUTE' });
    await expect(prepare(delivery('o1', { operation: 'order.dance' }))).rejects.toMatchObject({ code: 'NO_ROUTE' });
  });

  it('marks an output that was given up on, and tells the flows of every outcome', async () => {
    const row = delivery('o1');
    const prepared = (await prepare(row)).get(row.id)!;
    const result: Settled = {
      delivery: row,
      state: 'dead',
      outcome: { kind: 'rejected', class: 'business', code: 'NO', message: 'not like this' },
      attempts: 3,
    };
    await db.app.tx('t', (tx) => deliverer.settled(tx, 't', [result]));
    const [output] = await db.app.tx('t', (tx) => listMessages(tx, { deliveryId: row.id }));
    expect(output).toMatchObject({ id: prepared.outputMessageId, state: 'failed', reason: 'NO: not like this' });
    expect(settled).toContain(result);
  });
});
