import { describe, expect, it } from 'vitest';
import { clock, drop, hub, message, problems, queue } from '../../test/harness/edi-hub.ts';
import {
  act,
  expected,
  openOf,
  receipt,
  reno,
  run,
  stock,
  supply,
  told,
  useWarehouses,
  x12,
} from '../../test/harness/warehouse-by-edi.ts';
import { putExpectedSupply } from '../inventory/index.ts';
import { putAgreement } from '../partners/index.ts';
import { applyStockMovements } from './apply-stock.ts';

useWarehouses();

describe('a receipt of a warehouse that works by EDI', () => {
  it('is what scenario 18 says: 100 cases of which 4 are damaged, once however often it comes', async () => {
    await run((tx) => putExpectedSupply(tx, [supply('PO-18', 'GLV', '1000')], { now: clock.now() }));
    const lines = ['W07*100*CA**VN*GLV*LT*L9', 'W13*4*CA*01'];
    const id = await drop(x12('944', receipt('WR-18', lines, ['N1*WH*RENO*9*x', 'N9*PO*PO-18'])));
    expect(await told(id)).toEqual(['translated', 'GLV +960 available, +40 damaged at DC2']);
    expect((await message(id)).state).toBe('processed');
    expect(await stock('DC2')).toEqual({ 'GLV/L9/available': '960', 'GLV/L9/damaged': '40' });
    expect(await expected('PO-18')).toBe('0');
    const [claim] = await openOf('RECEIPT_DISCREPANT');
    expect(claim).toMatchObject({
      messageId: id,
      moneyAtRiskMinor: 17_000,
      currency: 'USD',
      cause: 'Receipt WR-18 at DC2 for PO-18: 40 of GLV lot L9 damaged.',
    });
    expect(claim!.entityRefs).toContainEqual(expect.objectContaining({ kind: 'document' }));
    const events = await run((tx) =>
      tx.query<{ data: unknown }>(
        `SELECT data FROM event WHERE type = 'inventory.stock.received' AND data ->> 'document' = 'WR-18'`,
      ),
    );
    const came = { sku: 'GLV', location: 'DC2', lot: 'L9', document: 'WR-18', source: 'reno', partner: 'P3PL' };
    expect(events.map(({ data }) => data)).toEqual([
      { ...came, quantity: '960', status: 'available' },
      { ...came, quantity: '40', status: 'damaged' },
    ]);

    const again = await drop(x12('944', receipt('WR-18', lines, ['N9*PO*PO-18'])));
    expect(await told(again)).toEqual(['duplicate', 'Receipt WR-18 is on record already; nothing was changed']);
    expect(await stock('DC2')).toEqual({ 'GLV/L9/available': '960', 'GLV/L9/damaged': '40' });

    const other = await drop(x12('944', receipt('WR-18', ['W07*90*CA**VN*GLV*LT*L9'])));
    expect((await message(other)).state).toBe('held');
    expect((await problems(other))[0]).toMatchObject({ code: 'MAP_FAILED', data: { code: 'CONFLICT' } });
  });

  it('is what scenario 17 says: what is beyond the order and its tolerance waits in quarantine', async () => {
    await run((tx) => putExpectedSupply(tx, [supply('PO-17', 'BLT', '1000', { overPct: '5' })], { now: clock.now() }));
    const id = await drop(x12('944', receipt('WR-17', ['W07*1080*EA**VN*BLT'], ['N9*PO*PO-17'])));
    expect(await told(id)).toEqual(['translated', 'BLT +1050 available, +30 quarantine at DC2']);
    const again = await drop(x12('944', receipt('WR-17', ['W07*1080*EA**VN*BLT'], ['N9*PO*PO-17'])));
    expect((await told(again))[0]).toBe('duplicate');
    expect(await stock('DC2')).toMatchObject({ 'BLT//available': '1050', 'BLT//quarantine': '30' });
    const excess = (await openOf('RECEIPT_DISCREPANT')).find(({ cause }) => cause.includes('WR-17'))!;
    expect(excess.cause).toContain('30 of BLT beyond the order and its tolerance');
    expect((await act(excess, 'accept_receipt')).effects).toEqual([
      '30 of BLT at DC2 leave the quarantine and may be sold',
    ]);
    await queue.idle();
    const after = await stock('DC2');
    expect([after['BLT//available'], after['BLT//quarantine']]).toEqual(['1080', undefined]);

    // All of it comes on top of what has come in: nothing is lost, and nothing of it is sold.
    const more = await drop(x12('944', receipt('WR-17B', ['W07*20*EA**VN*BLT'], ['N9*PO*PO-17'])));
    expect((await told(more))[1]).toBe('BLT +20 quarantine at DC2');
    expect((await told(await drop(x12('944', receipt('WR-17B', ['W07*20*EA**VN*BLT'], ['N9*PO*PO-17'])))))[0]).toBe(
      'duplicate',
    );
    // A quarter of it went back meanwhile.
    const back = {
      type: 'adjust' as const,
      sku: 'BLT',
      location: 'DC2',
      status: 'quarantine' as const,
      quantity: '-5',
    };
    const sent = { ...back, key: 'back', reason: 'sentBack', source: 'test', occurredAt: clock.now() };
    await run((tx) => applyStockMovements(tx, hub, [sent], { correlationId: 'back' }));
    const second = (await openOf('RECEIPT_DISCREPANT')).find(({ cause }) => cause.includes('WR-17B'))!;
    expect((await act(second, 'accept_receipt')).effects[0]).toMatch(/^15 of BLT at DC2/);
  });

  it('changes nothing where it is a test, and says so', async () => {
    const before = await stock('DC2');
    await run((tx) => putAgreement(tx, { ...reno, usage: 'test' }));
    const id = await drop(x12('944', receipt('WR-T', ['W07*5*EA**VN*CBL'])).replace('*0*P*>', '*0*T*>'));
    expect(await told(id)).toEqual(['translated', 'A test: it changes no stock']);
    expect(await stock('DC2')).toEqual(before);
    await run((tx) => putAgreement(tx, reno));
  });

  it('tells what is short and refuses what is of poor quality, and knows a case by its GTIN', async () => {
    const lines = ['W07*10*ZZ**UK*10614141100016*LT*L10', 'W13*2*ZZ*04', 'W13*3*ZZ*02'];
    const id = await drop(x12('944', receipt('WR-20', lines)));
    expect(await told(id)).toEqual(['translated', 'GLV +80 available, +20 quarantine at DC2']);
    const found = (await openOf('RECEIPT_DISCREPANT')).find(({ messageId }) => messageId === id);
    expect(found?.cause).toBe(
      'Receipt WR-20 at DC2: 20 of GLV lot L10 refused by the warehouse and put in quarantine; 30 of GLV lot L10 short.',
    );
  });

  it('tells of goods of which none has come', async () => {
    const id = await drop(x12('944', receipt('WR-21', ['W07*0*EA**VN*BLT', 'W13*500*EA*02'], ['N9*PO*PO-21'])));
    expect(await told(id)).toEqual(['translated', 'Receipt WR-21 brings nothing in']);
    const [found] = (await openOf('RECEIPT_DISCREPANT')).filter(({ messageId }) => messageId === id);
    expect(found?.cause).toBe('Receipt WR-21 at DC2: 500 of BLT short.');
  });

  it('waits for an item that nobody knows, and goes on by the cross-reference of its sibling', async () => {
    const before = await stock('DC2');
    const first = await drop(x12('944', receipt('WR-31', ['W07*5*EA**VN*CBL', 'W07*7*EA**SW*X-77'])));
    const second = await drop(x12('944', receipt('WR-32', ['W07*8*EA**SW*X-77'])));
    expect([(await message(first)).state, (await message(second)).state]).toEqual(['held', 'held']);
    expect(await stock('DC2')).toEqual(before);
    const [unknown] = await problems(first);
    expect(unknown).toMatchObject({
      code: 'UNKNOWN_ITEM',
      cause: '944 0001 from P3PL: line 2: no item has the number X-77',
      data: { type: 'item', external: 'X-77', scope: 'P3PL', lineNo: 2 },
    });
    const { effects } = await act(unknown!, 'approve_cross_reference', { canonicalId: 'CBL' });
    expect(effects).toContain('2 messages are translated again');
    await queue.idle();
    expect(await told(first)).toEqual(['translated', 'CBL +12 available at DC2']);
    expect(await told(second)).toEqual(['translated', 'CBL +8 available at DC2']);
    expect((await stock('DC2'))['CBL//available']).toBe('20');
    expect([await problems(first), await problems(second)]).toEqual([[], []]);
  });

  it('names what is wrong with a unit and applies nothing of the document', async () => {
    const id = await drop(x12('944', receipt('WR-40', ['W07*5*EA**VN*CBL', 'W07*1*DZ**VN*BLT'])));
    expect((await problems(id))[0]).toMatchObject({ code: 'UOM_UNKNOWN', data: { documentType: '944' } });
    expect((await told(id))[0]).toBe('held');
    expect((await stock('DC2'))['CBL//available']).toBe('20');
    const contradiction = await drop(x12('944', receipt('WR-41', ['W07*1*EA**UK*10614141100016'])));
    expect((await problems(contradiction))[0]?.cause).toContain('GLV is named by the GTIN of one CS and counted in EA');
  });

  it('is refused where it names another of our warehouses', async () => {
    const id = await drop(x12('944', receipt('WR-50', ['W07*5*EA**VN*CBL'], ['N1*WH*COLUMBUS*UL*0614141001019'])));
    expect((await problems(id))[0]?.cause).toContain('it names the warehouse 0614141001019, which is DC1');
  });
});

describe('several warehouses under one agreement', () => {
  const from = (no: string, party: string): string =>
    x12('944', receipt(no, ['W07*5*EA**VN*CBL'], [party]), 'TWINS3PL');

  it('are told apart by GLN, by our code and by cross-reference', async () => {
    await drop(from('T-1', 'N1*WH*ONE*UL*0614141001057'));
    await drop(from('T-2', 'N1*WH*TWO*91*DC6'));
    const id = await drop(from('T-3', 'N1*WH*TWO*92*W-06'));
    const [unknown] = await problems(id);
    expect(unknown).toMatchObject({
      code: 'XREF_MISSING',
      cause: '944 0001 from PTWO: it names the warehouse 92:W-06, which is none of DC5, DC6',
      data: { type: 'location', external: '92:W-06', scope: 'PTWO' },
    });
    await expect(act(unknown!, 'approve_cross_reference', { canonicalId: 'DC99' })).rejects.toThrow('is no location');
    await act(unknown!, 'approve_cross_reference', { canonicalId: 'DC6' });
    await queue.idle();
    expect((await told(id))[0]).toBe('translated');
    expect([await stock('DC5'), await stock('DC6')]).toEqual([{ 'CBL//available': '5' }, { 'CBL//available': '10' }]);
    const nameless = await drop(x12('944', receipt('T-4', ['W07*5*EA**VN*CBL']), 'TWINS3PL'));
    expect((await problems(nameless))[0]?.cause).toContain('several work under its agreement: DC5, DC6');
  });
});

describe('a warehouse that counts what is damaged beside what it received', () => {
  it('is read by an overlay', async () => {
    const lines = ['W07*10*EA**VN*TAPE', 'W13*2*EA*01'];
    const id = await drop(x12('944', receipt('T-9', lines, ['N1*WH*ONE*UL*0614141001057']), 'TWINS3PL'));
    expect(await told(id)).toEqual(['translated', 'TAPE +10 available, +2 damaged at DC5']);
  });
});

describe('documents under an agreement that is no warehouse’s', () => {
  it('stay documents', async () => {
    const before = await stock('DC2');
    const lines = ['LIN**VN*NOT-OURS', 'QTY*33*7*EA', 'CTT*1'];
    const id = await drop(
      x12('846', ['BIA*00*MM*I-1*20260601*0900', 'N1*WH*RENO*UL*0614141001026', ...lines], 'FASTLINE'),
    );
    expect(await told(id)).toEqual(['translated', undefined]);
    expect(await problems(id)).toEqual([]);
    expect(await stock('DC2')).toEqual(before);
  });

  it('are told apart from what a customer would say by an 861', async () => {
    const lines = ['DTM*050*20240601', 'RCD**5*EA', 'LIN**VN*CBL', 'CTT*1'];
    const id = await drop(x12('861', ['BRA*R-1*20240601*00*1', ...lines]));
    expect(await told(id)).toEqual([
      'translated',
      '861 changes no stock: a warehouse tells of it by 944, 947, 846, INVRPT, RECADV',
    ]);
  });
});
