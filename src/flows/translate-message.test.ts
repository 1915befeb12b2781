import { afterEach, describe, expect, it } from 'vitest';
import {
  agree,
  clock,
  db,
  documents,
  drop,
  findOrder,
  hub,
  interchange,
  lastControl,
  led,
  meridian,
  message,
  order,
  outbox,
  problems,
  queue,
  sent,
  tenant,
  types,
  useEdiHub,
} from '../../test/harness/edi-hub.ts';
import { createEvents } from '../events/index.ts';
import { listExceptions } from '../exceptions/index.ts';
import { listMessages } from '../exchange/index.ts';
import { putAgreement, putCrossReferences } from '../partners/index.ts';
import { actOnException } from './act-on-exception.ts';
import { chaseObligations } from './chase-obligations.ts';
import { resumeForAgreement } from './resume-messages.ts';

useEdiHub();

describe('an order by EDI', () => {
  it('is acknowledged and answered: 3 pumps now, 2 when the supply comes', async () => {
    const id = await drop(interchange([order('PO-4', ['PO1*001*5*EA*450.00*PE*VN*PMP-220'])]));
    expect(await types()).toEqual(['997', '855']);
    expect((await sent('997')).slice(1, -3)).toEqual([
      expect.stringMatching(/^GS\*FA\*RIDGELINE\*MERIDIAN\*20260601\*0900\*\d+\*X\*004010$/),
      'ST*997*0001',
      `AK1*PO*${lastControl()}`,
      'AK2*850*0001',
      'AK5*A',
      'AK9*A*1*1*1',
      'SE*6*0001',
    ]);
    const acknowledged = await sent('855');
    expect(acknowledged).toContain('BAK*00*AC*PO-4*20260601*****20260601');
    expect(acknowledged).toContain('REF*DP*038');
    expect(acknowledged).toContain('PO1*001*5*EA*450.00*PE*VN*PMP-220');
    expect(acknowledged.filter((segment) => segment.startsWith('ACK'))).toEqual([
      'ACK*BP*3*EA',
      'ACK*IB*2*EA*068*20260615',
    ]);
    const found = await findOrder('PO-4');
    const stored = await message(id);
    expect(stored).toMatchObject({ state: 'processed', partner: 'C100' });
    // One thread: the message, its 997, the order and the 855.
    expect(found.correlationId).toBe(stored.correlationId);
    const thread = await db.app.tx(tenant, (tx) =>
      listMessages(tx, { correlationId: stored.correlationId, direction: 'out' }),
    );
    expect(
      thread.map((output) => [output.topic, output.state]).toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    ).toEqual([
      ['855', 'sent'],
      ['997', 'sent'],
      ['release.create', 'sent'],
    ]);
  });

  it('of identical bytes gets the stored 997 again, and no second 855', async () => {
    const bytes = interchange([order('PO-8', [led(1)])]);
    await drop(bytes);
    const first = await sent('997');
    const again = await drop(`${bytes}\r\n`);
    expect(await types()).toEqual(['997', '997', '855']);
    expect((await outbox()).slice(0, 2).map((file) => file.segments)).toEqual([first, first]);
    expect(await message(again)).toMatchObject({ state: 'duplicate' });
  });

  it('with a new control number is acknowledged and recognised, and not answered again', async () => {
    await drop(interchange([order('PO-8b', [led(1)])]));
    const again = await drop(interchange([order('PO-8b', [led(1)])]));
    expect(await types()).toEqual(['997', '855', '997']);
    expect((await sent('997')).join()).toContain('AK9*A*1*1*1');
    expect((await problems(again)).map((problem) => problem.code)).toEqual(['DUPLICATE_ORDER']);
    expect(await message(again)).toMatchObject({ state: 'duplicate' });
  });

  it('with changed lines waits for a person, and is answered once accepted as new', async () => {
    await drop(interchange([order('PO-8c', [led(1)])]));
    const changed = await drop(interchange([order('PO-8c', [led(2)])]));
    expect(await types()).toEqual(['997', '855', '997']);
    const [review] = await problems(changed);
    expect(review).toMatchObject({ code: 'ORDER_CHANGE_REVIEW' });
    await db.app.tx(tenant, (tx) =>
      actOnException(hub, tx, {
        exceptionId: review!.id,
        action: 'accept_as_new',
        reason: 'two orders',
        input: {},
        actor: 'ann',
      }),
    );
    await queue.idle();
    expect(await types()).toEqual(['997', '855', '997', '855']);
    expect(await sent('855')).toContain('ACK*IA*2*EA');
  });

  it('refuses an old control number with other content, by TA1 when that is asked for', async () => {
    await drop(interchange([order('PO-13', [led(1)])], { isa13: 900 }));
    const reused = await drop(interchange([order('PO-14', [led(1)])], { isa13: 900, ackRequested: true }));
    expect(await types()).toEqual(['997', '855', 'TA1']);
    expect((await sent('TA1'))[1]).toMatch(/^TA1\*000000900\*260601\*0900\*R\*025$/);
    expect((await problems(reused)).map((problem) => problem.code)).toEqual(['CONFLICTING_DUPLICATE']);
    expect(await message(reused)).toMatchObject({ state: 'rejected' });
  });
});

describe('terms of an agreement', () => {
  afterEach(() => agree({}));

  it('decide version, delimiters and codes of what we send', async () => {
    await agree({
      version: '005010',
      delimiters: { element: '|', component: ':', segment: '!', suffix: '\n' },
      lineCodes: { accepted: 'AC' },
      acknowledge: { ak2ForAccepted: false },
    });
    await drop(interchange([order('PO-70', [led(1)])]));
    const [acknowledgment, answer] = [await sent('997'), await sent('855')].map((text) => text.join('~').split('!\n'));
    expect(answer![0]).toMatch(/\|00501\|.{9}\|0\|P\|:$/);
    expect(answer![1]).toMatch(/^GS\|PR\|.*\|X\|005010$/);
    expect(answer).toContain('ACK|AC|1|EA');
    // The acknowledgment inherits the version of what came in.
    expect(acknowledgment![1]).toMatch(/\|X\|004010$/);
    expect(acknowledgment!.filter((segment) => segment.startsWith('AK'))).toEqual([
      expect.stringMatching(/^AK1\|PO/),
      'AK9|A|1|1|1',
    ]);
  });

  it('decide how strictly documents are judged', async () => {
    const wrong = interchange([[...order('PO-71', [led(1)]).slice(0, -1), 'CTT*9']]);
    const tolerated = await drop(wrong);
    expect((await documents(tolerated))[0]).toMatchObject({ verdict: 'accepted_with_errors', state: 'translated' });
    expect(await sent('997')).toContain('AK5*E*5');
    await agree({ strict: true });
    const refused = await drop(interchange([[...order('PO-72', [led(1)]).slice(0, -1), 'CTT*9']]));
    expect((await documents(refused))[0]).toMatchObject({ verdict: 'rejected', state: 'rejected' });
    expect(await sent('997')).toContain('AK5*R*5');
    // What was refused does not stand in the way of its own correction under the same control number.
    await agree({});
    const corrected = await drop(interchange([order('PO-72', [led(1)])], { isa13: lastControl() }));
    expect(await message(corrected)).toMatchObject({ state: 'processed' });
  });

  it('bend the standard map by rows of data', async () => {
    await agree({
      overlays: [
        {
          map: 'x12-850',
          rows: [
            { target: 'customerPo', template: '{BEG.poNumber}-{BEG.type}' },
            {
              target: '@.vendorItem',
              from: 'target',
              path: '@.vendorItem',
              each: 'lines',
              apply: [{ fn: 'replace', args: ['-', ''] }],
            },
          ],
        },
        { map: 'x12-855', rows: [{ target: 'BAK.requestReference', path: 'order.orderNo' }] },
      ],
    });
    const id = await drop(interchange([order('PO-73', ['PO1*1*1*EA*18.00*PE*VN*L-E-D'])]));
    expect(await findOrder('PO-73-SA')).toMatchObject({ lines: [{ sku: 'LED' }], sourceMessageId: id });
    const { orderNo } = await findOrder('PO-73-SA');
    expect((await sent('855')).find((segment) => segment.startsWith('BAK'))).toContain(`*${orderNo}*`);
  });

  it('of EDIFACT are answered by CONTRL; a message that we have no definition of goes nowhere', async () => {
    const edifact = {
      ...meridian,
      id: 'nordwind',
      standard: 'edifact' as const,
      version: 'D.96A',
      us: { qualifier: '14', id: 'RIDGELINE' },
      them: { qualifier: '14', id: 'NORDWIND' },
    };
    await db.app.tx(tenant, (tx) => putAgreement(tx, edifact));
    const text = "UNB+UNOC:3+NORDWIND:14+RIDGELINE:14+260601:0900+7'UNH+1+FOOBAR:D:96A:UN'BGM+220+1'UNT+3+1'UNZ+1+7'";
    const id = await drop(text);
    expect((await documents(id))[0]).toMatchObject({
      standard: 'edifact',
      type: 'FOOBAR',
      verdict: 'unchecked',
      state: 'unrouted',
    });
    expect(await types()).toEqual(['CONTRL']);
  });
});

describe('a change of an order', () => {
  it('by 860 is kept in its canonical form, and a person decides about it', async () => {
    await agree({ inbound: ['850', '860', '997', '999', 'TA1'] });
    const change = (po: string) =>
      interchange([[`BCH*04*SA*${po}**2*20260601`, 'POC*1*QD*8*2*EA*18.00**VN*LED', 'CTT*1']])
        .replaceAll('ST*850*', 'ST*860*')
        .replace('GS*PO*', 'GS*PC*');
    const id = await drop(change('PO-80'));
    const [row] = await documents(id);
    expect(row).toMatchObject({ type: '860', state: 'translated' });
    expect(row!.canonical).toMatchObject({
      partner: 'C100',
      poNumber: 'PO-80',
      purpose: 'change',
      lines: [{ lineNo: '1', action: 'change', quantity: { value: '8', uom: 'EA' } }],
    });
    expect(await problems(id)).toMatchObject([{ code: 'ORDER_CHANGE_REQUESTED' }]);
    expect(await types()).toEqual(['997']);
    await drop(interchange([order('PO-81', [led(1)])]));
    const meant = await findOrder('PO-81');
    await drop(change('PO-81'));
    const { list } = createEvents({ clock, queue, subscriptions: [] });
    const ofOrder = await db.app.tx(tenant, (tx) => list(tx, { orderId: meant.id }));
    const told = ofOrder.filter(({ type }) => type === 'sales.order.changeRequested').map(({ data }) => data);
    expect(told).toMatchObject([{ poNumber: 'PO-81', purpose: 'change' }]);
  });
});

describe('a bad document', () => {
  it('never fails its neighbours', async () => {
    const id = await drop(interchange([order('PO-20', [led(1)]), ['BEG*00*SA'], order('PO-21', [led(2)])]));
    const types = (await outbox()).map((file) => file.type);
    expect(types.sort()).toEqual(['855', '855', '997']);
    const ack = await sent('997');
    expect(ack.filter((segment) => /^AK[59]/.test(segment))).toEqual(['AK5*A', 'AK5*R*5', 'AK5*A', 'AK9*P*3*3*2']);
    const rows = await documents(id);
    expect(rows.map((row) => [row.ordinal, row.state])).toEqual([
      [1, 'translated'],
      [2, 'rejected'],
      [3, 'translated'],
    ]);
    // Each order has a thread of its own.
    expect(new Set(rows.map((row) => row.correlationId)).size).toBe(3);
    expect((await problems(id)).map((problem) => problem.code)).toEqual(['EDI_REJECTED']);
  });

  it('in a file that is no EDI at all is visible, and answered by nothing', async () => {
    const id = await drop('hello');
    expect(await types()).toEqual([]);
    expect(await message(id)).toMatchObject({ state: 'rejected' });
    expect((await problems(id)).map((problem) => problem.code)).toEqual(['EDI_UNREADABLE']);
  });

  it('leaves what it has no definition for unchecked and says so', async () => {
    const bytes = interchange([order('PO-22', [led(1)])]).replaceAll('004010', '003040');
    const id = await drop(bytes);
    expect((await documents(id))[0]).toMatchObject({ verdict: 'unchecked', state: 'unrouted' });
    expect((await problems(id)).map((problem) => problem.code)).toEqual(['NO_ROUTE']);
  });

  it('with a quantity that is none waits for a person', async () => {
    for (const quantity of ['0', '-5']) {
      const id = await drop(interchange([order(`PO-24${quantity}`, [`PO1*1*${quantity}*EA*18.00*PE*VN*LED`])]));
      expect(await message(id)).toMatchObject({ state: 'held' });
      expect(await problems(id)).toMatchObject([{ code: 'MAP_FAILED', data: { path: '/lines/0/quantity/value' } }]);
    }
  });

  it('of a system that sends nonsense waits for a person too', async () => {
    const system = { connector: 'demo-wms', connection: 'wms-dc1', topic: 'shipment.confirmed' };
    const broken = await drop('{"releaseNo": 7', system);
    expect((await problems(broken)).map((problem) => problem.data.code)).toEqual(['MALFORMED_JSON']);
    const missing = await drop('{}', system);
    expect((await problems(missing)).map((problem) => problem.code)).toEqual(['MAP_FAILED']);
    const stranger = await drop('{}', { ...system, topic: 'weather.changed' });
    expect(await message(stranger)).toMatchObject({ state: 'ignored' });
    expect((await problems(stranger)).map((problem) => problem.code)).toEqual(['NO_ROUTE']);
  });

  it('marked as a test never reaches production', async () => {
    const id = await drop(interchange([order('PO-23', [led(1)])], { usage: 'T' }));
    expect(await message(id)).toMatchObject({ state: 'rejected' });
    expect((await problems(id)).map((problem) => problem.code)).toEqual(['TEST_IN_PRODUCTION']);
    expect(await findOrder('PO-23')).toBeUndefined();
  });
});

describe('a held message', () => {
  it('of an unknown partner goes on by itself once the agreement is there', async () => {
    const id = await drop(interchange([order('PO-30', [led(1)])], { sender: 'NEWCO' }));
    expect(await message(id)).toMatchObject({ state: 'held' });
    expect((await problems(id)).map((problem) => problem.code)).toEqual(['UNKNOWN_PARTNER']);
    expect(await types()).toEqual([]);
    const agreement = { ...meridian, id: 'newco', them: { qualifier: 'ZZ', id: 'NEWCO' } };
    await db.app.tx(tenant, async (tx) => {
      await putAgreement(tx, agreement);
      expect(await resumeForAgreement(tx, hub, agreement)).toEqual([id]);
    });
    await queue.idle();
    expect(await message(id)).toMatchObject({ state: 'processed' });
    expect(await problems(id)).toEqual([]);
    expect(await types()).toEqual(['997', '855']);
  });

  it('with an unknown item resumes when its cross-reference is approved, with one 997 in all', async () => {
    const id = await drop(interchange([order('PO-31', [led(1)]), order('PO-32', ['PO1*1*2*EA*18.00*PE*IN*MER-9'])]));
    expect(await message(id)).toMatchObject({ state: 'held' });
    const [unknown] = await problems(id);
    expect(unknown).toMatchObject({ code: 'UNKNOWN_ITEM' });
    expect((await types()).sort()).toEqual(['855', '997']);
    await db.app.tx(tenant, (tx) =>
      actOnException(hub, tx, {
        exceptionId: unknown!.id,
        action: 'approve_cross_reference',
        reason: 'same lamp',
        input: { canonicalId: 'LED' },
        actor: 'ann',
      }),
    );
    await queue.idle();
    expect(await message(id)).toMatchObject({ state: 'processed' });
    expect((await documents(id)).map((row) => row.state)).toEqual(['translated', 'translated']);
    expect((await types()).sort()).toEqual(['855', '855', '997']);
    expect(await problems(id)).toEqual([]);
    expect(await sent('855')).toContain('PO1*1*2*EA*18.00*PE*IN*MER-9*VN*LED');
  });

  it('with an unknown item also goes on when somebody adds the cross-reference elsewhere', async () => {
    const id = await drop(interchange([order('PO-33', ['PO1*1*2*EA*18.00*PE*IN*MER-77'])]));
    expect(await message(id)).toMatchObject({ state: 'held' });
    await db.app.tx(tenant, async (tx) => {
      const reference = { scope: 'C100', type: 'item' as const, external: 'MER-77', canonical: 'LED' };
      await putCrossReferences(tx, [reference]);
      const entity = { kind: 'customer' as const, id: 'C100' };
      await hub.events.publish(tx, [
        { type: 'master.xref.created', entity, key: 'C100', correlationId: 'x', data: reference },
      ]);
    });
    await queue.idle();
    expect(await message(id)).toMatchObject({ state: 'processed' });
    expect(await sent('855')).toContain('ACK*IA*2*EA');
  });

  const approveShipTo = async (orderId: string): Promise<void> => {
    await db.app.tx(tenant, async (tx) => {
      const { rows } = await listExceptions(tx, { orderId, state: 'open' }, { limit: 5 });
      await actOnException(hub, tx, {
        exceptionId: rows.find(({ code }) => code === 'SHIPTO_INVALID')!.id,
        action: 'approve_cross_reference',
        reason: 'moved',
        input: { canonicalId: 'DC12' },
        actor: 'ann',
      });
    });
    await queue.idle();
  };

  it('for an unknown ship-to is an order on hold, answered after the cross-reference', async () => {
    await drop(interchange([order('PO-10', [led(1)], '0614141900206')]));
    const held = await findOrder('PO-10');
    expect(held).toMatchObject({ status: { onHold: true }, shipTo: { resolved: false } });
    expect(await types()).toEqual(['997']);
    await approveShipTo(held.id);
    expect(await findOrder('PO-10')).toMatchObject({ id: held.id, status: { onHold: false } });
    expect(await types()).toEqual(['997', '855']);
  });

  it('whose 855 is due goes as held, never as accepted', async () => {
    await drop(interchange([order('PO-11', [led(1)], '0614141900999')]));
    expect(await types()).toEqual(['997']);
    clock.advance(24 * 3_600_000);
    await db.app.tx(tenant, (tx) => chaseObligations(tx, hub));
    await queue.idle();
    expect(await sent('855')).toContain('ACK*IH*1*EA');
    expect((await sent('855')).find((segment) => segment.startsWith('BAK'))).toMatch(/^BAK\*00\*/);

    // That was no last word: what is decided later is told in its place, once.
    const held = await findOrder('PO-11');
    await approveShipTo(held.id);
    expect(await types()).toEqual(['997', '855', '855']);
    const last = await sent('855');
    expect(last.find((segment) => segment.startsWith('BAK'))).toMatch(/^BAK\*05\*/);
    expect(last).toContain('ACK*IA*1*EA');
  });
});
