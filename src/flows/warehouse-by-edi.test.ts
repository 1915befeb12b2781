import { describe, expect, it } from 'vitest';
import { agree, clock, drop, hub, interchange, meridian, queue } from '../../test/harness/edi-hub.ts';
import {
  act,
  current,
  dc2,
  documentsOf,
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
import { putLocations } from '../inventory/index.ts';
import { createEvents, type EventFilter } from '../events/index.ts';
import { nameSubjects, type OperationsServices, orderTimeline } from '../operations/index.ts';
import { addHold, lockOrders, type OrderAggregate, removeHold, saveOrders } from '../orders/index.ts';
import type { Tx } from '../platform/index.ts';
import { chaseObligations } from './chase-obligations.ts';
import { releaseWhatWaits } from './release-again.ts';

useReno();

/** As much of the hub's services as a timeline reads. */
const services = {
  connections: { list: () => Promise.resolve(['reno-folder', 'meridian-folder'].map((id) => ({ id, role: 'edi' }))) },
  events: { list: (t: Tx, filter: EventFilter) => createEvents({ clock, queue, subscriptions: [] }).list(t, filter) },
  get queue() {
    return queue;
  },
} as unknown as OperationsServices;

describe('a release to a warehouse by EDI', () => {
  it('goes out as a 940 with what was known when it was planned', async () => {
    const { id, orderNo } = await ordered('W-1');
    const release = await releaseOf(id);
    expect(release).toMatchObject({ location: 'DC2', status: 'released' });
    const [file] = await toReno();
    expect(file!.segments[1]).toMatch(/^GS\*OW\*RIDGELINE\*RENO3PL\*/);
    expect(file!.segments).toContain(`W05*N*${release.fulfillmentNo}*W-1`);
    expect(file!.segments).toContain(`N9*CO*${orderNo}`);
    expect(file!.segments).toContain('W01*10*EA**VN*LED');
    expect(file!.segments).toContain('N9*LI*1');
    expect((await current(id)).status.milestone).toBe('released');
    expect((await current(id)).lines[0]!.q.released).toBe('10');
    const [delivery] = (await tx((t) => queue.deliveries.list(t, { key: id, limit: 50 }))).filter(
      ({ operation }) => operation === 'release.create',
    );
    expect(delivery).toMatchObject({
      destination: 'reno-folder',
      naturalKey: release.fulfillmentNo,
      state: 'delivered',
    });
    const named = await tx((t) => nameSubjects(t, [delivery!]));
    const timeline = await tx((t) => orderTimeline(t, services, id));
    const inReno = timeline!.entries.filter(({ lane }) => lane === 'edi:W200').map(({ title }) => title);
    expect(inReno).toEqual(
      expect.arrayContaining(['Release to the warehouse', 'Warehouse shipping order (940) to W200']),
    );
    expect(timeline!.entries.map(({ code }) => code)).toContain('fulfillment.order.released');
    expect(timeline!.entries.filter(({ lane }) => lane === 'edi').map(({ title }) => title)).toContain(
      'Order acknowledgment to the partner',
    );
    expect(named.get(delivery!.id)).toMatchObject({
      text: `Release ${release.fulfillmentNo} (940 0001)`,
      orderId: id,
      orderNo,
    });
  });

  it('is not made again when its delivery is replayed', async () => {
    const { id } = await ordered('W-2');
    const [before] = await toReno();
    const [delivery] = (await tx((t) => queue.deliveries.list(t, { key: id, limit: 50 }))).filter(
      ({ operation }) => operation === 'release.create',
    );
    await tx((t) => queue.deliveries.replay(t, delivery!.id, { reason: 'once more', actor: 'ann' }));
    await queue.idle();
    expect(await toReno()).toEqual([before]);
    expect(await documentsOf((await releaseOf(id)).id)).toHaveLength(1);
    expect((await current(id)).lines[0]!.q.released).toBe('10');
  });

  it('leaves a site with a connection as it was', async () => {
    await site({ sellable: false });
    const { id } = await ordered('W-3');
    await site({});
    const release = await releaseOf(id);
    expect(release).toMatchObject({ location: 'DC1', status: 'released' });
    expect(await documentsOf(release.id)).toEqual([]);
    expect(await toReno()).toEqual([]);
    const [delivery] = (await tx((t) => queue.deliveries.list(t, { key: id, limit: 50 }))).filter(
      ({ operation }) => operation === 'release.create',
    );
    expect(delivery).toMatchObject({ destination: 'wms-dc1', payload: { entity: { kind: 'fulfillment' } } });
  });

  const obstacles: [string, () => Promise<unknown>, RegExp][] = [
    [
      'its agreement does not exist',
      () => site({ agreement: 'nowhere' }),
      /names the agreement nowhere, which does not exist/,
    ],
    ['its agreement is inactive', () => terms({ status: 'inactive' }), /Agreement reno of location DC2 is inactive/],
    ['its agreement sends no 940', () => terms({ outbound: ['856'] }), /Agreement reno of location DC2 sends no 940/],
    [
      'its agreement is EDIFACT',
      () => terms({ standard: 'edifact', version: 'D.96A', outbound: ['DESADV'] }),
      /is EDIFACT, by which we have no warehouse order/,
    ],
  ];
  it.each(obstacles)(
    'waits for a person where %s, and goes out once when that is mended',
    async (what, spoil, cause) => {
      await spoil();
      const { id } = await ordered(`W-4 ${what}`.slice(0, 22));
      expect(await toReno()).toEqual([]);
      const [waiting, ...others] = await exceptionsOf(id);
      expect(others).toEqual([]);
      expect(waiting).toMatchObject({ code: 'RELEASE_UNROUTED', ownerRole: 'edi' });
      expect(waiting!.cause).toMatch(cause);
      await expect(act(waiting!, 'release_again')).rejects.toMatchObject({ code: 'ACTION_NOT_ALLOWED' });
      expect(await exceptionsOf(id)).toHaveLength(1);
      await site({});
      await terms({});
      await act((await exceptionsOf(id))[0]!, 'release_again');
      expect(await toReno()).toHaveLength(1);
      expect(await releaseOf(id)).toMatchObject({ status: 'released' });
      expect(await exceptionsOf(id)).toEqual([]);
      await expect(act(waiting!, 'release_again')).rejects.toMatchObject({ code: 'ACTION_NOT_ALLOWED' });
    },
  );

  it('goes out by itself once its location or agreement lets it', async () => {
    await terms({ outbound: ['856'] });
    const { id } = await ordered('W-6');
    const other = await ordered('W-7');
    const look = async () => {
      await tx((t) => releaseWhatWaits(t, hub, 'c-1'));
      await queue.idle();
    };
    await look();
    expect(await toReno()).toEqual([]);
    expect((await exceptionsOf(id))[0]).toMatchObject({ code: 'RELEASE_UNROUTED', occurrences: 1 });
    await terms({});
    await look();
    expect(await toReno()).toHaveLength(2);
    expect([...(await exceptionsOf(id)), ...(await exceptionsOf(other.id))]).toEqual([]);
    await look();
    expect(await toReno()).toHaveLength(2);
    expect(await releaseOf(other.id)).toMatchObject({ status: 'released' });
  });

  it('goes on waiting while its order is on hold', async () => {
    await terms({ outbound: ['856'] });
    const { id } = await ordered('W-8');
    await terms({});
    const change = (how: (aggregate: OrderAggregate) => unknown) =>
      tx(async (t) => {
        const aggregate = (await lockOrders(t, [id])).get(id)!;
        how(aggregate);
        await saveOrders(t, [aggregate], clock.now());
      });
    await change((order) => addHold(order, { code: 'CREDIT_HOLD', by: 'ann' }, clock.now()));
    await tx((t) => releaseWhatWaits(t, hub, 'c-2'));
    await queue.idle();
    const [waiting] = await exceptionsOf(id);
    await expect(act(waiting!, 'release_again')).rejects.toMatchObject({
      code: 'ACTION_NOT_ALLOWED',
      message: expect.stringMatching(/^Order \w+ is on hold/),
    });
    expect(await toReno()).toEqual([]);
    await change((order) => removeHold(order, 'CREDIT_HOLD'));
    await act((await exceptionsOf(id))[0]!, 'release_again');
    expect(await toReno()).toHaveLength(1);
  });

  it('may be sent by a connection instead, once the site has one', async () => {
    await terms({ status: 'inactive' });
    const { id } = await ordered('W-5');
    const { agreement: _, ...byCall } = dc2;
    await tx((t) => putLocations(t, [{ ...byCall, fulfilledBy: 'wms-dc1' }], { now: clock.now() }));
    const { effects } = await act((await exceptionsOf(id))[0]!, 'release_again');
    expect(effects[0]).toMatch(/goes to DC2 by wms-dc1$/);
    expect(await releaseOf(id)).toMatchObject({ status: 'released' });
    expect(await toReno()).toEqual([]);
    await site({});
    await terms({});
  });
});

describe('what the warehouse answers to a 940', () => {
  it('by 997 is kept with it; without one somebody is told, and which order it is', async () => {
    const { id, orderNo } = await ordered('W-10');
    const [first] = await toReno();
    await functional(first!.segments, 'A');
    expect((await documentsOf((await releaseOf(id)).id))[0]).toMatchObject({ ackState: 'accepted' });
    const late = await ordered('W-11');
    clock.advance(3_600_000);
    await tx((t) => chaseObligations(t, hub));
    const aboutReno = async (orderId: string) =>
      (await exceptionsOf(orderId)).filter(({ cause }) => cause.startsWith('W200'));
    expect(await aboutReno(id)).toEqual([]);
    const [overdue] = await aboutReno(late.id);
    expect(overdue).toMatchObject({ code: 'ACK_OVERDUE', orderId: late.id });
    expect(overdue!.cause).toMatch(new RegExp(`^W200 has not acknowledged 940 .*, order ${late.orderNo}\\.`));
    expect(orderNo).not.toBe(late.orderNo);
  });

  const refusals: [string, (segments: readonly string[], releaseNo: string) => Promise<string>, RegExp][] = [
    ['a 997 that rejects it', (segments) => functional(segments, 'R'), /^W200 rejected our 940/],
    [
      'an 824 that rejects it',
      (_, releaseNo) =>
        fromReno('824', ['BGN*11*ADV-1*20260601', `OTI*TR*TN*${releaseNo}`, 'TED*ZZZ*no such item'], 'AG'),
      /^W200 refused release .* \(824\): ZZZ no such item/,
    ],
  ];
  it.each(refusals)('by %s leaves the release refused, until it is released again', async (what, answer, cause) => {
    const { id } = await ordered(`W-12 ${what}`.slice(0, 22));
    const release = await releaseOf(id);
    const [file] = await toReno();
    await answer(file!.segments, release.fulfillmentNo);
    expect(await releaseOf(id)).toMatchObject({ status: 'rejected' });
    expect((await current(id)).lines[0]!.q.released).toBe('0');
    const [refused, ...others] = await exceptionsOf(id);
    expect(others).toEqual([]);
    expect(refused).toMatchObject({ code: 'RELEASE_REJECTED' });
    expect(refused!.cause).toMatch(cause);
    expect(refused!.allowedActions.slice(0, 2)).toEqual(['release_again', 'cancel_order']);

    await act(refused!, 'release_again');
    const files = await toReno();
    expect(files).toHaveLength(2);
    expect(files[1]!.segments).toContain(`W05*N*${release.fulfillmentNo}*${(await current(id)).customerPo}`);
    expect(files[1]!.segments[0]).not.toBe(files[0]!.segments[0]);
    expect(await releaseOf(id)).toMatchObject({ status: 'released' });
    expect((await current(id)).lines[0]!.q.released).toBe('10');
    expect(await exceptionsOf(id)).toEqual([]);
  });

  it('by a late 997 to a document that was sent again since is not about what was sent then', async () => {
    const { id } = await ordered('W-14');
    const { fulfillmentNo } = await releaseOf(id);
    const [first] = await toReno();
    await fromReno('824', ['BGN*11*ADV-3*20260601', `OTI*TR*TN*${fulfillmentNo}`], 'AG');
    await act((await exceptionsOf(id))[0]!, 'release_again');
    await functional(first!.segments, 'R');
    expect(await releaseOf(id)).toMatchObject({ status: 'released' });
    expect(await exceptionsOf(id)).toMatchObject([{ code: 'ACK_REJECTED', orderId: id }]);
  });

  it('by an 824 of another partner is not about our release', async () => {
    const { id } = await ordered('W-13');
    await agree({ inbound: [...(meridian.inbound ?? ['850', '997']), '824'] });
    const { fulfillmentNo } = await releaseOf(id);
    const set = ['BGN*11*ADV-2*20260601', `OTI*TR*TN*${fulfillmentNo}`];
    await drop(interchange([set], { type: '824', group: 'AG' }));
    await agree({});
    expect(await releaseOf(id)).toMatchObject({ status: 'released' });
  });
});
