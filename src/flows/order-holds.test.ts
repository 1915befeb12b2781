import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OrderDesk, holdCodes, orderDesk, orderLine } from '../../test/orders/order-desk.ts';
import { customer, items } from '../../test/orders/ridgeline-data.ts';
import { putItems, putPriceRules } from '../catalog/index.ts';
import type { NewEvent } from '../events/index.ts';
import { putCustomers } from '../parties/index.ts';
import { HubError } from '../platform/index.ts';

let desk: OrderDesk;
beforeEach(async () => {
  desk = await orderDesk();
});
afterEach(() => desk.close());

const masterChanged = (type: NewEvent['type'], kind: 'customer' | 'item', id: string) =>
  desk.publish({ type, entity: { kind, id }, key: id, correlationId: 'master' });

describe('an order with nothing wrong (scenario 1)', () => {
  it('is accepted, reserved and handed to the ERP once, under its natural key', async () => {
    await desk.stock({ DC1: { LED: '50' }, DC2: { LED: '10' }, BR3: { LED: '8' } });
    expect([await desk.ats('LED', 'marketplace'), await desk.ats('LED')]).toEqual(['51', '56']);
    const order = await desk.order({
      channel: 'portal',
      customer: 'C200',
      customerPo: 'S1',
      lines: [orderLine('LED', '10')],
    });
    expect(order.status).toMatchObject({ milestone: 'allocated', onHold: false, exception: false });
    expect(order.portalStatus).toBe('in process');
    expect([await desk.ats('LED', 'marketplace'), await desk.ats('LED')]).toEqual(['41', '46']);
    expect(desk.typesOf(order.id)).toEqual(['sales.order.received', 'sales.order.accepted']);
    expect(desk.commands).toMatchObject([
      {
        destination: 'erp',
        operation: 'order.create',
        key: order.id,
        naturalKey: order.naturalKey,
        correlationId: order.correlationId,
      },
    ]);
    expect(new Set(desk.events.map((event) => event.correlationId))).toEqual(new Set([order.correlationId]));
  });

  it('is announced as created at once where there is no ERP', async () => {
    const alone = await orderDesk({ connections: {} });
    await alone.stock({ DC1: { LED: '50' } });
    const order = await alone.order({ lines: [orderLine('LED', '1')] });
    expect(alone.events.map((event) => event.type)).toContain('sales.order.created');
    expect(order.erpOrderNo).toBe(order.orderNo);
    await alone.close();
  });
});

describe('what looks like a slip of the keyboard', () => {
  it.each([
    ['a quantity', orderLine('GLV', '10000000'), '10,000,000 EA of GLV'],
    ['an amount', orderLine('LED', '60000'), 'comes to 1,080,000.00 USD'],
  ])('in %s holds the line until a person says that it is meant', async (_, line, words) => {
    const order = await desk.order({ lines: [line] });
    expect(holdCodes(order)).toEqual(['QUANTITY_IMPLAUSIBLE']);
    const [exception] = await desk.exceptions({ code: 'QUANTITY_IMPLAUSIBLE' });
    expect(exception).toMatchObject({ cause: expect.stringContaining(words), ownerRole: 'customer_service' });
    await desk.act(exception!.id, 'release_hold');
    expect(holdCodes(await desk.load(order.id))).toEqual([]);
  });
});

describe('a GTIN', () => {
  const held = async (line: object) => {
    const order = await desk.order({ lines: [{ ...orderLine('BLT', '1'), ...line }] });
    return holdCodes(order);
  };

  it('of another item or of another pack holds the line', async () => {
    expect(await held({ gtin: '00614141100088' })).toEqual(['PACK_MISMATCH']);
    expect(await held({ gtin: '10614141100023' })).toEqual(['PACK_MISMATCH']);
    const [exception] = await desk.exceptions({ code: 'PACK_MISMATCH' });
    expect(exception?.cause).toContain('is one BX of BLT; the line orders EA');
    const order = await desk.load(exception!.orderId!);
    // Looked at again, it is the same.
    await masterChanged('master.item.changed', 'item', 'BLT');
    expect(holdCodes(await desk.load(order.id))).toEqual(['PACK_MISMATCH']);
  });

  it('of the pack that is ordered, of the base unit, or of nothing that we have holds nothing', async () => {
    expect(await held({ gtin: '10614141100023', quantity: { value: '1', uom: 'BX' } })).toEqual([]);
    expect(await held({ gtin: '00614141100026', quantity: { value: '1', uom: 'BX' } })).toEqual([]);
    expect(await held({ gtin: '99999999999997' })).toEqual([]);
  });
});

describe('shortage', () => {
  it('allocates what is there and backorders the rest (scenario 4)', async () => {
    await desk.stock({ DC1: { 'PMP-220': '3' } });
    const order = await desk.order({ customerPo: 'S4', lines: [orderLine('PMP-220', '5')] });
    expect(order.lines[0]!.q).toMatchObject({ ordered: '5', allocated: '3', backordered: '2', cancelled: '0' });
    expect(order.status.milestone).toBe('partially_allocated');
    expect(desk.typesOf(order.id)).toContain('sales.line.backordered');
    expect(await desk.exceptions({ orderId: order.id })).toMatchObject([
      { code: 'BACKORDER', moneyAtRiskMinor: 90_000 },
    ]);
    expect(desk.commands).toHaveLength(1);
  });

  it('keeps what is there and waits where the order must ship complete (scenario 5)', async () => {
    await desk.stock({ DC1: { 'PMP-220': '3' } });
    const order = await desk.order({ customerPo: 'S5', shipComplete: true, lines: [orderLine('PMP-220', '5')] });
    expect(order.lines[0]!.q).toMatchObject({ allocated: '3', backordered: '2', released: '0' });
    expect(holdCodes(order)).toEqual(['SHIP_COMPLETE']);
    expect(order.portalStatus).toBe('under review');
    expect(desk.commands).toEqual([]);
    const [exception] = await desk.exceptions({ orderId: order.id });
    expect(exception).toMatchObject({ code: 'SHIP_COMPLETE', ownerRole: 'operations', moneyAtRiskMinor: 225_000 });
    const effects = await desk.act(exception!.id, 'release_hold');
    expect(effects.join()).toContain('goes on to the ERP');
    expect(desk.commands).toHaveLength(1);
    expect((await desk.load(order.id)).status.onHold).toBe(false);
  });

  it('sells what is left of a phased-out item and rejects the rest; other lines go on (scenario 7)', async () => {
    await desk.stock({ DC1: { FLT: '4', LED: '50' } });
    const order = await desk.order({ customerPo: 'S7', lines: [orderLine('FLT', '10'), orderLine('LED', '2')] });
    expect(order.lines[0]).toMatchObject({
      q: { allocated: '4', cancelled: '6', backordered: '0' },
      rejected: { quantity: '6', reason: 'ITEM_DISCONTINUED' },
      milestone: 'allocated',
    });
    expect(order.lines[1]!.milestone).toBe('allocated');
    expect(desk.commands).toHaveLength(1);
  });

  it('refuses the rest where the customer takes no backorders, and rejects an order of which nothing is left', async () => {
    await desk.tx((tx) => putCustomers(tx, [customer('C170', { allowBackorder: false })], { now: desk.clock.now() }));
    const order = await desk.order({ customer: 'C170', lines: [orderLine('LED', '2')] });
    expect(order.status.milestone).toBe('cancelled');
    expect(order.lines[0]!.rejected).toEqual({ quantity: '2', reason: 'BACKORDER_REFUSED' });
    expect(desk.typesOf(order.id).at(-1)).toBe('sales.order.rejected');
    expect(desk.commands).toEqual([]);
  });
});

describe('prices (scenario 9)', () => {
  beforeEach(() => desk.stock({ DC1: { GLV: '600', LED: '50' } }));

  it("takes the buyer's price within the tolerance and bills it", async () => {
    const order = await desk.order({ customerPo: 'S9a', lines: [orderLine('GLV', '100', '4.22')] });
    expect(order.lines[0]).toMatchObject({
      holds: [],
      amountMinor: 42_200,
      price: { value: '4.22' },
      priceSource: 'po',
    });
    expect(desk.commands).toHaveLength(1);
  });

  it.each(['4.10', '4.40'])('holds the line outside of it, both ways: %s', async (value) => {
    const order = await desk.order({
      customerPo: 'S9b',
      lines: [orderLine('GLV', '100', value), orderLine('LED', '1')],
    });
    expect(order.lines.map((l) => l.holds.map((hold) => hold.code))).toEqual([['PRICE_MISMATCH'], []]);
    expect(order.lines.map((l) => l.q.allocated)).toEqual(['0', '1']);
    // The line that is fine goes on; the held one joins the same ERP order when it is decided.
    expect(desk.commands.map((command) => command.operation)).toEqual(['order.create']);
    const [exception] = await desk.exceptions({ code: 'PRICE_MISMATCH' });
    expect(exception).toMatchObject({ orderId: order.id, data: { lineNo: 1, percent: '3.53' } });
    await desk.act(exception!.id, 'accept_price');
    expect(desk.commands.map((command) => command.operation)).toEqual(['order.create', 'order.change']);
    expect((await desk.load(order.id)).status).toMatchObject({ onHold: false, milestone: 'allocated' });
  });

  it('holds a line of large value within 2% when more than $25 are at stake', async () => {
    await desk.stock({ DC2: { GLV: '2000' } });
    const order = await desk.order({ lines: [orderLine('GLV', '1000', '4.22')] });
    expect(holdCodes(order)).toEqual(['PRICE_MISMATCH']);
  });

  it.each([
    ['po', { value: '4.10' }, 41_000],
    ['contract', { value: '4.25' }, 42_500],
  ])('lets a person decide for the %s price', async (choice, price, amountMinor) => {
    const order = await desk.order({ customerPo: 'S9c', lines: [orderLine('GLV', '100', '4.10')] });
    const [exception] = await desk.exceptions({ code: 'PRICE_MISMATCH' });
    await desk.act(exception!.id, 'accept_price', { price: choice });
    const decided = await desk.load(order.id);
    expect(decided.lines[0]).toMatchObject({ holds: [], price, amountMinor, q: { allocated: '100' } });
    expect(decided.status).toMatchObject({ onHold: false, exception: false });
    expect(desk.commands).toHaveLength(1);
  });

  it('goes on by itself when the contract price is changed to match', async () => {
    const order = await desk.order({ lines: [orderLine('GLV', '100', '4.10')] });
    const rule = {
      id: 'P-GLV',
      kind: 'list' as const,
      sku: 'GLV',
      price: { value: '4.12', currency: 'USD', perQty: '1', uom: 'EA' },
    };
    await desk.tx((tx) =>
      putPriceRules(tx, [{ ...rule, validFrom: '2026-01-01', priority: 0 }], { now: desk.clock.now() }),
    );
    await masterChanged('master.price.changed', 'item', 'GLV');
    expect((await desk.load(order.id)).status.onHold).toBe(false);
    expect(await desk.exceptions({ orderId: order.id })).toEqual([]);
    expect(desk.typesOf(order.id)).toEqual([
      'sales.order.received',
      'ops.exception.opened',
      'sales.order.held',
      'pricing.order.mismatched',
      'ops.exception.resolved',
      'sales.order.holdReleased',
      'sales.order.accepted',
    ]);
  });
});

describe('items', () => {
  it('holds a discontinued item for sales, and a blocked one until it is active', async () => {
    await desk.stock({ DC1: { LED: '50' } });
    const old = await desk.order({ lines: [orderLine('OLD', '1')] });
    expect(holdCodes(old)).toEqual(['ITEM_DISCONTINUED']);
    const led = items.find((item) => item.sku === 'LED')!;
    await desk.tx((tx) => putItems(tx, [{ ...led, status: 'blocked' }], { now: desk.clock.now() }));
    await desk.refresh();
    const blocked = await desk.order({ lines: [orderLine('LED', '1')] });
    expect(holdCodes(blocked)).toEqual(['ITEM_BLOCKED']);
    await desk.tx((tx) => putItems(tx, [led], { now: desk.clock.now() }));
    await masterChanged('master.item.changed', 'item', 'LED');
    expect((await desk.load(blocked.id)).status).toMatchObject({ onHold: false, milestone: 'allocated' });
  });

  it('goes on without a line that is cancelled', async () => {
    await desk.stock({ DC1: { LED: '50' } });
    const order = await desk.order({ lines: [orderLine('OLD', '1'), orderLine('LED', '1')] });
    const [exception] = await desk.exceptions({ code: 'ITEM_DISCONTINUED' });
    await desk.act(exception!.id, 'cancel_line');
    const rest = await desk.load(order.id);
    expect(rest.lines.map((l) => l.milestone)).toEqual(['cancelled', 'allocated']);
    expect(desk.commands.map((command) => command.operation)).toEqual(['order.create']);
    expect(await desk.exceptions({ orderId: order.id })).toEqual([]);
  });
});

describe('ship-to (scenario 10)', () => {
  const unknown = { code: { qualifier: 'UL', code: '0614141900206' } };

  it('holds orders to an unknown GLN; one approval frees all siblings', async () => {
    await desk.stock({ DC1: { LED: '50' } });
    const first = await desk.order({ customerPo: 'S10a', shipTo: unknown, lines: [orderLine('LED', '1')] });
    const second = await desk.order({ customerPo: 'S10b', shipTo: unknown, lines: [orderLine('LED', '2')] });
    expect(holdCodes(first)).toEqual(['SHIPTO_INVALID']);
    expect(first.lines[0]!.q.allocated).toBe('0');
    expect(await desk.ats('LED')).toBe('37');
    const [exception] = await desk.exceptions({ orderId: first.id });
    await expect(desk.act(exception!.id, 'approve_cross_reference', { canonicalId: 'NOWHERE' })).rejects.toThrow(
      /ship-to/,
    );
    const effects = await desk.act(exception!.id, 'approve_cross_reference', { canonicalId: 'DOCK' });
    expect(effects).toHaveLength(3);
    for (const { id } of [first, second]) {
      expect(await desk.load(id)).toMatchObject({
        status: { onHold: false, milestone: 'allocated' },
        shipTo: { id: 'DOCK', resolved: true },
      });
    }
    expect(await desk.ats('LED')).toBe('37');
    expect(await desk.exceptions()).toEqual([]);
    const third = await desk.order({ customerPo: 'S10c', shipTo: unknown, lines: [orderLine('LED', '1')] });
    expect(third.shipTo).toMatchObject({ id: 'DOCK', raw: unknown.code });
  });

  it('finds a known GLN exactly, and takes no other customer’s', async () => {
    const known = await desk.order({
      shipTo: { code: { qualifier: 'UL', code: '0614141900121' } },
      lines: [orderLine('LED', '1')],
    });
    expect(known.shipTo).toMatchObject({ id: 'DOCK', gln: '0614141900121', resolved: true });
    const near = await desk.order({
      shipTo: { code: { qualifier: 'UL', code: '0614141900122' } },
      lines: [orderLine('LED', '1')],
    });
    expect(near.shipTo.resolved).toBe(false);
  });

  it('goes on when the address is added to the customer', async () => {
    await desk.stock({ DC1: { LED: '50' } });
    const order = await desk.order({ shipTo: unknown, lines: [orderLine('LED', '1')] });
    const base = customer('C100');
    const added = { ...base.addresses[1]!, id: 'NEW', gln: '0614141900206' };
    await desk.tx((tx) =>
      putCustomers(tx, [{ ...base, addresses: [...base.addresses, added] }], { now: desk.clock.now() }),
    );
    await masterChanged('master.customer.changed', 'customer', 'C100');
    expect((await desk.load(order.id)).shipTo).toMatchObject({ id: 'NEW', resolved: true });
  });
});

describe('customers', () => {
  it('holds a blocked customer until the block is lifted', async () => {
    await desk.stock({ DC1: { LED: '50' } });
    await desk.tx((tx) => putCustomers(tx, [customer('C180', { block: 'ship' })], { now: desk.clock.now() }));
    const order = await desk.order({ customer: 'C180', lines: [orderLine('LED', '1')] });
    expect(holdCodes(order)).toEqual(['CUSTOMER_BLOCKED']);
    await desk.tx((tx) => putCustomers(tx, [customer('C180')], { now: desk.clock.now() }));
    await masterChanged('master.customer.changed', 'customer', 'C180');
    expect((await desk.load(order.id)).status).toMatchObject({ onHold: false, milestone: 'allocated' });
  });

  it('lets no test order go on in production', async () => {
    const order = await desk.order({ test: true, lines: [orderLine('LED', '1')] });
    expect(holdCodes(order)).toEqual(['TEST_IN_PRODUCTION']);
    expect(desk.commands).toEqual([]);
    const [exception] = await desk.exceptions({ orderId: order.id });
    await desk.act(exception!.id, 'reject');
    expect((await desk.load(order.id)).status).toMatchObject({ milestone: 'cancelled', onHold: false });
  });

  it('says that an exemption has expired and that stated terms do not apply, and goes on', async () => {
    const expired = { jurisdiction: 'OH', certNo: 'X', validFrom: '2020-01-01', validTo: '2025-12-31' };
    await desk.tx((tx) =>
      putCustomers(tx, [customer('C190', { taxExempt: true, exemptions: [expired] })], { now: desk.clock.now() }),
    );
    const order = await desk.order({ customer: 'C190', terms: { netDays: 90 }, lines: [orderLine('LED', '1')] });
    expect(order.status.onHold).toBe(false);
    expect(order.terms.netDays).toBe(30);
    const codes = (await desk.exceptions({ orderId: order.id })).map((exception) => exception.code);
    expect(codes.sort()).toEqual(['BACKORDER', 'EXEMPTION_EXPIRED', 'TERMS_MISMATCH']);
  });
});

describe('acting on an exception', () => {
  it('refuses what the exception does not allow, and a version that has moved on', async () => {
    const order = await desk.order({ customerPo: 'A1', shipTo: 'NOWHERE', lines: [orderLine('LED', '1')] });
    const [exception] = await desk.exceptions({ orderId: order.id });
    const code = (error: unknown): string => (error instanceof HubError ? error.code : String(error));
    expect(await desk.act(exception!.id, 'accept_price').catch(code)).toBe('ACTION_NOT_ALLOWED');
    expect(await desk.act(exception!.id, 'approve_cross_reference').catch(code)).toBe('VALIDATION_FAILED');
    await desk.act(exception!.id, 'assign');
    const [assigned] = await desk.exceptions({ orderId: order.id });
    expect(assigned).toMatchObject({ state: 'assigned', assignee: 'ann', version: exception!.version + 1 });
    await desk.act(exception!.id, 'snooze', { until: '2026-06-02T00:00:00Z' });
    await desk.act(exception!.id, 'cancel_order');
    expect(await desk.act(exception!.id, 'cancel_order').catch(code)).toBe('ACTION_NOT_ALLOWED');
    expect((await desk.load(order.id)).status).toMatchObject({
      milestone: 'cancelled',
      onHold: false,
      exception: false,
    });
  });
});
