import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OrderDesk, holdCodes, orderDesk, orderLine } from '../../test/orders/order-desk.ts';
import { customer, items } from '../../test/orders/ridgeline-data.ts';
import { putItems, putPriceRules } from '../catalog/index.ts';
import type { NewEvent } from '../events/index.ts';
import { loadReservations } from '../inventory/index.ts';
import { loadExposure, putCustomers, recordExposure } from '../parties/index.ts';
import { applyPayments } from './apply-payment.ts';
import { cancelOrder } from './cancel-order.ts';
import { recheckHolds } from './recheck-holds.ts';

let desk: OrderDesk;
beforeEach(async () => {
  desk = await orderDesk();
});
afterEach(() => desk.close());

describe('credit (scenario 11)', () => {
  const bolts = { customer: 'C300', lines: [orderLine('BLT', '100', undefined, 'BX')] };
  const pay = async (amountMinor: number) => {
    await desk.tx((tx) => recordExposure(tx, [{ account: 'C300', receivablesMinor: -amountMinor, reason: 'PAY' }]));
    await desk.publish({
      type: 'finance.payment.received',
      entity: { kind: 'payment', id: 'pay' },
      key: 'C300',
      correlationId: 'pay',
      data: { customer: 'C300' },
    });
  };
  beforeEach(() => desk.stock({ DC1: { BLT: '24000' } }));

  it('holds above the limit, keeps the stock softly, and a payment releases it by itself', async () => {
    const order = await desk.order({ ...bolts, customerPo: 'S11' });
    expect(order.totals.amountMinor).toBe(110_000);
    expect(holdCodes(order)).toEqual(['CREDIT_HOLD']);
    expect(order.status.milestone).toBe('received');
    const [exception] = await desk.exceptions({ orderId: order.id });
    expect(exception).toMatchObject({ code: 'CREDIT_HOLD', ownerRole: 'finance', moneyAtRiskMinor: 110_000 });
    expect(exception!.cause).toContain('5300.00');
    expect(await desk.ats('BLT')).toBe('14000');
    await pay(29_999);
    expect((await desk.load(order.id)).status.onHold).toBe(true);
    await pay(20_001);
    const freed = await desk.load(order.id);
    expect(freed).toMatchObject({ status: { onHold: false, milestone: 'allocated', exception: false } });
    expect(await desk.ats('BLT')).toBe('14000');
    expect(desk.typesOf(order.id).slice(-3)).toEqual([
      'sales.order.holdReleased',
      'credit.order.approved',
      'sales.order.accepted',
    ]);
    expect(desk.commands).toHaveLength(1);
  });

  it('takes the stock that it set aside, although others have come to wait for more', async () => {
    await desk.stock({ DC1: { BLT: '10500' } });
    const held = await desk.order({ ...bolts, customerPo: 'S11c' });
    const behind = await desk.order({ customer: 'C100', lines: [orderLine('BLT', '10', undefined, 'BX')] });
    expect(behind.lines[0]!.q).toMatchObject({ allocated: '500', backordered: '500' });
    await pay(50_000);
    expect((await desk.load(held.id)).lines[0]!.q).toMatchObject({ allocated: '10000', backordered: '0' });
  });

  it('does not let a held order stand in the way of a smaller one, nor two take the same credit', async () => {
    const held = await desk.order({ ...bolts, customerPo: 'big' });
    const small = await desk.order({
      customer: 'C300',
      customerPo: 'small',
      lines: [orderLine('BLT', '70', undefined, 'BX')],
    });
    const more = await desk.order({
      customer: 'C300',
      customerPo: 'more',
      lines: [orderLine('BLT', '10', undefined, 'BX')],
    });
    expect([holdCodes(held), holdCodes(small), holdCodes(more)]).toEqual([['CREDIT_HOLD'], [], ['CREDIT_HOLD']]);
  });

  it('frees credit with a cancelled order', async () => {
    const small = await desk.order({
      customer: 'C300',
      customerPo: 'a',
      lines: [orderLine('BLT', '70', undefined, 'BX')],
    });
    const next = await desk.order({
      customer: 'C300',
      customerPo: 'b',
      lines: [orderLine('BLT', '50', undefined, 'BX')],
    });
    expect(holdCodes(next)).toEqual(['CREDIT_HOLD']);
    await desk.tx((tx) => cancelOrder(desk.hub, tx, { orderId: small.id, reason: 'mistake', actor: 'ann' }));
    await desk.work();
    expect((await desk.load(small.id)).status.milestone).toBe('cancelled');
    expect((await desk.load(next.id)).status.onHold).toBe(false);
  });

  it('shares the limit of the parent within a group', async () => {
    await desk.tx((tx) => putCustomers(tx, [customer('C301', { parentAccountNo: 'C300' })], { now: desk.clock.now() }));
    const order = await desk.order({ customer: 'C301', lines: [orderLine('BLT', '100', undefined, 'BX')] });
    expect(holdCodes(order)).toEqual(['CREDIT_HOLD']);
  });

  it('frees siblings with a cancelled line, and with what a warehouse gives back', async () => {
    const lines = [orderLine('BLT', '40', undefined, 'BX'), orderLine('LED', '1')];
    const taken = await desk.order({ customer: 'C300', customerPo: 'a', lines });
    const next = await desk.order({
      customer: 'C300',
      customerPo: 'b',
      lines: [orderLine('BLT', '50', undefined, 'BX')],
    });
    expect(holdCodes(next)).toEqual(['CREDIT_HOLD']);
    await desk.tx((tx) => cancelOrder(desk.hub, tx, { orderId: taken.id, lines: [1], reason: 'x', actor: 'ann' }));
    await desk.work();
    expect(holdCodes(await desk.load(next.id))).toEqual([]);
    const given = { type: 'sales.order.changed', data: { customer: 'C300' } } as const;
    expect(recheckHolds.on).toContain(given.type);
    expect(recheckHolds.when?.(given as unknown as NewEvent)).toBe(true);
    expect(recheckHolds.when?.({ ...given, data: { erp: null } } as unknown as NewEvent)).toBe(false);
  });

  it('follows a group up to its head: its limit, its hold and its block', async () => {
    const now = desk.clock.now();
    const put = (accountNo: string, change: Parameters<typeof customer>[1]) =>
      desk.tx((tx) => putCustomers(tx, [customer(accountNo, change)], { now }));
    await put('G1', { credit: { status: 'ok', limitMinor: 50_000, openReceivablesMinor: 0 } });
    await put('G2', { parentAccountNo: 'G1' });
    await put('G3', { parentAccountNo: 'G2' });
    await desk.refresh();
    const buy = (boxes: string) => desk.order({ customer: 'G3', lines: [orderLine('BLT', boxes, undefined, 'BX')] });
    expect(holdCodes(await buy('30'))).toEqual([]);
    const over = await buy('30');
    expect(holdCodes(over)).toEqual(['CREDIT_HOLD']);
    await put('G1', { credit: { status: 'ok', limitMinor: 500_000, openReceivablesMinor: 0 } });
    await put('G2', { parentAccountNo: 'G1', credit: { status: 'hold', openReceivablesMinor: 0 } });
    await desk.refresh();
    const held = await buy('1');
    expect(holdCodes(held)).toEqual(['CREDIT_HOLD']);
    expect((await desk.exceptions({ orderId: held.id }))[0]!.cause).toContain('G2');
    await put('G2', { parentAccountNo: 'G1' });
    await put('G1', { block: 'all' });
    await desk.refresh();
    const blocked = await buy('1');
    expect(holdCodes(blocked)).toEqual(['CUSTOMER_BLOCKED']);
    await put('G1', { parentAccountNo: 'G3' });
    await desk.refresh();
    const changed = (id: string) =>
      desk.publish({ type: 'master.customer.changed', entity: { kind: 'customer', id }, key: id, correlationId: 'm' });
    await changed('G1');
    await changed('G2');
    expect(holdCodes(await desk.load(blocked.id))).toEqual([]);
    expect(holdCodes(await desk.load(held.id))).toEqual([]);
  });

  it('is not given for money of another currency', async () => {
    const payment = { source: 'erp', paymentNo: 'P-EUR', customer: 'C300', amountMinor: 500_000, currency: 'EUR' };
    const receivedAt = desk.clock.now().toISOString();
    const owed = async () => (await desk.tx((tx) => loadExposure(tx, ['C300']))).get('C300')!;
    const before = await owed();
    await desk.tx((tx) => applyPayments(tx, desk.hub, [{ ...payment, receivedAt }]));
    expect(await owed()).toEqual(before);
    const [unmatched] = await desk.exceptions({ code: 'REMIT_UNMATCHED' });
    expect(unmatched!.cause).toContain('account C300 is kept in USD');
  });

  it('is asked again when a price makes the order cost more than was granted', async () => {
    await desk.stock({ DC1: { LED: '200' } });
    const limited = customer('C310', { credit: { status: 'ok', limitMinor: 100_000, openReceivablesMinor: 0 } });
    await desk.tx((tx) => putCustomers(tx, [limited], { now: desk.clock.now() }));
    const order = await desk.order({ customer: 'C310', lines: [orderLine('LED', '100', '1.00')] });
    expect(holdCodes(order)).toEqual(['PRICE_MISMATCH']);
    const [mismatch] = await desk.exceptions({ orderId: order.id });
    await desk.act(mismatch!.id, 'accept_price', { price: 'contract' });
    await desk.work();
    const dear = await desk.load(order.id);
    expect(dear.totals.amountMinor).toBe(180_000);
    expect(holdCodes(dear)).toEqual(['CREDIT_HOLD']);
    expect(desk.commands).toEqual([]);
    const [declined] = await desk.exceptions({ orderId: order.id });
    expect(declined!.cause).toContain('open orders 0.00');
    await desk.act(declined!.id, 'release_hold');
    const freed = await desk.load(order.id);
    expect(freed).toMatchObject({ status: { onHold: false }, lines: [{ q: { allocated: '100' } }] });
  });

  it('keeps what has gone on in the exposure, and its stock, while the dearer rest is held', async () => {
    await desk.stock({ DC1: { LED: '200', BLT: '1000' } });
    const limited = customer('C311', { credit: { status: 'ok', limitMinor: 100_000, openReceivablesMinor: 0 } });
    await desk.tx((tx) => putCustomers(tx, [limited], { now: desk.clock.now() }));
    const lines = [orderLine('BLT', '500'), orderLine('LED', '100', '1.00')];
    const order = await desk.order({ customer: 'C311', lines });
    expect(order.lines.map((each) => each.q.allocated)).toEqual(['500', '0']);
    const [mismatch] = await desk.exceptions({ orderId: order.id });
    await desk.act(mismatch!.id, 'accept_price', { price: 'contract' });
    expect(holdCodes(await desk.load(order.id))).toEqual(['CREDIT_HOLD']);
    const exposure = async () => (await desk.tx((tx) => loadExposure(tx, ['C311']))).get('C311')!.unshippedMinor;
    expect(await exposure()).toBe(5500);
    const [declined] = await desk.exceptions({ orderId: order.id });
    await desk.act(declined!.id, 'release_hold');
    expect(await exposure()).toBe(185_500);
    const reserved = await desk.tx((tx) => loadReservations(tx, { orderIds: [order.id], open: true }));
    expect(reserved.map(({ sku, open, hard }) => [sku, open, hard])).toEqual([
      ['BLT', '500', true],
      ['LED', '100', true],
    ]);
  });

  it('is asked again when an item is priced only after the order came in', async () => {
    const limited = customer('C312', { credit: { status: 'ok', limitMinor: 100_000, openReceivablesMinor: 0 } });
    const unpriced = {
      ...items.find(({ sku }) => sku === 'LED')!,
      sku: 'LED-X',
      uoms: [{ code: 'EA', num: 1, den: 1 }],
    };
    await desk.tx(async (tx) => {
      await putCustomers(tx, [limited], { now: desk.clock.now() });
      await putItems(tx, [unpriced], { now: desk.clock.now() });
    });
    await desk.refresh();
    const order = await desk.order({ customer: 'C312', lines: [orderLine('LED-X', '100')] });
    expect(holdCodes(order)).toEqual(['PRICE_MISSING']);
    const price = { value: '100.00', currency: 'USD', perQty: '1', uom: 'EA' };
    const rule = { id: 'P-LED-X', kind: 'list' as const, sku: 'LED-X', price, validFrom: '2020-01-01', priority: 1 };
    await desk.tx((tx) => putPriceRules(tx, [rule], { now: desk.clock.now() }));
    await desk.publish({
      type: 'master.price.changed',
      entity: { kind: 'item', id: 'LED-X' },
      key: 'LED-X',
      correlationId: 'master',
    });
    expect(holdCodes(await desk.load(order.id))).toEqual(['CREDIT_HOLD']);
  });

  it('releases once by a person, and says so', async () => {
    const order = await desk.order({ ...bolts, customerPo: 'S11b' });
    const [exception] = await desk.exceptions({ orderId: order.id });
    await desk.act(exception!.id, 'release_hold');
    expect((await desk.load(order.id)).status.onHold).toBe(false);
    expect(desk.events.at(-1)?.type).not.toBe('sales.order.held');
    expect(desk.events.some((e) => e.type === 'ops.intervention.recorded' && e.data?.actor === 'ann')).toBe(true);
  });
});
