import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { customer } from '../../test/orders/ridgeline-data.ts';
import { type OrderDesk, orderDesk, tenant } from '../../test/orders/order-desk.ts';
import { getException } from '../exceptions/index.ts';
import { listMessages } from '../exchange/index.ts';
import { listOrders } from '../orders/index.ts';
import { putCustomers } from '../parties/index.ts';

let desk: OrderDesk;
beforeAll(async () => {
  desk = await orderDesk();
});
afterAll(() => desk.close());

const led = (value: string) => ({ sku: 'LED', quantity: { value, uom: 'EA' } });
const bytes = (text: string): Uint8Array => Buffer.from(text);

describe('taking in an order', () => {
  it('answers the order with its number, prices and quantities, and archives what came', async () => {
    const result = await desk.submit(
      {
        channel: 'api',
        customerPo: 'PO-1',
        lines: [led('10'), { gtin: '10614141100023', quantity: { value: '2', uom: 'BX' } }],
      },
      { message: { channel: 'api', contentType: 'application/json', bytes: bytes('{"raw":1}') } },
    );
    if (result.outcome !== 'created') throw new Error(result.outcome);
    const { order } = result;
    expect(order.orderNo).toMatch(/^SO\d{7}$/);
    expect(order.status).toEqual({
      milestone: 'received',
      onHold: false,
      exception: false,
      invoice: 'none',
      payment: 'unpaid',
    });
    expect(order.lines.map((l) => [l.sku, l.q.ordered, l.amountMinor, l.priceSource])).toEqual([
      ['LED', '10', 18_000, 'list'],
      ['BLT', '200', 2_200, 'list'],
    ]);
    expect(order.shipTo).toMatchObject({ id: 'DOCK', resolved: true });
    const [message] = await desk.tx((tx) => listMessages(tx, { correlationId: order.correlationId }));
    expect(message).toMatchObject({ id: order.sourceMessageId, state: 'processed', byteSize: 9 });
  });

  it('gives many at once numbers of their own in few transactions', async () => {
    const before = await desk.db.owner.query(
      'SELECT sum(xact_commit) AS n FROM pg_stat_database WHERE datname = current_database()',
    );
    const results = await Promise.all(
      Array.from({ length: 150 }, (_, i) => desk.submit({ customerPo: `MANY-${i}`, lines: [led('1')] })),
    );
    expect(new Set(results.map((r) => r.outcome))).toEqual(new Set(['created']));
    expect(new Set(results.map((r) => (r.outcome === 'created' ? r.order.orderNo : ''))).size).toBe(150);
    await desk.db.owner.query('SELECT pg_stat_force_next_flush()');
    const after = await desk.db.owner.query(
      'SELECT sum(xact_commit) AS n FROM pg_stat_database WHERE datname = current_database()',
    );
    expect(Number(after.rows[0].n) - Number(before.rows[0].n)).toBeLessThan(30);
  });

  it.each([
    ['a customer', { customer: 'C999', lines: [led('1')] }, 'UNKNOWN_CUSTOMER', '/customer'],
    [
      'an item',
      { lines: [led('1'), { sku: 'NOPE', quantity: { value: '1', uom: 'EA' } }] },
      'UNKNOWN_ITEM',
      '/lines/1/sku',
    ],
    [
      'a unit',
      { lines: [{ sku: 'LED', quantity: { value: '1', uom: 'PALLET' } }] },
      'UOM_UNKNOWN',
      '/lines/0/quantity',
    ],
    [
      'a fraction',
      { lines: [{ sku: 'LED', quantity: { value: '0.4', uom: 'BX' } }] },
      'UOM_INEXACT',
      '/lines/0/quantity',
    ],
  ])('refuses %s it does not know, keeps the message and opens an exception', async (_, submission, code, pointer) => {
    const before = await desk.tx((tx) => listOrders(tx, {}, { limit: 1 }));
    const result = await desk.submit(
      { customerPo: `BAD-${code}`, ...submission },
      {
        message: { channel: 'api', contentType: 'application/json', bytes: bytes(code) },
      },
    );
    expect(result).toMatchObject({ outcome: 'refused', code, errors: [{ pointer, code }] });
    expect((await desk.tx((tx) => listOrders(tx, {}, { limit: 1 }))).rows[0]?.id).toBe(before.rows[0]?.id);
    const [exception] = await desk.exceptions({ code });
    expect(exception).toMatchObject({ id: (result as { exceptionId: string }).exceptionId, class: 'data' });
    expect(
      (await desk.tx((tx) => listMessages(tx, { state: 'refused' }))).some((m) => m.id === exception!.messageId),
    ).toBe(true);
  });

  it('knows a customer that was added a moment ago in another process', async () => {
    await desk.tx((tx) => putCustomers(tx, [customer('C150')], { now: desk.clock.now() }));
    expect(await desk.submit({ customer: 'C150', lines: [led('1')] })).toMatchObject({ outcome: 'created' });
  });
});

describe('text that no database holds', () => {
  it('is refused by itself, and its neighbours of the same batch are taken in', async () => {
    const withNul = { ...led('1'), description: 'a\0b' };
    const harmless = { ...led('1'), description: 'C:\\u0000 and C:\\uda' };
    const results = await Promise.allSettled([
      desk.submit({ customerPo: 'NUL-1', lines: [led('1')] }),
      desk.submit({ customerPo: 'NUL-2', lines: [withNul] }),
      desk.submit({ customerPo: 'NUL-3', lines: [{ ...led('1'), description: 'half a \ud800 pair' }] }),
      desk.submit({ customerPo: 'NUL-4', lines: [harmless] }),
    ]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { code: 'VALIDATION_FAILED' } });
    const { rows: taken } = await desk.tx((tx) => listOrders(tx, { customerPo: 'NUL-4' }, { limit: 10 }));
    expect(taken[0]?.lines[0]?.description).toBe(harmless.description);
  });
});

describe('idempotency', () => {
  const key = (name: string, body: string) => ({ idempotency: { scope: 'api', key: name, request: body } });

  it('answers the same key and body with the same response, whatever has happened since', async () => {
    const first = await desk.submit({ customerPo: 'K1', lines: [led('1')] }, key('k1', 'body'));
    await desk.work();
    const second = await desk.submit({ customerPo: 'K1', lines: [led('1')] }, key('k1', 'body'));
    expect(second).toEqual({ ...first, replayed: true });
  });

  it('refuses the same key with another body and writes nothing', async () => {
    await desk.submit({ customerPo: 'K2', lines: [led('1')] }, key('k2', 'one'));
    const other = await desk.submit({ customerPo: 'K2b', lines: [led('1')] }, key('k2', 'two'));
    expect(other).toMatchObject({ outcome: 'conflict', code: 'IDEMPOTENCY_KEY_REUSED' });
    expect((await desk.tx((tx) => listOrders(tx, { customerPo: 'K2b' }, { limit: 5 }))).rows).toEqual([]);
  });

  it('makes one order of a key that comes twice at the same moment', async () => {
    const both = await Promise.all([1, 2, 3].map(() => desk.submit({ lines: [led('1')] }, key('k3', 'body'))));
    const ids = both.map((result) => (result.outcome === 'created' ? result.order.id : result.outcome));
    expect(new Set(ids).size).toBe(1);
    expect(both.filter((result) => result.outcome === 'created' && !result.replayed)).toHaveLength(1);
  });

  it('keeps a key usable whose request was refused', async () => {
    await desk.submit({ customer: 'C160', lines: [led('1')] }, key('k4', 'body'));
    await desk.tx((tx) => putCustomers(tx, [customer('C160')], { now: desk.clock.now() }));
    expect(await desk.submit({ customer: 'C160', lines: [led('1')] }, key('k4', 'body'))).toMatchObject({
      outcome: 'created',
    });
  });
});

describe('the same purchase order again', () => {
  it('is not taken a second time, whatever door it comes through', async () => {
    const first = await desk.submit({ customerPo: 'DUP-1', lines: [led('2')] });
    const again = await desk.submit({ channel: 'portal', customerPo: 'DUP-1', lines: [led('2')] });
    expect(again).toMatchObject({
      outcome: 'duplicate',
      code: 'DUPLICATE_ORDER',
      differs: false,
      existingId: first.outcome === 'created' ? first.order.id : '',
    });
    const [exception] = await desk.exceptions({ code: 'DUPLICATE_ORDER' });
    expect(exception?.entityRefs[0]).toMatchObject({ kind: 'order', id: (again as { existingId: string }).existingId });
  });

  it('is resolved within one batch', async () => {
    const both = await Promise.all([
      desk.submit({ customerPo: 'DUP-2', lines: [led('1')] }),
      desk.submit({ customerPo: 'DUP-2', lines: [led('1')] }),
    ]);
    expect(both.map((result) => result.outcome).sort()).toEqual(['created', 'duplicate']);
  });

  it('replays the 409 under its key', async () => {
    await desk.submit({ customerPo: 'DUP-3', lines: [led('1')] });
    const request = { idempotency: { scope: 'api', key: 'dup3', request: 'b' } };
    const first = await desk.submit({ customerPo: 'DUP-3', lines: [led('1')] }, request);
    expect(await desk.submit({ customerPo: 'DUP-3', lines: [led('1')] }, request)).toEqual({
      ...first,
      replayed: true,
    });
  });

  it('with other lines waits for a person, who may take it as one more order', async () => {
    const first = await desk.order({ customerPo: 'CHG-1', lines: [led('2')] });
    const changed = await desk.submit({ customerPo: 'CHG-1', lines: [led('3')] });
    expect(changed).toMatchObject({ outcome: 'duplicate', differs: true, existingId: first.id });
    const [review] = await desk.exceptions({ code: 'ORDER_CHANGE_REVIEW' });
    expect(review).toMatchObject({ orderId: first.id, moneyAtRiskMinor: 5_400 });
    expect((await desk.load(first.id)).status.exception).toBe(true);
    expect(desk.events.filter(({ type }) => type === 'sales.order.changeRequested')).toMatchObject([
      { orderId: first.id, entity: { kind: 'order', id: first.id }, data: { poNumber: 'CHG-1', purpose: 'replace' } },
    ]);
    await desk.act(review!.id, 'assign', { assignee: 'bob' });
    expect(desk.events.findLast(({ type }) => type === 'ops.exception.assigned')).toMatchObject({
      orderId: first.id,
      data: { exceptionId: review!.id, code: 'ORDER_CHANGE_REVIEW', assignee: 'bob', by: 'ann' },
    });
    await desk.act(review!.id, 'accept_as_new');
    const { rows } = await desk.tx((tx) => listOrders(tx, { customerPo: 'CHG-1' }, { limit: 5 }));
    expect(rows.map((order) => order.lines[0]?.q.ordered)).toEqual(['3', '2']);
    expect(new Set(rows.map((order) => order.naturalKey)).size).toBe(2);
    expect(await desk.exceptions({ code: 'ORDER_CHANGE_REVIEW' })).toEqual([]);
    // Whoever reads the exception later is led to what it became.
    const closed = await desk.tx((tx) => getException(tx, review!.id));
    expect(closed?.outcomeRefs).toEqual([{ kind: 'order', id: rows[0]!.id, label: rows[0]!.orderNo }]);
  });

  it('may be rejected, and then nothing changes', async () => {
    await desk.order({ customerPo: 'CHG-2', lines: [led('2')] });
    await desk.submit({ customerPo: 'CHG-2', lines: [led('3')] });
    const [review] = await desk.exceptions({ code: 'ORDER_CHANGE_REVIEW' });
    await desk.act(review!.id, 'reject');
    expect((await desk.tx((tx) => listOrders(tx, { customerPo: 'CHG-2' }, { limit: 5 }))).rows).toHaveLength(1);
  });
});

it('shows no order of another tenant', async () => {
  await desk.submit({ customerPo: 'MINE', lines: [led('1')] });
  const theirs = await desk.db.app.tx('other', (tx) => listOrders(tx, {}, { limit: 10 }));
  expect(theirs.rows).toEqual([]);
  expect(
    (await desk.db.app.tx(tenant, (tx) => listOrders(tx, { customerPo: 'MINE' }, { limit: 10 }))).rows,
  ).toHaveLength(1);
});
