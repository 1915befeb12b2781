import { describe, expect, it } from 'vitest';
import {
  clock,
  db,
  drop,
  findOrder,
  hub,
  interchange,
  led,
  order,
  outbox,
  queue,
  sent,
  tenant,
  useEdiHub,
} from '../../test/harness/edi-hub.ts';
import { type ExceptionRecord, getException, listExceptions, listObligations } from '../exceptions/index.ts';
import { listDocuments } from '../exchange/index.ts';
import type { Tx } from '../platform/index.ts';
import { actOnException } from './act-on-exception.ts';
import { chaseObligations } from './chase-obligations.ts';

useEdiHub();

const tx = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => db.app.tx(tenant, fn);
const find = (filter: { orderId: string; code: string }) =>
  tx(async (t) => (await listExceptions(t, { ...filter, state: 'open' }, { limit: 5 })).rows);
/** Types of the events about an exception, in order. */
const told = (id: string) =>
  tx(async (t) =>
    (await t.query<{ type: string }>('SELECT type FROM event WHERE entity_id = $1 ORDER BY id', [id])).map(
      ({ type }) => type,
    ),
  );
const act = (record: ExceptionRecord, action: string) =>
  tx((t) => actOnException(hub, t, { exceptionId: record.id, action, reason: 'asked them', input: {}, actor: 'ann' }));

/** An 855 that the partner has not acknowledged in the hour it had. */
async function unacknowledged(po: string) {
  await drop(interchange([order(po, [led(1)])]));
  const orderId = (await findOrder(po)).id;
  const group = (await sent('855'))[1]!.split('*')[6]!;
  clock.advance(3_600_000);
  await tx((t) => chaseObligations(t, hub));
  const [late] = await find({ orderId, code: 'ACK_OVERDUE' });
  const document = async () => (await tx((t) => listDocuments(t, { ids: [String(late!.data.documentId)] })))[0]!;
  const clocks = async () =>
    (await tx((t) => listObligations(t, { kind: '997', orderId }, 10))).map(({ state, dueAt }) => ({ state, dueAt }));
  return { orderId, group, late: late!, document, clocks };
}

const acknowledge = (group: string, status: 'A' | 'R') =>
  drop(interchange([[`AK1*PR*${group}`, 'AK2*855*0001', `AK5*${status}`, `AK9*${status}*1*1*1`]], { group: 'FA' }));

describe('a document that the partner has not acknowledged', () => {
  it('is told with the document, the partner and how late it is, and leads to all three', async () => {
    const { late, document, orderId } = await unacknowledged('LATE-1');
    const { control, interchangeControl, messageId } = await document();
    expect(late.cause).toBe(
      `C100 has not acknowledged 855 ${control} of interchange ${interchangeControl}, order ${(await findOrder('LATE-1')).orderNo}. ` +
        'It was sent 2026-06-01 13:00 UTC and the acknowledgment was due 2026-06-01 14:00 UTC, 60 minutes later.',
    );
    expect(late).toMatchObject({ messageId, orderId, ownerRole: 'edi', blamedSystem: 'partner' });
    expect(await told(late.id)).toEqual(['ops.exception.opened']);
    const delivery = await tx((t) => queue.deliveries.get(t, late.deliveryId!));
    expect(delivery).toMatchObject({ state: 'delivered', operation: 'order.acknowledge' });
  });

  it('is sent again byte for byte, and the partner has its time anew', async () => {
    const { late, document, clocks, group, orderId } = await unacknowledged('LATE-2');
    const before = await outbox();
    const { effects } = await act(late, 'resend_document');
    expect(effects[0]).toMatch(/^Interchange \d+ is sent to C100 again as it was/);
    await queue.idle();
    const after = await outbox();
    expect(after).toHaveLength(before.length + 1);
    const of855 = after.filter(({ type }) => type === '855').map(({ segments }) => segments);
    expect(of855).toHaveLength(2);
    expect(of855[1]).toEqual(of855[0]);
    const dueAt = new Date(clock.now().getTime() + 3_600_000);
    expect(await document()).toMatchObject({ ackState: 'awaiting', ackDueAt: dueAt.toISOString() });
    expect((await clocks()).map(({ state }) => state)).toEqual(['withdrawn', 'open']);
    expect((await clocks())[1]!.dueAt).toEqual(dueAt);
    const closed = await tx((t) => getException(t, late.id));
    expect(closed).toMatchObject({ state: 'resolved', resolution: 'Sent again: asked them', resolvedBy: 'ann' });
    // Late again it is another exception, about the sending that nobody answered.
    clock.advance(3_600_000);
    await tx((t) => chaseObligations(t, hub));
    const [again] = await find({ orderId, code: 'ACK_OVERDUE' });
    expect(again!.id).not.toBe(late.id);
    expect(await tx((t) => queue.deliveries.get(t, again!.deliveryId!))).toMatchObject({
      operation: 'interchange.send',
    });
    await acknowledge(group, 'A');
    expect(await find({ orderId, code: 'ACK_OVERDUE' })).toEqual([]);
    expect(await told(again!.id)).toEqual(['ops.exception.opened', 'ops.exception.resolved']);
    await expect(act((await tx((t) => getException(t, again!.id)))!, 'resend_document')).rejects.toMatchObject({
      code: 'ACTION_NOT_ALLOWED',
    });
  });

  it('is accepted by a person without a word of the partner, which still may reject it', async () => {
    const { late, document, clocks, group, orderId } = await unacknowledged('LATE-3');
    const { effects } = await act(late, 'accept_as_acknowledged');
    expect(effects).toEqual([expect.stringMatching(/^855 \d+ to C100 counts as accepted/)]);
    expect(await document()).toMatchObject({
      ackState: 'accepted',
      ackNotes: ['accepted by hand by ann: asked them'],
    });
    expect((await clocks()).map(({ state }) => state)).toEqual(['met']);
    expect(await find({ orderId, code: 'ACK_OVERDUE' })).toEqual([]);
    await acknowledge(group, 'R');
    expect((await document()).ackState).toBe('rejected');
    expect(await find({ orderId, code: 'ACK_REJECTED' })).toHaveLength(1);
  });
});
