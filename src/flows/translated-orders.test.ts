import { afterAll, beforeAll, expect, it } from 'vitest';
import { type OrderDesk, orderDesk } from '../../test/orders/order-desk.ts';
import { getException } from '../exceptions/index.ts';
import { changeMessages, getMessage, receive } from '../exchange/index.ts';
import type { OrderSubmission } from '../model/index.ts';
import { listOrders } from '../orders/index.ts';
import { actOnException } from './act-on-exception.ts';
import { submitOrders } from './submit-order.ts';

let desk: OrderDesk;
beforeAll(async () => {
  desk = await orderDesk();
  await desk.stock({ DC1: { LED: '100' } });
});
afterAll(() => desk.close());

const submission = (customerPo: string, line: Partial<OrderSubmission['lines'][number]>): OrderSubmission => ({
  channel: 'edi',
  customer: 'C100',
  customerPo,
  lines: [{ quantity: { value: '2', uom: 'EA' }, ...line }],
});
const store = async (): Promise<string> => {
  const bytes = Buffer.from('ISA');
  const [message] = await desk.tx((tx) =>
    receive(tx, [{ channel: 'edi-folder', contentType: 'application/edi-x12', bytes }]),
  );
  return message!.id;
};
const translate = (sourceMessageId: string, ...list: OrderSubmission[]) =>
  desk.tx((tx) =>
    submitOrders(
      tx,
      desk.hub,
      list.map((each) => ({ submission: each, correlationId: sourceMessageId, sourceMessageId })),
    ),
  );

it('is judged like an order of any other door', async () => {
  const [result] = await translate(await store(), submission('T1', { gtin: '00614141100088' }));
  expect(result).toMatchObject({
    outcome: 'created',
    order: { lines: [{ sku: 'LED', orderedItemRef: '00614141100088' }] },
  });
  const again = await desk.submit({ ...submission('T1', { sku: 'LED' }), channel: 'api' });
  expect(again).toMatchObject({ outcome: 'duplicate', differs: false });
});

it('with an item nobody knows waits on its message; one cross-reference takes up every message that waits for it', async () => {
  const messages = [await store(), await store()];
  const unknown = (po: string) => submission(po, { buyerItem: 'MER-4711' });
  for (const [i, id] of messages.entries()) {
    const [refused, fine] = await translate(id, unknown(`T2-${i}`), submission(`T3-${i}`, { sku: 'LED' }));
    expect([refused?.outcome, fine?.outcome]).toEqual(['refused', 'created']);
    await desk.tx((tx) => changeMessages(tx, [{ id, state: 'held', reason: 'UNKNOWN_ITEM' }]));
  }
  const waiting = await desk.exceptions({ code: 'UNKNOWN_ITEM' });
  expect(new Set(waiting.map((exception) => exception.messageId))).toEqual(new Set(messages));
  expect(waiting[0]).toMatchObject({
    data: { type: 'item', external: 'MER-4711', scope: 'C100' },
    ownerRole: 'customer_service',
  });
  await expect(desk.act(waiting[0]!.id, 'approve_cross_reference', { canonicalId: 'NOPE' })).rejects.toThrow(/no item/);
  const effects = await desk.act(waiting[0]!.id, 'approve_cross_reference', { canonicalId: 'LED' });
  expect(effects.at(-1)).toBe('2 messages are translated again');
  // The version that was acted on is used up, although the exception itself stays open.
  for (const action of ['approve_cross_reference', 'resume_message']) {
    const deed = { exceptionId: waiting[0]!.id, action, reason: 'again', input: {}, actor: 'ann' };
    const twice = desk.tx((tx) => actOnException(desk.hub, tx, { ...deed, expectedVersion: waiting[0]!.version }));
    await expect(twice).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' });
  }
  for (const [i, id] of messages.entries()) {
    expect((await desk.tx((tx) => getMessage(tx, id)))?.state).toBe('received');
    // What the resumed translation then does with the same message.
    const [mended, before] = await translate(id, unknown(`T2-${i}`), submission(`T3-${i}`, { sku: 'LED' }));
    expect([mended?.outcome, before?.outcome]).toEqual(['created', 'duplicate']);
  }
  expect(await desk.exceptions({ code: 'UNKNOWN_ITEM' })).toEqual([]);
  const [made] = (await desk.tx((tx) => listOrders(tx, { customerPo: 'T2-1' }, { limit: 5 }))).rows;
  expect(made?.lines[0]).toMatchObject({ sku: 'LED', buyerItem: 'MER-4711' });
  const of = waiting.find(({ messageId }) => messageId === messages[1])!;
  const closed = await desk.tx((tx) => getException(tx, of.id));
  expect(closed).toMatchObject({ state: 'resolved', outcomeRefs: [{ kind: 'order', id: made!.id }] });
});

it('that was refused at a synchronous door is not worked again', async () => {
  const message = { channel: 'api', contentType: 'application/json', bytes: Buffer.from('{}') };
  await desk.submit({ lines: [{ sku: 'GONE', quantity: { value: '1', uom: 'EA' } }] }, { message });
  const [exception] = await desk.exceptions({ code: 'UNKNOWN_ITEM' });
  await expect(desk.act(exception!.id, 'resume_message')).rejects.toThrow(/send it again/);
  await expect(desk.act(exception!.id, 'resolve', { because: 'x' })).rejects.toMatchObject({
    code: 'VALIDATION_FAILED',
    errors: [{ pointer: '/input/because', code: 'UNKNOWN_FIELD' }],
  });
  await desk.act(exception!.id, 'resolve');
  expect(await desk.exceptions({ code: 'UNKNOWN_ITEM' })).toEqual([]);
});

it('with a quantity or an amount that cannot be counted is refused for people to see, and stops nobody', async () => {
  const messageId = await store();
  const line = (value: string) => ({ sku: 'LED', quantity: { value, uom: 'EA' } });
  const results = await translate(
    messageId,
    submission('T8', line('999999999999999999')),
    submission('T9', line('999999999999')),
    submission('T10', line('3')),
  );
  expect(results).toMatchObject([
    { outcome: 'refused', code: 'QUANTITY_INVALID', errors: [{ pointer: '/lines/0/quantity' }] },
    { outcome: 'refused', code: 'MONEY_INVALID', errors: [{ pointer: '/lines/0/quantity' }] },
    { outcome: 'created' },
  ]);
  const opened = (await desk.exceptions()).filter((exception) => exception.messageId === messageId);
  expect(opened.map((exception) => exception.code).sort()).toEqual(['MONEY_INVALID', 'QUANTITY_INVALID']);
});
