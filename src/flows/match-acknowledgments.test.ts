import { describe, expect, it } from 'vitest';
import {
  clock,
  db,
  drop,
  findOrder,
  hub,
  interchange,
  led,
  meridian,
  message,
  order,
  problems,
  queue,
  sent,
  tenant,
  types,
  useEdiHub,
} from '../../test/harness/edi-hub.ts';
import { listExceptions, listObligations } from '../exceptions/index.ts';
import { listDocuments } from '../exchange/index.ts';
import { putAgreement, putCrossReferences } from '../partners/index.ts';
import { chaseObligations } from './chase-obligations.ts';
import { voidShipments } from './void-shipment.ts';

useEdiHub();

describe('acknowledgments of what we sent', () => {
  const received = (group: string, status: string, codes: string[] = []): string =>
    interchange(
      [[`AK1*PR*${group}`, 'AK2*855*0001', ...codes, `AK5*${status}`, `AK9*${status}*1*1*${status === 'A' ? 1 : 0}`]],
      { group: 'FA' },
    );
  const groupOf = async (): Promise<string> => (await sent('855'))[1]!.split('*')[6]!;
  const clocks = (state: 'open' | 'met' | 'overdue') =>
    db.app.tx(tenant, async (tx) => (await listObligations(tx, { kind: '997', state }, 100)).map((o) => o.subject));

  it('stop the clock, and are not acknowledged themselves', async () => {
    await drop(interchange([order('PO-40', [led(1)])]));
    const group = await groupOf();
    expect(await clocks('open')).toContain(`meridian:PR:${group}`);
    const files = (await types()).length;
    await drop(received(group, 'A'));
    expect(await clocks('met')).toContain(`meridian:PR:${group}`);
    expect((await types()).length).toBe(files);
    const out = await db.app.tx(tenant, (tx) => listDocuments(tx, { direction: 'out', type: '855', limit: 1 }));
    expect(out[0]).toMatchObject({ ackState: 'accepted', groupControl: group });
  });

  it('that reject, or name what we never sent, want a person', async () => {
    await drop(interchange([order('PO-41', [led(1)])]));
    const rejected = await drop(received(await groupOf(), 'R', ['AK3*PO1*7**8', 'AK4*2**1']));
    const orderId = (await findOrder('PO-41')).id;
    const raised = await db.app.tx(
      tenant,
      async (tx) => (await listExceptions(tx, { orderId, state: 'open' }, { limit: 5 })).rows,
    );
    expect(raised).toMatchObject([{ code: 'ACK_REJECTED', cause: expect.stringContaining('segment PO1 at 7') }]);
    expect(await message(rejected)).toMatchObject({ state: 'processed' });
    const stray = await drop(received('424242', 'A'));
    expect((await problems(stray)).map((problem) => problem.code)).toEqual(['ACK_UNMATCHED']);
  });

  it('of the envelope alone: accepted says nothing about the documents, refused loses them all', async () => {
    await drop(interchange([order('PO-43', [led(1)])]));
    const isa13 = (await sent('855'))[0]!.split('*')[13]!;
    const ta1 = (status: string, note: string): string =>
      interchange([]).replace(/GS\*.*GE\*0\*\d+~IEA\*1/, `TA1*${isa13}*260601*0900*${status}*${note}~IEA*0`);
    const state = async () => {
      const found = await db.app.tx(tenant, (tx) => listDocuments(tx, { direction: 'out', type: '855', limit: 1 }));
      return found[0]!.ackState;
    };
    await drop(ta1('A', '000'));
    expect(await state()).toBe('awaiting');
    await drop(ta1('R', '001'));
    expect(await state()).toBe('rejected');
  });

  it('of receipt alone (CONTRL 8) leave the clock running; 7 stops it', async () => {
    const nordwind = {
      ...meridian,
      id: 'nordwind',
      standard: 'edifact' as const,
      version: 'D.96A',
      inbound: ['ORDERS', 'CONTRL'],
      outbound: ['ORDRSP'],
      us: { qualifier: '14', id: 'RIDGELINE' },
      them: { qualifier: '14', id: 'NORDWIND' },
    };
    await db.app.tx(tenant, (tx) => putAgreement(tx, nordwind));
    const edifact = (control: number, body: string): string =>
      `UNB+UNOC:3+NORDWIND:14+RIDGELINE:14+260601:0900+${control}'${body}UNZ+1+${control}'`;
    const lines = "LIN+1++00614141100088:EN'PIA+1+LED:SA'QTY+21:1:EA'PRI+AAA:18.00'UNS+S'CNT+2:1'";
    const head = "UNH+1+ORDERS:D:96A:UN'BGM+220+PO-44+9'DTM+137:20260601:102'NAD+ST+0614141900121::9'CUX+2:USD:9'";
    expect(await problems(await drop(edifact(1, `${head}${lines}UNT+12+1'`)))).toEqual([]);
    const response = async () => {
      const found = await db.app.tx(tenant, (tx) => listDocuments(tx, { direction: 'out', type: 'ORDRSP', limit: 1 }));
      return found[0]!;
    };
    const { interchangeControl } = await response();
    const contrl = (action: string): string =>
      `UNH+1+CONTRL:D:3:UN'UCI+${interchangeControl}+RIDGELINE:14+NORDWIND:14+${action}'UNT+3+1'`;
    const receipt = await drop(edifact(2, contrl('8')));
    expect(await problems(receipt)).toEqual([]);
    expect((await response()).ackState).toBe('awaiting');
    expect(await clocks('open')).toContain(`nordwind::${interchangeControl}`);
    await drop(edifact(3, contrl('7')));
    expect((await response()).ackState).toBe('accepted');
    expect(await clocks('met')).toContain(`nordwind::${interchangeControl}`);
  });

  it('that do not come in time become an exception', async () => {
    await drop(interchange([order('PO-42', [led(1)])]));
    const subject = `meridian:PR:${await groupOf()}`;
    clock.advance(3_600_000);
    await db.app.tx(tenant, (tx) => chaseObligations(tx, hub));
    expect(await clocks('overdue')).toContain(subject);
    const out = await db.app.tx(tenant, (tx) => listDocuments(tx, { direction: 'out', type: '855', limit: 1 }));
    expect(out[0]).toMatchObject({ ackState: 'overdue' });
  });
});

describe('what has shipped', () => {
  it('is told by 856, and only then charged by 810', async () => {
    await drop(interchange([order('PO-50', ['PO1*007*4*EA*18.00*PE*VN*LED'])]));
    const found = await findOrder('PO-50');
    const [release] = await db.app.tx(tenant, (tx) =>
      tx.query<{ fulfillment_no: string }>('SELECT fulfillment_no FROM fulfillment_order WHERE order_id = $1', [
        found.id,
      ]),
    );
    const releaseNo = release!.fulfillment_no;
    const at = '2026-06-01T20:00:00Z';
    const cartons = [{ cartonNo: 1, weightGrams: 1000, contents: [{ lineNo: 1, sku: 'LED', qty: '4', uom: 'EA' }] }];
    const warehouseSays = (topic: string, status: string, seq: number) =>
      drop(JSON.stringify({ topic, releaseNo, status, docNo: 'S1', seq, at, carrierCode: 'UPS', cartons }), {
        connector: 'demo-wms',
        connection: 'wms-dc1',
        topic,
      });
    const invoice = JSON.stringify({
      topic: 'invoice.posted',
      at,
      invoice: {
        invoiceNo: 'INV-50',
        customerReference: found.orderNo,
        date: '2026-06-01',
        currency: 'USD',
        taxCents: 0,
        freightCents: 0,
        totalCents: 7200,
        lines: [
          { line: 1, qty: '4', unit: 'EA', unitPrice: '18.00', pricePer: '1', priceUnit: 'EA', amountCents: 7200 },
        ],
      },
    });
    // The ERP is early: nothing may be charged before it has left.
    await drop(invoice, { connector: 'demo-erp', connection: 'erp', topic: 'invoice.posted' });
    expect(await types()).toEqual(['997', '855']);
    const packed = await warehouseSays('pack.confirmed', 'PACKED', 1);
    expect(await message(packed)).toMatchObject({ state: 'processed', correlationId: found.correlationId });
    expect(await types()).toEqual(['997', '855']);
    await warehouseSays('shipment.confirmed', 'SHIPPED', 2);
    expect(await types()).toEqual(['997', '855', '856', '810']);
    const notice = await sent('856');
    expect(notice).toContain('PRF*PO-50***20260601');
    expect(notice).toContain('SN1*007*4*EA');
    expect(notice.find((segment) => segment.startsWith('MAN'))).toMatch(/^MAN\*GM\*00\d{18}$/);
    const charged = await sent('810');
    expect(charged).toContain('IT1*007*4*EA*18.00*PE*VN*LED');
    expect(charged).toContain('TDS*7200');
    // Saying it again changes nothing.
    await warehouseSays('shipment.confirmed', 'SHIPPED', 2);
    expect(await types()).toEqual(['997', '855', '856', '810']);
    // It was never loaded after all: the buyer's notice is withdrawn, once.
    const [{ shipment_no: shipmentNo } = { shipment_no: '' }] = await db.app.tx(tenant, (tx) =>
      tx.query<{ shipment_no: string }>('SELECT shipment_no FROM shipment WHERE order_id = $1', [found.id]),
    );
    for (let times = 0; times < 2; times++) {
      await db.app.tx(tenant, (tx) => voidShipments(tx, hub, [{ shipmentNo, reason: 'never loaded' }]));
      await queue.idle();
    }
    expect(await types()).toEqual(['997', '855', '856', '810', '856']);
    const withdrawal = await sent('856');
    const begin = (segments: readonly string[]) => segments.find((segment) => segment.startsWith('BSN'))!.split('*');
    expect(begin(notice).slice(0, 3)).toEqual(['BSN', '00', shipmentNo]);
    expect(begin(withdrawal).slice(0, 3)).toEqual(['BSN', '01', shipmentNo]);
    expect(withdrawal).toContain('SN1*007*4*EA');
  });

  it('and was never announced is not withdrawn either', async () => {
    await drop(interchange([order('PO-51', ['PO1*1*2*EA*18.00*PE*VN*LED'])]));
    const found = await findOrder('PO-51');
    const [release] = await db.app.tx(tenant, (tx) =>
      tx.query<{ fulfillment_no: string }>('SELECT fulfillment_no FROM fulfillment_order WHERE order_id = $1', [
        found.id,
      ]),
    );
    const releaseNo = release!.fulfillment_no;
    const cartons = [{ cartonNo: 1, weightGrams: 1000, contents: [{ lineNo: 1, sku: 'LED', qty: '2', uom: 'EA' }] }];
    const at = '2026-06-01T20:00:00Z';
    const pack = { topic: 'pack.confirmed', releaseNo, status: 'PACKED', docNo: 'S2', seq: 1, at, cartons };
    await drop(JSON.stringify({ ...pack, carrierCode: 'UPS' }), {
      connector: 'demo-wms',
      connection: 'wms-dc1',
      topic: 'pack.confirmed',
    });
    const rows = await db.app.tx(tenant, (tx) =>
      tx.query<{ shipment_no: string }>('SELECT shipment_no FROM shipment WHERE order_id = $1', [found.id]),
    );
    expect(rows).toHaveLength(1);
    await db.app.tx(tenant, (tx) =>
      voidShipments(tx, hub, [{ shipmentNo: rows[0]!.shipment_no, reason: 'packed the wrong goods' }]),
    );
    await queue.idle();
    expect(await types()).toEqual(['997', '855']);
  });
});

describe('cross-references of everybody', () => {
  it('serve any partner', async () => {
    await db.app.tx(tenant, (tx) =>
      putCrossReferences(tx, [{ scope: '*', type: 'item', external: 'LAMP', canonical: 'LED' }]),
    );
    await drop(interchange([order('PO-60', ['PO1*1*1*EA*18.00*PE*VN*LAMP'])]));
    expect(await sent('855')).toContain('ACK*IA*1*EA');
  });
});
