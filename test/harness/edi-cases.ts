/** An order and the partner's terms for tests of outbound EDI, and a document as the partner would read it. */
import { type EdiDocument, lookup, readSync, write } from '../../src/edi/index.ts';
import { ediTerms } from '../../src/exchange/index.ts';
import { type EdiTerms, indexMaps } from '../../src/maps/index.ts';
import type { SalesOrder, SalesOrderLine } from '../../src/model/index.ts';
import { termsOf } from '../../src/partners/index.ts';
import { expect } from 'vitest';

const agreement = {
  id: 'meridian',
  partner: 'C100',
  standard: 'x12' as const,
  us: { qualifier: 'ZZ', id: 'RIDGELINE' },
  them: { qualifier: 'ZZ', id: 'MERIDIAN' },
  version: '004010',
  usage: 'production' as const,
  seller: { name: 'RIDGELINE', vendorNo: '778120' },
};
export const terms: EdiTerms = ediTerms(termsOf(agreement, 1));
export const maps = indexMaps();

export function documentOf(bytes: Uint8Array | string): EdiDocument {
  for (const event of readSync(bytes)) if (event.kind === 'document') return event.document;
  throw new Error('no document');
}

const quantities = [
  'cancelled',
  'allocated',
  'backordered',
  'released',
  'picked',
  'packed',
  'shipped',
  'delivered',
  'invoiced',
  'returned',
];
const noQuantities = Object.fromEntries(quantities.map((name) => [name, '0'])) as SalesOrderLine['q'];

export function line(
  lineNo: number,
  q: Partial<SalesOrderLine['q']>,
  extra: Partial<SalesOrderLine> = {},
): SalesOrderLine {
  return {
    lineNo,
    customerLineNo: String(lineNo).padStart(3, '0'),
    sku: 'PMP-220',
    orderedItemRef: 'PMP-220',
    vendorItem: 'PMP-220',
    ordered: { value: q.ordered ?? '5', uom: 'EA' },
    num: 1,
    den: 1,
    baseUom: 'EA',
    price: { value: '450.00', currency: 'USD', perQty: '1', uom: 'EA' },
    priceSource: 'po',
    priceBasis: 'PE',
    amountMinor: 225000,
    holds: [],
    milestone: 'received',
    ...extra,
    q: { ...noQuantities, ordered: '5', ...q },
  };
}

export function order(lines: SalesOrderLine[], extra: Partial<SalesOrder> = {}): SalesOrder {
  return {
    id: 'o1',
    orderNo: 'SO-1',
    version: 1,
    correlationId: 'c',
    channel: 'edi',
    customer: 'C100',
    customerName: 'Meridian',
    customerPo: 'PO-4711',
    purpose: 'original',
    orderDate: '2026-06-01',
    windows: { requestedDelivery: '2026-06-08', cancelAfter: '2026-06-20' },
    shipTo: { id: 'DC12', resolved: true },
    currency: 'USD',
    terms: { netDays: 30 },
    taxContext: { exempt: false, estimatedMinor: 0 },
    partnerRefs: { DP: '038' },
    parties: [
      { role: 'ST', name: 'DC 12', raw: { qualifier: 'UL', code: '0614141900121' } },
      { role: 'BY', raw: { qualifier: '92', code: '0012' } },
    ],
    shipComplete: false,
    holds: [],
    totals: { lines: lines.length, amountMinor: 0 },
    naturalKey: 'n',
    fingerprint: 'f',
    test: false,
    status: { milestone: 'received', onHold: false, exception: false, invoice: 'none', payment: 'unpaid' },
    portalStatus: '',
    lines,
    createdAt: '2026-06-01T13:00:00Z',
    updatedAt: '2026-06-01T13:00:00Z',
    ...extra,
  };
}

/** The segments of a document that a map made, written and read again; it must be free of errors. */
export function written(type: string, functionalId: string, body: unknown, version = '004010'): string[] {
  const clean = JSON.parse(JSON.stringify(body));
  const bytes = write({
    envelope: {
      sender: { qualifier: 'ZZ', id: 'RIDGELINE' },
      receiver: { qualifier: 'ZZ', id: 'MERIDIAN' },
      usage: 'P',
      version: version.slice(0, 5),
      control: '1',
      date: '2026-06-01',
      time: '09:00',
    },
    groups: [
      {
        functionalId,
        control: '1',
        version,
        documents: [{ type, control: '0001', guide: { body: clean }, definition: lookup('x12', version, type)! }],
      },
    ],
  });
  const document = documentOf(bytes);
  expect(document.issues).toEqual([]);
  expect(document.verdict).toBe('accepted');
  return new TextDecoder().decode(bytes).split('~').slice(2, -3);
}

export const context = (settings: Partial<EdiTerms> = {}) => ({
  connection: 'meridian-folder',
  settings: { ...terms, ...settings },
  data: {},
  naturalKey: 'n',
  correlationId: 'c',
  lookup: () => undefined,
});
