import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi, testApi } from '../../test/harness/api-services.ts';
import { putRidgeline } from '../../test/harness/ridgeline-data.ts';

let api: TestApi;
let keys = 0;
beforeAll(async () => {
  api = await testApi();
  // DC1 has 20 LED as of 12:00 and its journal's place 1.
  await putRidgeline(api);
});
afterAll(() => api?.stop());

const authorization = (): string => `Bearer ${api.adminKey}`;
const report = (payload: object) =>
  api.app.inject({
    method: 'POST',
    url: '/v1/stock-movements',
    headers: { authorization: authorization(), 'idempotency-key': `k${(keys += 1)}` },
    payload,
  });
const receipt = (document: string, change: object = {}, line: object = {}) => ({
  source: 'wms-dc1',
  document,
  location: 'DC1',
  type: 'receipt',
  occurredAt: '2026-06-01T12:30:00Z',
  lines: [{ lineNo: 1, sku: 'LED', quantity: '5', uom: 'EA', ...line }],
  ...change,
});
const onHand = async (status = 'available'): Promise<string | undefined> => {
  const reply = await api.app.inject({
    url: '/v1/inventory?sku=LED&location=DC1',
    headers: { authorization: authorization() },
  });
  return reply.json().data.find((row: { status: string }) => row.status === status)?.onHand;
};

describe('what changes of stock', () => {
  it('counts once, in any unit of the item, however often it is told', async () => {
    const goods = receipt('GR-1', {
      lines: [
        { lineNo: 1, sku: 'LED', quantity: '2', uom: 'BX' },
        { lineNo: 2, sku: 'LED', quantity: '3', uom: 'EA', status: 'damaged' },
      ],
    });
    const reply = await report(goods);
    expect([reply.statusCode, reply.json()]).toEqual([
      201,
      {
        source: 'wms-dc1',
        document: 'GR-1',
        lines: [
          { lineNo: 1, applied: true, duplicate: false },
          { lineNo: 2, applied: true, duplicate: false },
        ],
      },
    ]);
    expect([await onHand(), await onHand('damaged')]).toEqual(['32', '3']);
    expect((await report(goods)).json().lines).toEqual([
      { lineNo: 1, applied: false, duplicate: true },
      { lineNo: 2, applied: false, duplicate: true },
    ]);
    expect(await onHand()).toBe('32');
  });

  it('is on record and changes nothing where a newer snapshot contains it', async () => {
    const early = await report(receipt('GR-2', { occurredAt: '2026-06-01T11:00:00Z' }));
    expect(early.json().lines).toEqual([{ lineNo: 1, applied: false, duplicate: false }]);
    // By the place in the source's own journal, where it gives one: 1 is in the snapshot, 2 is not.
    const seen = await report(receipt('GR-3', { sourceSeq: 1 }));
    const unseen = await report(receipt('GR-4', { sourceSeq: 2, occurredAt: '2026-06-01T11:00:00Z' }));
    expect([seen.json().lines[0].applied, unseen.json().lines[0].applied]).toEqual([false, true]);
    expect(await onHand()).toBe('37');
  });

  it('goes down by an adjustment, and who said so is on record', async () => {
    await report(receipt('ADJ-1', { type: 'adjust' }, { quantity: '-7', reason: 'damaged' }));
    expect(await onHand()).toBe('30');
    const audit = await api.app.inject({
      url: '/v1/audit?action=stock.change&limit=1',
      headers: { authorization: authorization() },
    });
    expect(audit.json().data[0]).toMatchObject({ action: 'stock.change', detail: { document: 'ADJ-1' } });
  });

  it.each([
    ['an unknown location', { location: 'DC9' }, {}, 'UNKNOWN_LOCATION'],
    ['an unknown unit', {}, { uom: 'KG' }, 'UOM_UNKNOWN'],
    ['part of a piece', {}, { quantity: '0.5' }, 'UOM_INEXACT'],
    ['nothing', { type: 'count' }, { quantity: '0' }, 'QUANTITY_INVALID'],
    ['a receipt of less than nothing', {}, { quantity: '-1' }, 'QUANTITY_INVALID'],
    ['goods that leave and are more', { type: 'transferOut' }, {}, 'QUANTITY_INVALID'],
    ['more than the hub counts', {}, { quantity: '1000000000001' }, 'QUANTITY_INVALID'],
    ['a kind that is told otherwise', { type: 'ship' }, {}, 'VALIDATION_FAILED'],
    ['an adjustment for an order', { type: 'adjust', poNo: 'PO-1' }, {}, 'VALIDATION_FAILED'],
    ['other content under the same line', { document: 'GR-1' }, { quantity: '13' }, 'CONFLICT'],
  ])('refuses %s, and nothing changes', async (_, change, line, code) => {
    const reply = await report(receipt('BAD', change, line));
    expect(reply.json().code).toBe(code);
    expect(await onHand()).toBe('30');
  });

  it('is applied wholly or not at all', async () => {
    const [line] = receipt('').lines;
    const unknown = await report(receipt('GR-5', { lines: [line, { ...line, lineNo: 2, sku: 'NOPE' }] }));
    expect(unknown.json()).toMatchObject({ code: 'UNKNOWN_ITEM', errors: [{ pointer: '/lines/1/sku' }] });
    const twice = await report(receipt('GR-5', { lines: [line, line] }));
    expect(twice.json()).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ pointer: '/lines/1/lineNo' }] });
    expect(await onHand()).toBe('30');
  });
});

describe('a receipt for a purchase order', () => {
  const supply = async (): Promise<{ quantity: string; overPct?: string }> => {
    const url = '/v1/expected-supply/PO-7/LED/DC1';
    return (await api.app.inject({ url, headers: { authorization: authorization() } })).json();
  };
  const goods = (document: string, quantity: string) =>
    receipt(document, { poNo: 'PO-7', occurredAt: '2026-06-01T14:00:00Z' }, { quantity });

  it('is taken off what is expected once, and keeps apart what exceeds it', async () => {
    const expected = {
      poNo: 'PO-7',
      supplier: 'S10',
      sku: 'LED',
      quantity: '100',
      uom: 'EA',
      location: 'DC1',
      dueDate: '2026-06-15',
      acknowledged: true,
      overPct: '5',
    };
    await api.app.inject({
      method: 'PUT',
      url: '/v1/expected-supply/PO-7/LED/DC1',
      headers: { authorization: authorization() },
      payload: expected,
    });
    const before = Number(await onHand());
    for (const _ of ['told', 'told again']) await report(goods('GR-70', '60'));
    expect(await supply()).toMatchObject({ quantity: '40', overPct: '5' });
    // The tolerance is five percent of the hundred that were ordered, not of what is left of them.
    const rest = await report(goods('GR-71', '48'));
    expect(rest.json().lines).toEqual([{ lineNo: 1, applied: true, duplicate: false, quarantined: '3' }]);
    expect((await report(goods('GR-71', '48'))).json().lines).toEqual([{ lineNo: 1, applied: false, duplicate: true }]);
    expect((await supply()).quantity).toBe('0');
    expect([Number(await onHand()) - before, await onHand('quarantine')]).toEqual([105, '3']);
    expect((await report(goods('GR-71', '47'))).json().code).toBe('CONFLICT');
    // To be inspected as all that comes in: nothing is wrong with it.
    await report(receipt('GR-72', {}, { status: 'quarantine' }));
    const exceptions = await api.app.inject({
      url: '/v1/exceptions?code=RECEIPT_DISCREPANT',
      headers: { authorization: authorization() },
    });
    expect(exceptions.json().data.map((one: { cause: string }) => one.cause)).toEqual([
      'Receipt GR-71 at DC1 for PO-7: 3 of LED beyond the order and its tolerance, put in quarantine.',
      'Receipt GR-1 at DC1: 3 of LED damaged.',
    ]);
  });
});
