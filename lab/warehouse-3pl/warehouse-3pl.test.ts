import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { leaveFile, verdictsOf } from '../../test/harness/mailbox-files.ts';
import { type Dials, type Lab, startLab, type SystemName } from '../harness.ts';
import { readInterchange, type Segment, writeInterchange } from '../x12-text.ts';
import { ssccOf } from './cartons.ts';

let dir: string;
let lab: Lab | undefined;

async function open(dials: Partial<Dials> = {}, only: readonly SystemName[] = ['warehouse-3pl']): Promise<Lab> {
  dir = mkdtempSync(join(tmpdir(), 'lab-3pl-'));
  lab = await startLab({
    dir,
    profile: 'zero',
    only,
    partnersDir: join(dir, 'partners'),
    startAt: new Date('2026-06-02T01:30:00Z'),
    dials: { 'warehouse-3pl': dials },
  });
  return lab;
}
afterEach(async () => {
  await lab?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const folder = (name: 'in' | 'out'): string => join(dir, 'partners', 'RENO', name);
const eventually = <T>(check: () => T): Promise<T> => vi.waitFor(check, { timeout: 5_000, interval: 20 });
const log = (kind: string) => lab!.logs('warehouse-3pl').filter((effect) => effect.kind === kind);

/** Files of a type that it has sent, each checked by the engine. */
async function sent(type: string, count: number): Promise<Segment[][]> {
  const names = await eventually(() => {
    const found = readdirSync(folder('in')).filter((name) => name.endsWith(`-${type}.edi`));
    expect(found.length).toBeGreaterThanOrEqual(count);
    return found.sort();
  });
  for (const name of names) expect(await verdictsOf(join(folder('in'), name))).toEqual([`${type} accepted`]);
  return names.map((name) => {
    const [group] = readInterchange(readFileSync(join(folder('in'), name), 'utf8')).groups;
    return group!.documents[0]!.segments;
  });
}

const named = (segments: readonly Segment[], name: string): string[] =>
  segments.filter(([id]) => id === name).map((segment) => segment.join('*'));

interface Line {
  sku: string;
  quantity: string;
  lots?: string[];
}

let control = 0;
/** What the hub would leave: a release by 940, or its cancellation. */
function order(releaseNo: string, lines: readonly Line[], status = 'N'): void {
  control += 1;
  const at = new Date('2026-06-02T01:00:00Z');
  const frame = { sender: 'RIDGELINE', receiver: 'RENO3PL', control, version: '004010', functionalId: 'OW', at };
  const text = writeInterchange({ ...frame, usage: 'P' }, [
    [
      ['ST', '940', '0001'],
      ['W05', status, releaseNo, 'PO-7'],
      ['N1', 'ST', 'Apex Hospital Receiving'],
      ['N1', 'WH', '', '92', 'DC2'],
      ['N9', 'CO', 'SO-1'],
      ['W66', 'PP', 'M', '', '', 'GROUND', '', '', '', '', 'FDEG'],
      ...lines.flatMap(({ sku, quantity, lots = [] }, index) => [
        ['LX', String(index + 1)],
        ['W01', quantity, 'EA', '', 'VN', sku, '', '', '', '', '', '', '', lots.length === 1 ? lots[0]! : ''],
        ['N9', 'LI', String(index + 1)],
        ...lots.map((lot) => ['N9', 'LT', lot]),
      ]),
      ['W76', '1'],
    ],
  ]);
  leaveFile(folder('out'), `${String(control).padStart(6, '0')}-940.edi`, text);
}

const stock = async (): Promise<string[]> => {
  const state = (await lab!.control('warehouse-3pl', 'GET', '/_state')) as { stock: Record<string, string>[] };
  return state.stock.map(
    ({ sku, lot, good, damaged, picked }) => `${sku}${lot ? `/${lot}` : ''} ${good} ${damaged} ${picked}`,
  );
};
const opening = ['BLT 6000 0 0', 'GLV/L3 300 0 0', 'HLM 200 0 0', 'LED 10 0 0'];

test('a release is acknowledged, shipped, and advised with its marks under a number of the warehouse', async () => {
  await open();
  order('F-1', [
    { sku: 'GLV', quantity: '300', lots: ['L3'] },
    { sku: 'LED', quantity: '4' },
  ]);
  const [acknowledgment] = await sent('997', 1);
  expect(named(acknowledgment!, 'AK1')).toEqual([`AK1*OW*${control}`]);
  const [advice] = await sent('945', 1);
  const sscc = ssccOf(1);
  expect(advice!.map((segment) => segment.join('*'))).toEqual([
    'ST*945*0001',
    // The evening before, in Reno.
    'W06*F*F-1*20260601*RN-100001**PO-7',
    'N1*ST*Apex Hospital Receiving',
    'N1*WH*Sierra Logistics Reno*92*DC2',
    'N9*BM*BOL-RN-100001',
    expect.stringMatching(/^G62\*11\*20260601\*8\*1830\d\d$/),
    'W27*M*FDEG*GROUND',
    'LX*1',
    `MAN*GM*00${sscc}`,
    `MAN*CP*RENO${sscc.slice(8)}`,
    'W12*CC*300*300**EA**VN*GLV*L3',
    'N9*LI*1',
    'W12*CC*4*4**EA**VN*LED',
    'N9*LI*2',
    'W03*304',
  ]);
  expect(await stock()).toEqual(['BLT 6000 0 0', 'GLV/L3 0 0 0', 'HLM 200 0 0', 'LED 6 0 0']);
  expect(log('document.received')).toMatchObject([{ type: '940', key: 'F-1' }]);
  expect(log('release.shipped')).toMatchObject([{ key: 'F-1', shipmentNo: 'RN-100001' }]);
});

test('a release that its 997 refuses is not worked, nor one that it has shipped before', async () => {
  await open({ acknowledge: { '940': 'reject' } });
  order('F-1', [{ sku: 'LED', quantity: '1' }]);
  const [refusal] = await sent('997', 1);
  expect(named(refusal!, 'AK9')).toEqual(['AK9*R*1*1*0']);
  await lab!.dials('warehouse-3pl', { acknowledge: { '940': 'none' } });
  order('F-1', [{ sku: 'LED', quantity: '1' }]);
  await sent('945', 1);
  order('F-1', [{ sku: 'LED', quantity: '1' }]);
  await eventually(() => expect(log('release.repeated')).toHaveLength(1));
  expect(log('release.created')).toHaveLength(1);
  expect(await sent('945', 1)).toHaveLength(1);
  expect(await sent('997', 1)).toHaveLength(1);
});

test('a release of what it does not handle it refuses by 824, and works when it is sent again', async () => {
  await open({ rejectSkus: { LED: 'NO ROOM FOR' } });
  order('F-1', [{ sku: 'LED', quantity: '2' }]);
  const [refusal] = await sent('824', 1);
  expect(refusal!.slice(2).map((segment) => segment.join('*'))).toEqual(['OTI*TR*TN*F-1', 'TED*ZZZ*NO ROOM FOR LED']);
  await lab!.dials('warehouse-3pl', { rejectSkus: {} });
  order('F-1', [{ sku: 'LED', quantity: '2' }]);
  const [advice] = await sent('945', 1);
  expect(named(advice!, 'W12')).toEqual(['W12*CC*2*2**EA**VN*LED']);
});

test('what it does not find, or has not got, it says to ship no more', async () => {
  await open({ shortPick: { BLT: '300' } });
  order('F-1', [
    { sku: 'BLT', quantity: '2000' },
    { sku: 'LED', quantity: '12' },
    { sku: 'PMP-220', quantity: '1' },
  ]);
  const [advice] = await sent('945', 1);
  expect(named(advice!, 'W12')).toEqual([
    'W12*CP*2000*1700*300*EA**VN*BLT',
    'W12*CP*12*10*2*EA**VN*LED',
    'W12*CP*1*0*1*EA**VN*PMP-220',
  ]);
  expect(named(advice!, 'N9').slice(1)).toEqual(['N9*LI*1', 'N9*LI*2', 'N9*LI*3']);
  expect(await stock()).toEqual(['BLT 4000 0 0', 'GLV/L3 300 0 0', 'HLM 200 0 0', 'LED 0 0 0']);
});

test('in two parts, the first says that more is to come', async () => {
  await open({ mishaps: { twoParts: 1 } });
  order('F-1', [{ sku: 'LED', quantity: '5' }]);
  const advices = await sent('945', 2);
  expect(advices.map((advice) => named(advice, 'W12'))).toEqual([
    ['W12*BP*5*2*3*EA**VN*LED'],
    ['W12*CC*3*3**EA**VN*LED'],
  ]);
  const numbers = advices.map((advice) => named(advice, 'W06')[0]!.split('*')[4]);
  expect(numbers).toEqual(['RN-100001', 'RN-100002']);
  expect(await stock()).toEqual(opening.with(3, 'LED 5 0 0'));
});

test('damaged goods are left out of the shipment, told by 947, and kept apart', async () => {
  await open({ mishaps: { damaged: 1 } });
  order('F-1', [{ sku: 'GLV', quantity: '20' }]);
  const [advice] = await sent('945', 1);
  expect(named(advice!, 'W12')).toEqual(['W12*CP*20*18*2*EA**VN*GLV*L3']);
  const [adjustment] = await sent('947', 1);
  expect(named(adjustment!, 'W19')).toEqual(['W19*AU*-2*EA**VN*GLV***L3']);
  expect(await stock()).toEqual(opening.with(1, 'GLV/L3 280 2 0'));
});

test('it ships the wrong item, or says the same twice, when it is told to', async () => {
  await open({ mishaps: { wrongItem: 1 } });
  order('F-1', [{ sku: 'LED', quantity: '2' }]);
  const [wrong] = await sent('945', 1);
  expect(named(wrong!, 'W12')).toEqual(['W12*CC*2*2**EA**VN*BLT']);
  expect(await stock()).toEqual(opening.with(0, 'BLT 5998 0 0'));
  await lab!.dials('warehouse-3pl', { mishaps: { twice: 1 } });
  order('F-2', [{ sku: 'LED', quantity: '2' }]);
  const [, once, again] = await sent('945', 3);
  expect(again).toEqual(once);
});

test('a cancellation before the pick is confirmed by a 945 of nothing; after it the goods ship', async () => {
  await open({ autoProgress: false });
  order('F-1', [{ sku: 'LED', quantity: '2' }]);
  order('F-1', [{ sku: 'LED', quantity: '2' }], 'F');
  const [confirmation] = await sent('945', 1);
  expect(named(confirmation!, 'W12')).toEqual(['W12*CU*2*0*2*EA**VN*LED']);
  expect(log('release.cancelled')).toMatchObject([{ key: 'F-1' }]);

  order('F-2', [{ sku: 'LED', quantity: '2' }]);
  await eventually(() => expect(log('release.created')).toHaveLength(2));
  const step = (name: string) =>
    lab!.control('warehouse-3pl', 'POST', '/_progress', { releaseNo: 'F-2', step: name, quantities: { 1: '1' } });
  await step('pick');
  order('F-2', [{ sku: 'LED', quantity: '2' }], 'D');
  await eventually(() => expect(log('cancellation.refused')).toMatchObject([{ key: 'F-2', stage: 'PICKED' }]));
  order('F-2', [{ sku: 'LED', quantity: '3' }], 'C');
  await eventually(() => expect(log('order.ignored')).toMatchObject([{ key: 'F-2', status: 'C' }]));
  await step('pack');
  await step('ship');
  const [, advice] = await sent('945', 2);
  expect(named(advice!, 'W12')).toEqual(['W12*CP*2*1*1*EA**VN*LED']);
});

test('what comes in, what changes and what is there it tells by 944, 947 and 846', async () => {
  await open();
  const lines = [
    { sku: 'GLV', lot: 'L9', quantity: '100', uom: 'EA', damaged: '4', short: '20' },
    { sku: 'LED', quantity: '40', uom: 'EA' },
  ];
  await lab!.control('warehouse-3pl', 'POST', '/_receipts', { poNumber: 'PO-9002', lines });
  const [receipt] = await sent('944', 1);
  expect(receipt!.slice(1).map((segment) => segment.join('*'))).toEqual([
    'W17*F*20260601*RR-10001',
    'N1*WH*Sierra Logistics Reno*92*DC2',
    'N9*PO*PO-9002',
    'W07*100*EA**VN*GLV***L9',
    'W13*4*EA*01',
    'W13*20*EA*02',
    'W07*40*EA**VN*LED',
    'W14*140',
  ]);
  const lost = [{ sku: 'BLT', quantity: '-50', uom: 'EA', reason: '05' }];
  await lab!.control('warehouse-3pl', 'POST', '/_adjustments', { lines: lost });
  expect(named((await sent('947', 1))[0]!, 'W19')).toEqual(['W19*05*-50*EA**VN*BLT']);
  await lab!.control('warehouse-3pl', 'POST', '/_reports', {});
  const [report] = await sent('846', 1);
  expect(report!.slice(1).map((segment) => segment.join('*'))).toEqual([
    expect.stringMatching(/^BIA\*00\*MM\*RI-10001\*20260601\*1830\d\d$/),
    'N1*WH*Sierra Logistics Reno*92*DC2',
    'LIN*1*VN*BLT',
    'QTY*17*5950*EA',
    'LIN*2*VN*GLV*LT*L3',
    'QTY*17*300*EA',
    'LIN*3*VN*GLV*LT*L9',
    'QTY*17*100*EA',
    'QTY*20*4*EA',
    'LIN*4*VN*HLM',
    'QTY*17*200*EA',
    'LIN*5*VN*LED',
    'QTY*17*50*EA',
    'CTT*5',
  ]);
});

test('what is late is packed, and waits for the truck', async () => {
  await open({ mishaps: { late: 1 }, delaysMs: { late: null } });
  order('F-1', [{ sku: 'LED', quantity: '2' }]);
  await eventually(() => expect(log('release.packed')).toHaveLength(1));
  await lab!.dials('warehouse-3pl', { mishaps: {} });
  order('F-2', [{ sku: 'LED', quantity: '2' }]);
  expect(named((await sent('945', 1))[0]!, 'W06')[0]).toContain('*F-2*');
  await lab!.control('warehouse-3pl', 'POST', '/_progress', { releaseNo: 'F-1', step: 'ship' });
  expect(named((await sent('945', 2))[1]!, 'W06')[0]).toContain('*F-1*');
});

test('it reports its stock by itself as often as the dials say', async () => {
  await open({ delaysMs: { report: 30 } });
  await sent('846', 2);
});

test('it goes on where it was after kill -9: numbers, stock and what it was about to do', async () => {
  await open({ delaysMs: { pack: null } });
  order('F-1', [{ sku: 'LED', quantity: '5' }]);
  await eventually(() => expect(log('release.picked')).toHaveLength(1));
  await sent('997', 1);
  await lab!.kill('warehouse-3pl');
  await lab!.start('warehouse-3pl');
  expect(await stock()).toEqual(opening.with(3, 'LED 10 0 5'));
  await lab!.control('warehouse-3pl', 'POST', '/_progress', { releaseNo: 'F-1', step: 'pack' });
  const [advice] = await sent('945', 1);
  expect(named(advice!, 'W12')).toEqual(['W12*CC*5*5**EA**VN*LED']);
  expect(log('release.created')).toHaveLength(1);
  expect(log('file.read')).toHaveLength(1);
  expect(readdirSync(folder('in')).sort()).toEqual(['000001-997.edi', '000002-945.edi']);
});

test('what it had on record and not in place is sent after kill -9; what it had not never was', async () => {
  await open();
  order('F-1', [{ sku: 'LED', quantity: '5' }]);
  await sent('945', 1);
  await lab!.kill('warehouse-3pl');
  const at = (name: string): string => join(folder('in'), name);
  renameSync(at('000002-945.edi'), at('.000002-945.edi.tmp'));
  writeFileSync(at('.000003-945.edi.tmp'), 'half');
  await lab!.start('warehouse-3pl');
  await sent('945', 1);
  expect(readdirSync(folder('in')).sort()).toEqual(['000001-997.edi', '000002-945.edi']);
});

test('it labels on its own account: the carrier tracks its parcels to the door', async () => {
  await open({}, ['warehouse-3pl', 'carrier']);
  order('F-1', [{ sku: 'LED', quantity: '5' }]);
  const [advice] = await sent('945', 1);
  const tracking = named(advice!, 'MAN')[1]!.split('*')[2];
  expect(tracking).toMatch(/^7946\d+$/);
  await eventually(() =>
    expect(
      lab!
        .logs('carrier')
        .filter(({ kind }) => kind === 'parcel.scanned')
        .map(({ key, code }) => [key, code]),
    ).toEqual([
      [tracking, 'IT'],
      [tracking, 'DL'],
    ]),
  );
});
