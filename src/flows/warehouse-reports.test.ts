import { beforeAll, describe, expect, it } from 'vitest';
import { clock, drop, findOrder, hub, interchange, message, order } from '../../test/harness/edi-hub.ts';
import {
  edifact,
  expected,
  gln,
  receipt,
  run,
  stock,
  supply,
  told,
  useWarehouses,
  x12,
} from '../../test/harness/warehouse-by-edi.ts';
import { assignFulfillment, listPositions, putExpectedSupply, reserve } from '../inventory/index.ts';
import { loadOrders } from '../orders/index.ts';
import { uuidv7 } from '../platform/index.ts';
import { applyStockMovements } from './apply-stock.ts';

useWarehouses();
beforeAll(async () => {
  await drop(x12('944', receipt('WR-0', ['W07*20*EA**VN*CBL', 'W07*1080*EA**VN*BLT'])));
});

describe('a warehouse that writes EDIFACT', () => {
  it('takes in what it accepted, and keeps what it refused apart', async () => {
    await run((tx) =>
      putExpectedSupply(tx, [supply('PO-60', 'GLV', '150', { location: 'DC7' })], { now: clock.now() }),
    );
    const id = await drop(
      edifact('RECADV', [
        'BGM+632+R-60+9',
        'DTM+137:20240601:102',
        'DTM+50:20240601:102',
        'RFF+ON:PO-60',
        'NAD+WH+4012345000016::9',
        'CPS+1',
        'LIN+1++0614141100019:SRV',
        'QTY+48:100:PCE',
        'QTY+124:4:PCE',
        'DTM+36:20270601:102',
        'RFF+BT:L1',
        'CPS+2',
        'LIN+2++0614141100019:SRV',
        'QTY+48:50:PCE',
        'QTY+194:44:PCE',
        'QTY+195:6:PCE',
        'RFF+BT:L2',
        'CNT+2:2',
      ]),
    );
    expect(await told(id)).toEqual(['translated', 'GLV +140 available, +4 damaged, +6 quarantine at DC7']);
    expect(await stock('DC7')).toEqual({
      'GLV/L1/available': '96',
      'GLV/L1/damaged': '4',
      'GLV/L2/available': '44',
      'GLV/L2/quarantine': '6',
    });
    expect(await expected('PO-60')).toBe('0');
    const positions = await run((tx) => listPositions(tx, { location: 'DC7', limit: 10 }));
    expect(positions.rows.find(({ lot }) => lot === 'L1')?.expiry).toBe('2027-06-01');
  });

  it('states its stock by lot, as of its own time', async () => {
    const id = await drop(
      edifact('INVRPT', [
        'BGM+35+I-60+9',
        'DTM+137:202406021800:203',
        'NAD+WH+4012345000016::9',
        'LIN+1++0614141100019:SRV',
        'INV+2++1',
        'QTY+17:90:PCE',
        'GIN+BX+L1',
        'INV+2++2',
        'QTY+124:3:PCE',
        'GIN+BX+L1',
        'INV+2++1',
        'QTY+145:40:PCE',
        'RFF+BT:L2',
      ]),
    );
    expect((await told(id))[1]).toBe(
      'Stated as of 2024-06-02T16:00:00.000Z; at DC7 there are now GLV 121 available, 3 damaged, 6 quarantine',
    );
    expect(await stock('DC7')).toEqual({
      'GLV/L1/available': '87',
      'GLV/L1/damaged': '3',
      // What is refused is there too, and the report has no word for it.
      'GLV/L2/available': '34',
      'GLV/L2/quarantine': '6',
    });
  });
});

describe('stock that a warehouse tells of', () => {
  it('serves the lines that wait for it', async () => {
    await drop(interchange([order('PO-WAIT', ['PO1*1*10*EA***VN*FOAM'])]));
    const waiting = await findOrder('PO-WAIT');
    const quantities = async () => (await run((tx) => loadOrders(tx, [waiting.id]))).get(waiting.id)!.lines[0]!.q;
    expect(await quantities()).toMatchObject({ allocated: '0', backordered: '10' });
    await drop(x12('944', receipt('WR-70', ['W07*6*EA**VN*FOAM'])));
    expect(await quantities()).toMatchObject({ allocated: '6', backordered: '4' });
    const head = ['BIA*00*MM*I-70*20240602*0900', `N1*WH*RENO*UL*${gln}`];
    await drop(x12('846', [...head, 'LIN**VN*FOAM', 'QTY*17*30*EA', 'CTT*1']));
    expect(await quantities()).toMatchObject({ allocated: '10', backordered: '0' });
  });

  it('counts what is released and not yet shipped, where a report says only what is available', async () => {
    await run(async (tx) => {
      const demand = { sku: 'TAPE', channel: 'edi', shipDate: '2026-06-01', partial: true, backorder: true };
      await applyStockMovements(
        tx,
        hub,
        [
          {
            key: 'tape',
            type: 'receipt',
            sku: 'TAPE',
            location: 'DC2',
            quantity: '100',
            reason: 'test',
            source: 'test',
            occurredAt: new Date('2024-06-01T00:00:00Z'),
          },
        ],
        { correlationId: 'tape' },
      );
      const [released] = await reserve(
        tx,
        [
          { ...demand, key: 'd1', orderId: uuidv7(), lineNo: 1, quantity: '20', hard: true },
          { ...demand, key: 'd2', orderId: uuidv7(), lineNo: 1, quantity: '5', hard: true },
        ],
        clock.now(),
      );
      await assignFulfillment(tx, [
        { reservationId: released!.allocations[0]!.reservationId, fulfillmentId: uuidv7() },
      ]);
    });
    // The warehouse knows of the twenty that it was told to ship, and takes them off.
    const head = ['BIA*00*MM*I-71*20240602*0900', `N1*WH*RENO*UL*${gln}`];
    await drop(x12('846', [...head, 'LIN**VN*TAPE', 'QTY*33*78*EA', 'CTT*1']));
    expect((await stock('DC2'))['TAPE//available']).toBe('98');
  });
});

describe('an adjustment', () => {
  const adjust = (no: string, lines: readonly string[], number?: number): string =>
    x12('947', [`W15*20240601*${no}`, 'N1*WH*RENO*UL*0614141001026', ...lines], 'RENO3PL', number);

  it('adds and takes away under the warehouse’s reason, once by its number', async () => {
    const file = adjust('ADJ-1', ['W19*AA*12*EA**VN*CBL', 'W19*ZZ*-2*EA**VN*CBL']);
    const id = await drop(file);
    expect(await told(id)).toEqual(['translated', 'CBL +10 available at DC2']);
    expect((await stock('DC2'))['CBL//available']).toBe('30');
    const again = await drop(adjust('ADJ-1', ['W19*AA*12*EA**VN*CBL', 'W19*ZZ*-2*EA**VN*CBL']));
    expect((await told(again))[0]).toBe('duplicate');
    const rows = await run((tx) =>
      tx.query<{ reason: string }>(
        `SELECT reason FROM inventory_transaction WHERE doc_ref = 'ADJ-1' AND source = 'reno' ORDER BY dedupe_key`,
      ),
    );
    expect(rows.map(({ reason }) => reason).sort()).toEqual(['AA', 'ZZ']);
  });

  it('goes by its control numbers where it has no number of its own', async () => {
    const nameless = ['W15*20240601', `N1*WH*RENO*UL*${gln}`, 'W19*AA*1*EA**VN*BLT'];
    for (const number of [901, 902]) await drop(x12('947', nameless, 'RENO3PL', number));
    const rows = await run((tx) =>
      tx.query<{ doc: string }>(`SELECT doc_ref AS doc FROM inventory_transaction WHERE sku = 'BLT' AND reason = 'AA'`),
    );
    expect(rows.map(({ doc }) => doc).sort()).toEqual(['000000901/901/0001', '000000902/902/0001']);
    await drop(adjust('BACK', ['W19*AA*-2*EA**VN*BLT']));
  });

  it('moves goods between statuses, by one line or by two', async () => {
    await drop(adjust('ADJ-2', ['W19*AU*-4*EA**VN*CBL']));
    await drop(adjust('ADJ-3', ['W19*05*-6*EA**VN*CBL', 'W19*05*6*EA**VN*CBL']));
    await drop(adjust('ADJ-4', ['W19*55*2*EA**VN*CBL']));
    // Two that belong together, and one of as much alone, which ends where it began by two more.
    const aside = ['W19*05*-1*EA**VN*CBL', 'W19*05*1*EA**VN*CBL', 'W19*05*-1*EA**VN*CBL'];
    const id = await drop(adjust('ADJ-5', [...aside, 'W19*55*1*EA**VN*CBL', 'W19*55*1*EA**VN*CBL']));
    expect(await told(id)).toEqual(['translated', 'CBL unchanged at DC2']);
    expect(await stock('DC2')).toMatchObject({
      'CBL//available': '22',
      'CBL//damaged': '4',
      'CBL//hold': '4',
    });
  });
});

describe('a change and a report that are fetched together', () => {
  const change = (no: string, written: string) =>
    x12('944', ['W17*F*20240603*' + no + '*D-1', 'W07*50*EA**VN*CORD', 'W14*50'], 'RENO3PL', undefined, written);
  const count = (no: string, time: string, quantity: number) => {
    const lines = [`BIA*00*MM*${no}*20240603*${time}`, `N1*WH*RENO*UL*${gln}`, 'LIN**VN*CORD', `QTY*17*${quantity}*EA`];
    return x12('846', [...lines, 'CTT*1'], 'RENO3PL', undefined, `20240603*${time}`);
  };

  it.each(['the change first', 'the report first'])('count once, %s', async (which) => {
    const no = which === 'the change first' ? '81' : '82';
    // In the minute in which the report was written, and part of it.
    const files = [change(`WR-${no}`, '20240603*1000'), count(`I-${no}`, no === '81' ? '1000' : '1001', 350)];
    for (const file of no === '81' ? files : files.toReversed()) await drop(file);
    expect((await stock('DC2'))['CORD//available']).toBe('350');
  });

  it('count both where the change was written later', async () => {
    await drop(change('WR-83', '20240603*1010'));
    await drop(count('I-83', '1005', 350));
    expect((await stock('DC2'))['CORD//available']).toBe('400');
  });
});

describe('a report of stock', () => {
  const report = (no: string, time: string, lines: readonly string[]): string =>
    x12('846', [`BIA*00*MM*${no}*20240602*${time}`, 'N1*WH*RENO*UL*0614141001026', ...lines, 'CTT*1']);

  it('states the items it names, keeps what changed after it, and never takes the place of a newer one', async () => {
    const before = await stock('DC2');
    // After 09:00 in Los Angeles, which is 16:00 UTC, and before it.
    const move = (key: string, at: string, quantity: string) =>
      run((tx) =>
        applyStockMovements(
          tx,
          hub,
          [
            {
              key,
              type: 'adjust',
              sku: 'CBL',
              location: 'DC2',
              quantity,
              reason: 'test',
              source: 'test',
              occurredAt: new Date(at),
            },
          ],
          { correlationId: key },
        ),
      );
    await move('early', '2024-06-02T15:59:00Z', '100');
    await move('late', '2024-06-02T16:01:00Z', '-3');
    const id = await drop(report('I-1', '0900', ['LIN**VN*CBL', 'QTY*17*50*EA', 'QTY*74*4*EA', 'QTY*QH*1*EA']));
    expect(await told(id)).toEqual([
      'translated',
      'Stated as of 2024-06-02T16:00:00.000Z; at DC2 there are now CBL 42 available, 4 damaged, 1 hold',
    ]);
    const { 'CBL//available': available, 'CBL//damaged': damaged, 'CBL//hold': hold, ...others } = await stock('DC2');
    expect([available, damaged, hold]).toEqual(['42', '4', '1']);
    expect(before).toMatchObject(others);

    const older = await drop(report('I-0', '0800', ['LIN**VN*CBL', 'QTY*17*9*EA']));
    const [state, reason] = await told(older);
    expect(state).toBe('ignored');
    expect(reason).toContain('nothing changed for CBL: a report as new as this or newer is known');
    expect((await message(older)).reason).toBe(reason);
    expect((await stock('DC2'))['CBL//available']).toBe('42');

    await drop(report('I-2', '1000', ['LIN**VN*CBL', 'QTY*33*30*EA', 'QTY*27*5*EA']));
    expect((await stock('DC2'))['CBL//available']).toBe('35');
  });

  it('states lots with their expiry', async () => {
    await drop(
      report('I-3', '1100', [
        'LIN**VN*GLV*LT*L9',
        'DTM*036*20270601',
        'QTY*17*900*EA',
        'LIN**VN*GLV',
        'REF*LT*L11',
        'QTY*17*60*EA',
      ]),
    );
    const after = await stock('DC2');
    expect(Object.entries(after).filter(([key]) => key.startsWith('GLV'))).toEqual([
      ['GLV/L11/available', '60'],
      ['GLV/L9/available', '900'],
    ]);
  });

  it.each([
    ['on hand', 'QTY*17*1030*EA'],
    ['available', 'QTY*33*1030*EA'],
  ])('puts nothing on sale that we keep apart, where it states what is %s', async (kind, quantity) => {
    const of = (status: string) => `WRAP//${status}`;
    if (kind === 'on hand') {
      await run((tx) => putExpectedSupply(tx, [supply('PO-80', 'WRAP', '1000')], { now: clock.now() }));
      await drop(x12('944', receipt('WR-80', ['W07*1030*EA**VN*WRAP'], ['N9*PO*PO-80'])));
    }
    const id = await drop(report(`I-80-${kind}`, kind === 'on hand' ? '0900' : '0930', ['LIN**VN*WRAP', quantity]));
    expect(await stock('DC2')).toMatchObject({ [of('available')]: '1000', [of('quarantine')]: '30' });
    expect((await told(id))[1]).toContain('WRAP 1000 available, 30 quarantine');
  });

  it('leaves goods in their lots where it names none, and takes what is missing from those that expire first', async () => {
    const lots = async () =>
      Object.fromEntries(Object.entries(await stock('DC2')).filter(([key]) => key.startsWith('GLV/')));
    await drop(report('I-5', '1130', ['LIN**VN*GLV', 'QTY*17*960*EA']));
    expect(await lots()).toEqual({ 'GLV/L11/available': '60', 'GLV/L9/available': '900' });
    // L9 expires in 2027, of L11 nobody knows.
    await drop(report('I-6', '1140', ['LIN**VN*GLV', 'QTY*17*940*EA', 'QTY*74*10*EA']));
    expect(await lots()).toEqual({ 'GLV/L11/available': '60', 'GLV/L9/available': '870', 'GLV//damaged': '10' });
    await drop(report('I-7', '1150', ['LIN**VN*GLV', 'QTY*17*1000*EA', 'QTY*74*10*EA']));
    expect(await lots()).toEqual({
      'GLV/L11/available': '60',
      'GLV/L9/available': '870',
      'GLV//available': '60',
      'GLV//damaged': '10',
    });
  });

  it('says so where nothing of it tells what may be sold', async () => {
    const id = await drop(report('I-4', '1200', ['LIN**VN*BLT', 'QTY*74*3*EA']));
    expect((await told(id))[1]).toContain('nothing is said of what may be sold of BLT');
    expect((await stock('DC2'))['BLT//available']).toBe('1080');
  });
});
