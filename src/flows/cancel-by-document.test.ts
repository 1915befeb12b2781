import { describe, expect, it } from 'vitest';
import { hub, queue } from '../../test/harness/edi-hub.ts';
import {
  act,
  current,
  exceptionsOf,
  fromReno,
  functional,
  ordered,
  releaseOf,
  site,
  terms,
  toReno,
  tx,
  useReno,
} from '../../test/harness/reno-warehouse.ts';
import { listPositions, loadReservations } from '../inventory/index.ts';
import { cancelOrder } from './cancel-order.ts';

useReno();

const cancel = async (orderId: string) => {
  await tx((t) => cancelOrder(hub, t, { orderId, reason: 'no longer wanted', actor: 'ann' }));
  await queue.idle();
};
const reserved = async (orderId: string) =>
  (await tx((t) => loadReservations(t, { orderIds: [orderId], open: true }))).map(({ open }) => open);
const unanswered = async (orderId: string) =>
  (await exceptionsOf(orderId)).filter(({ code }) => code === 'CANCEL_UNCONFIRMED');
const codes = async (orderId: string) => (await exceptionsOf(orderId)).map(({ code }) => code);
const advice = (fulfillmentNo: string, code: string, shipped: number) =>
  fromReno(
    '945',
    [
      `W06*F*${fulfillmentNo}*20260601*S-${fulfillmentNo}`,
      'N1*WH**92*DC2',
      'LX*1',
      `W12*${code}*10*${shipped}*${10 - shipped}*EA**VN*LED`,
      'N9*LI*1',
      'W03*1',
    ],
    'SW',
  );

/** An order that DC2 has been asked to give back. */
async function asked(po: string) {
  const { id } = await ordered(po);
  await cancel(id);
  const { fulfillmentNo } = await releaseOf(id);
  return { id, fulfillmentNo };
}

describe('a release that a warehouse by EDI is asked to give back', () => {
  it('stays reserved until the warehouse is known to have cancelled, whatever its 997 says', async () => {
    const { id, fulfillmentNo } = await asked('C-1');
    const files = await toReno();
    expect(files).toHaveLength(2);
    expect(files[1]!.segments).toContain(`W05*F*${fulfillmentNo}*C-1`);
    await functional(files[1]!.segments, 'A');
    expect((await current(id)).status.milestone).toBe('released');
    expect(await reserved(id)).toEqual(['10']);
    const [open] = await unanswered(id);
    expect(open).toMatchObject({ ownerRole: 'operations' });
    expect(open!.allowedActions).toEqual(['confirm_cancelled', 'cancel_too_late', 'assign', 'snooze', 'note']);

    await act(open!, 'confirm_cancelled');
    expect((await current(id)).status.milestone).toBe('cancelled');
    expect(await releaseOf(id)).toMatchObject({ status: 'cancelled' });
    expect(await reserved(id)).toEqual([]);
    expect(await exceptionsOf(id)).toEqual([]);
    // The advice that says the same comes late, and counts for nothing.
    await advice(fulfillmentNo, 'CU', 0);
    expect((await current(id)).lines[0]!.q).toMatchObject({ cancelled: '10' });
    expect(await exceptionsOf(id)).toEqual([]);
  });

  it.each(['CU', 'CP'])('is given back by a 945 that ships nothing (%s)', async (code) => {
    const { id, fulfillmentNo } = await asked(`C-2 ${code}`);
    await advice(fulfillmentNo, code, 0);
    expect((await current(id)).status.milestone).toBe('cancelled');
    expect(await reserved(id)).toEqual([]);
    expect(await exceptionsOf(id)).toEqual([]);
  });

  it('is too late for by a 945 that ships', async () => {
    const { id, fulfillmentNo } = await asked('C-3');
    await advice(fulfillmentNo, 'CC', 10);
    expect((await current(id)).status.milestone).toBe('shipped');
    expect(await codes(id)).toEqual(['CANCEL_TOO_LATE']);
  });

  it('is left with the warehouse by a person who has heard that it ships', async () => {
    const { id } = await asked('C-4');
    await act((await unanswered(id))[0]!, 'cancel_too_late');
    expect(await codes(id)).toEqual(['CANCEL_TOO_LATE']);
    expect(await reserved(id)).toEqual(['10']);
    expect((await current(id)).status.milestone).toBe('released');
  });

  it('that ships after a person had it from the warehouse that it would not, is told', async () => {
    const { id, fulfillmentNo } = await asked('C-5');
    await act((await unanswered(id))[0]!, 'confirm_cancelled');
    await advice(fulfillmentNo, 'CC', 10);
    expect(await codes(id)).toEqual(['CANCEL_TOO_LATE']);
    expect((await current(id)).lines[0]!.q.shipped).toBe('10');
  });

  it('is still with the warehouse where that could not read the cancellation', async () => {
    const { id } = await asked('C-8');
    await functional((await toReno())[1]!.segments, 'R');
    expect(await releaseOf(id)).toMatchObject({ status: 'released' });
    expect((await codes(id)).sort()).toEqual(['ACK_REJECTED', 'CANCEL_UNCONFIRMED']);
    expect(await reserved(id)).toEqual(['10']);
  });

  it('is asked for under the status that its agreement names', async () => {
    await terms({ warehouse: { cancelCode: 'D' } });
    const { fulfillmentNo } = await asked('C-6');
    await terms({});
    expect((await toReno()).at(-1)!.segments).toContain(`W05*D*${fulfillmentNo}*C-6`);
  });

  it('is asked for by a person where the agreement does not let the 940 out', async () => {
    const { id } = await ordered('C-7');
    await terms({ status: 'inactive' });
    await cancel(id);
    await terms({});
    const [open] = await unanswered(id);
    expect(open!.cause).toMatch(/cannot be asked by EDI: Agreement reno of location DC2 is inactive/);
    expect(await reserved(id)).toEqual(['10']);
  });
});

describe('a release that no warehouse has', () => {
  it('is cancelled at once where it found no way, and gives its stock back', async () => {
    await site({ agreement: 'nowhere' });
    const { id } = await ordered('C-10');
    await cancel(id);
    await site({});
    expect((await current(id)).status.milestone).toBe('cancelled');
    expect(await releaseOf(id)).toMatchObject({ status: 'cancelled' });
    expect(await reserved(id)).toEqual([]);
    expect(await exceptionsOf(id)).toEqual([]);
    expect(await toReno()).toEqual([]);
  });

  it('is cancelled at once where the warehouse refused it', async () => {
    const { id } = await ordered('C-11');
    await functional((await toReno())[0]!.segments, 'R');
    const [refused] = await exceptionsOf(id);
    await act(refused!, 'cancel_order');
    expect((await current(id)).status.milestone).toBe('cancelled');
    expect(await releaseOf(id)).toMatchObject({ status: 'cancelled' });
    expect(await reserved(id)).toEqual([]);
    expect(await toReno()).toHaveLength(1);
  });

  it('is cancelled at once where its 940 broke the standard, and cannot be sent by a retry any more', async () => {
    await terms({ units: { EA: 'EACH' } });
    const { id } = await ordered('C-13');
    const [faulty] = await exceptionsOf(id);
    expect(faulty).toMatchObject({ code: 'OUTPUT_INVALID' });
    expect(await releaseOf(id)).toMatchObject({ status: 'rejected' });
    await cancel(id);
    await terms({});
    expect((await current(id)).status.milestone).toBe('cancelled');
    expect(await reserved(id)).toEqual([]);
    expect(await exceptionsOf(id)).toEqual([]);
    expect(await tx((t) => queue.deliveries.get(t, faulty!.deliveryId!))).toMatchObject({ state: 'discarded' });
    expect(await toReno()).toEqual([]);
  });

  it('goes out after all when its 940 is mended', async () => {
    await terms({ units: { EA: 'EACH' } });
    const { id } = await ordered('C-14');
    const [faulty] = await exceptionsOf(id);
    await terms({});
    await act(faulty!, 'retry_delivery');
    expect(await releaseOf(id)).toMatchObject({ status: 'released' });
    expect((await toReno())[0]!.segments).toContain('W01*10*EA**VN*LED');
    expect(await exceptionsOf(id)).toEqual([]);
  });

  it('is not asked for where another warehouse has the rest of the line', async () => {
    // Neither has it all: DC2 gives what it has, DC1 the rest.
    const { rows } = await tx((t) => listPositions(t, { sku: 'LED', location: 'DC2', limit: 9 }));
    const [{ onHand, hardAllocated }] = rows.filter(({ status }) => status === 'available') as [(typeof rows)[number]];
    const has = Number(onHand) - Number(hardAllocated);
    await site({ agreement: 'nowhere' });
    const { id } = await ordered('C-15', has + 4900);
    await site({});
    expect(await reserved(id)).toHaveLength(2);
    await cancel(id);
    // DC1 works by calls and, here, offers none by which to give a release back: its part waits.
    expect(await reserved(id)).toEqual(['4900']);
    expect(await unanswered(id)).toEqual([]);
    expect(await toReno()).toEqual([]);
  });

  it('is asked back behind its 940 where that is still on its way', async () => {
    await tx((t) => queue.destinations.pause(t, 'reno-folder', 'they move'));
    const { id, orderNo } = await ordered('C-12');
    await cancel(id);
    expect(await toReno()).toEqual([]);
    expect(await reserved(id)).toEqual(['10']);
    expect(await unanswered(id)).toHaveLength(1);
    await tx((t) => queue.destinations.resume(t, 'reno-folder'));
    await queue.idle();
    expect((await toReno()).map(({ segments }) => segments.find((each) => each.startsWith('W05')))).toEqual([
      `W05*N*${orderNo}-1*C-12`,
      `W05*F*${orderNo}-1*C-12`,
    ]);
  });
});
