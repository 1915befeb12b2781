/** Warehouses that work by EDI, for tests: DC2 alone under its agreement, DC5 and DC6 under one, DC7 by EDIFACT; and what they send. */
import { beforeAll } from 'vitest';
import { clock, db, documents, hub, tenant, useEdiHub } from './edi-hub.ts';
import { putItems, putPriceRules } from '../../src/catalog/index.ts';
import { type ExceptionRecord, listExceptions } from '../../src/exceptions/index.ts';
import { listExpectedSupply, listPositions, putLocations } from '../../src/inventory/index.ts';
import type { ExpectedSupply, Item, Location } from '../../src/model/index.ts';
import { type Agreement, putAgreement } from '../../src/partners/index.ts';
import type { Tx } from '../../src/platform/index.ts';
import { actOnException } from '../../src/flows/act-on-exception.ts';

export const run = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => db.app.tx(tenant, fn);
export const gln = '0614141001026';

const item = (sku: string, uoms: Item['uoms'], extra: Partial<Item> = {}): Item => ({
  sku,
  description: sku,
  type: 'stock',
  status: 'active',
  baseUom: 'EA',
  uoms,
  increment: '1',
  tracking: 'none',
  issue: 'FIFO',
  taxClass: 'standard',
  ...extra,
});
const gloves = item(
  'GLV',
  [
    { code: 'EA', num: 1, den: 1, gtin: '00614141100019' },
    { code: 'CS', num: 10, den: 1, gtin: '10614141100016' },
  ],
  { tracking: 'lot' },
);
const bolts = item('BLT', [
  { code: 'EA', num: 1, den: 1, gtin: '00614141100026' },
  { code: 'BX', num: 100, den: 1 },
]);
const site = (code: string, change: Partial<Location> = {}): Location => ({
  code,
  name: code,
  kind: '3pl',
  timeZone: 'America/Los_Angeles',
  sellable: true,
  priority: 5,
  ...change,
});
const agreement = (id: string, partner: string, address: string): Agreement => ({
  id,
  partner,
  standard: 'x12',
  us: { qualifier: 'ZZ', id: 'RIDGELINE' },
  them: { qualifier: 'ZZ', id: address },
  version: '004010',
  usage: 'production',
  connection: 'meridian-folder',
  timeZone: 'America/Los_Angeles',
  units: { CS: 'CA' },
  inbound: ['944', '947', '846', '997', '861'],
});
export const supply = (
  poNo: string,
  sku: string,
  quantity: string,
  change: Partial<ExpectedSupply> = {},
): ExpectedSupply => ({
  poNo,
  supplier: 'S10',
  sku,
  quantity,
  uom: 'EA',
  location: 'DC2',
  dueDate: '2026-06-15',
  acknowledged: true,
  ...change,
});

export const reno = agreement('reno', 'P3PL', 'RENO3PL');
/** One hub on a fresh database for all tests of the file. */
export function useWarehouses(): void {
  useEdiHub();
  beforeAll(() =>
    run(async (tx) => {
      const now = clock.now();
      const each: Item['uoms'] = [{ code: 'EA', num: 1, den: 1 }];
      await putItems(tx, [gloves, bolts, ...['CBL', 'CORD', 'FOAM', 'TAPE', 'WRAP'].map((sku) => item(sku, each))], {
        now,
      });
      await putPriceRules(
        tx,
        ['GLV', 'FOAM'].map((sku) => ({
          id: `LIST-${sku}`,
          kind: 'list' as const,
          sku,
          price: { value: '4.25', currency: 'USD', perQty: '1', uom: 'EA' },
          validFrom: '2020-01-01',
          priority: 1,
        })),
        { now },
      );
      await putLocations(
        tx,
        [
          site('DC2', { gln, agreement: 'reno' }),
          site('DC5', { gln: '0614141001057', agreement: 'twins' }),
          site('DC6', { agreement: 'twins' }),
          site('DC7', { gln: '4012345000016', timeZone: 'Europe/Berlin', agreement: 'hamburg' }),
        ],
        { now },
      );
      await putAgreement(tx, reno);
      // Its W07 counts what is good, without what W13 calls damaged.
      const accepted = { each: 'lines', target: '@.accepted', path: '@.received', from: 'target' as const };
      const overlays = [{ map: 'x12-944', rows: [accepted] }];
      await putAgreement(tx, { ...agreement('twins', 'PTWO', 'TWINS3PL'), overlays });
      await putAgreement(tx, agreement('supplier', 'S10', 'FASTLINE'));
      await putAgreement(tx, {
        ...agreement('hamburg', 'P3HH', 'unused'),
        standard: 'edifact',
        us: { qualifier: '14', id: '0614141000005' },
        them: { qualifier: '14', id: '4012345000016' },
        version: 'D.01B',
        timeZone: 'Europe/Berlin',
        units: { EA: 'PCE' },
        inbound: ['INVRPT', 'RECADV'],
      });
    }),
  );
}

const groups: Record<string, string> = { '944': 'RE', '947': 'AW', '846': 'IB', '861': 'RC' };
let control = 5000;
/** @param written GS04 and GS05, by the clocks of the warehouse */
export function x12(
  type: string,
  segments: readonly string[],
  sender = 'RENO3PL',
  number = ++control,
  written = '20260601*0900',
): string {
  const isa13 = String(number).padStart(9, '0');
  return `${[
    `ISA*00*          *00*          *ZZ*${sender.padEnd(15)}*ZZ*RIDGELINE      *260601*0900*U*00401*${isa13}*0*P*>`,
    `GS*${groups[type]}*${sender}*RIDGELINE*${written}*${number}*X*004010`,
    `ST*${type}*0001`,
    ...segments,
    `SE*${segments.length + 2}*0001`,
    `GE*1*${number}`,
    `IEA*1*${isa13}`,
  ].join('~')}~`;
}
export function edifact(type: string, segments: readonly string[]): string {
  const number = ++control;
  return `${[
    `UNB+UNOC:3+4012345000016:14+0614141000005:14+260601:0900+${number}`,
    `UNH+1+${type}:D:01B:UN`,
    ...segments,
    `UNT+${segments.length + 2}+1`,
    `UNZ+1+${number}`,
  ].join("'")}'`;
}
export const receipt = (no: string, lines: readonly string[], head: readonly string[] = []): string[] => [
  `W17*F*20240601*${no}*D-1`,
  ...head,
  ...lines,
  'W14*1',
];

/** `GLV/L9/available` → base units at the location. */
export async function stock(location: string): Promise<Record<string, string>> {
  const { rows } = await run((tx) => listPositions(tx, { location, limit: 100 }));
  return Object.fromEntries(
    rows
      .filter(({ onHand }) => onHand !== '0')
      .map(({ sku, lot, status, onHand }) => [`${sku}/${lot ?? ''}/${status}`, onHand]),
  );
}
export const expected = async (poNo: string): Promise<string | undefined> =>
  (await run((tx) => listExpectedSupply(tx, { all: true }))).find(({ value }) => value.poNo === poNo)?.value.quantity;
export const openOf = async (code: string): Promise<ExceptionRecord[]> =>
  (await run((tx) => listExceptions(tx, { code, state: 'open' }, { limit: 50 }))).rows;
export const told = async (id: string) => {
  const [document] = await documents(id);
  return [document!.state, document!.reason];
};
export const act = (exception: ExceptionRecord, action: string, input: Record<string, unknown> = {}) =>
  run((tx) => actOnException(hub, tx, { exceptionId: exception.id, action, reason: 'test', input, actor: 'user:kim' }));
