import { describe, expect, it } from 'vitest';
import { line, order } from '../../../test/harness/edi-cases.ts';
import { outbound } from '../../../test/harness/edifact-cases.ts';
import type { Shipment } from '../../model/index.ts';
import { ssccBarcode, ssccPng } from './gs1-barcode.ts';
import { drawPackingSlip } from './packing-slip.ts';
import { drawShippingLabels, labelledPackage } from './shipping-labels.ts';

const shipment: Shipment = {
  id: 's1',
  shipmentNo: 'SH-1',
  orderId: 'o1',
  orderNo: 'SO-1',
  fulfillmentOrderId: 'f1',
  fulfillmentNo: 'F-1',
  location: 'DC1',
  shipFrom: {
    name: 'Ridgeline DC1',
    gln: '0614141001019',
    address: { lines: ['9 Dock Rd'], city: 'Columbus', region: 'OH', postal: '43004', country: 'US' },
  },
  shipTo: {
    name: 'DC 12',
    address: { lines: ['1200 Distribution Drive'], city: 'Louisville', region: 'KY', postal: '40213', country: 'US' },
  },
  carrier: 'UPS',
  service: 'GROUND',
  packedAt: '2026-06-01T15:00:00Z',
  shippedAt: '2026-06-01T20:00:00Z',
  trackerStatus: 'label',
  version: 1,
  packages: [
    {
      packageNo: 1,
      sscc: '106141410000000019',
      tracking: '1Z1',
      weightGrams: 2500,
      contents: [{ lineNo: 1, sku: 'PMP-220', quantity: '2', uom: 'EA', serials: ['S-1', 'S-2'] }],
    },
    {
      packageNo: 2,
      sscc: '106141410000000026',
      tracking: '1Z2',
      contents: [{ lineNo: 1, sku: 'PMP-220', quantity: '1', uom: 'EA', lot: 'L2' }],
    },
  ],
};
const sold = order([line(1, {}, { description: 'Transfer pump 220 V' })], { customerPo: 'PO-4711' });

/** The text of a PDF whose streams are not compressed, page by page: the hex strings of its TJ operators. */
function textOf(pdf: Buffer): string[] {
  const streams = pdf
    .toString('latin1')
    .split('stream\n')
    .filter((part) => part.includes(' TJ'));
  return streams.map((stream) =>
    [...stream.matchAll(/\[(.*?)\] TJ/g)]
      .map(([, body]) =>
        [...(body as string).matchAll(/<([0-9a-f]*)>/g)]
          .map(([, hex]) => Buffer.from(hex as string, 'hex').toString('latin1'))
          .join(''),
      )
      .join('\n'),
  );
}

/** SSCCs that the ship notice carries, in the order of its packages. */
function announced(): string[] {
  const body: any = outbound(
    'x12',
    'shipment.notify',
    { order: sold, shipment, date: '2026-06-01', time: '16:00', shippedOn: '2026-06-01' },
    {
      shipNotice: { structure: 'SOPI', ssccWithAi: false },
    },
  );
  return body.hierarchy[0].children[0].children.map((pack: any) => pack.MAN[0].marks);
}

describe('shipping labels', () => {
  it('carry the SSCCs that the ship notice announces, a page for each package', async () => {
    const pages = textOf(await drawShippingLabels(shipment, sold));
    expect(pages).toHaveLength(2);
    for (const [index, sscc] of announced().entries()) {
      expect(pages[index]).toContain(`(00) ${sscc}`);
      expect((await ssccBarcode(sscc)).elementString).toBe(`(00)${sscc}`);
    }
    for (const text of [
      'Ridgeline DC1',
      '9 Dock Rd',
      'Columbus, OH 43004',
      'DC 12',
      'UPS GROUND',
      '1Z1',
      'PO-4711',
      '2 EA',
      'Transfer pump 220 V',
      'PACKAGE 1 of 2',
    ])
      expect(pages[0]).toContain(text);
    expect(pages[1]).toContain('lot L2');
  });

  it('show a long place to its postal code, set smaller', async () => {
    const shipTo = {
      name: 'DC 12',
      address: {
        lines: ['1 Dock Rd'],
        city: 'Truth or Consequences Junction',
        region: 'NM',
        postal: '87901',
        country: 'US',
      },
    };
    const [page] = textOf(await drawShippingLabels({ ...shipment, shipTo }, sold));
    expect(page).toContain('Truth or Consequences Junction, NM 87901');
  });

  it('draw a symbol of the right length, bar for bar', async () => {
    // Start, FNC1, ten pairs of digits, check symbol: 11 modules each; stop: 13 (ISO/IEC 15417).
    const { widths } = await ssccBarcode('106141410000000019');
    expect(widths.reduce((sum, width) => sum + width, 0)).toBe(13 * 11 + 13);
    // Start C and FNC1.
    expect(widths.slice(0, 12)).toEqual([2, 1, 1, 2, 3, 2, 4, 1, 1, 1, 3, 1]);
    expect((await ssccBarcode('106141410000000026')).widths).not.toEqual(widths);
    const pdf = (await drawShippingLabels(shipment, sold)).toString('latin1');
    expect(pdf.match(/ re$/gm)).toHaveLength(2 * Math.ceil(widths.length / 2));
  });

  it('are the same bytes every time', async () => {
    expect((await drawShippingLabels(shipment, sold)).equals(await drawShippingLabels(shipment, sold))).toBe(true);
  });

  it('come as an image too', async () => {
    const png = await ssccPng(labelledPackage(shipment, 2).sscc);
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    // 156 modules and their light margins, at 6 pixels a module.
    expect(png.readUInt32BE(16)).toBe((156 + 2 * 10) * 6);
  });

  it('are refused without an SSCC, with one that does not scan, and for what was voided', () => {
    const [first, second] = shipment.packages as [Shipment['packages'][number], Shipment['packages'][number]];
    const { sscc: _, ...bare } = second;
    const draw = (change: Partial<Shipment>) => () => drawShippingLabels({ ...shipment, ...change }, sold);
    expect(draw({ packages: [first, bare] })).toThrow(expect.objectContaining({ code: 'CONFLICT' }));
    expect(draw({ packages: [{ ...first, sscc: '106141410000000018' }] })).toThrow(
      expect.objectContaining({ code: 'CONFLICT' }),
    );
    expect(draw({ voidedAt: '2026-06-02T00:00:00Z' })).toThrow(expect.objectContaining({ code: 'CONFLICT' }));
    expect(() => labelledPackage(shipment, 3)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });
});

describe('the packing slip', () => {
  it('lists every package with its SSCC and contents', async () => {
    const [page] = textOf(await drawPackingSlip(shipment, sold));
    for (const text of [
      'SH-1',
      'PO-4711',
      'Package 1 of 2',
      'Tracking 1Z2',
      'SSCC (00) 106141410000000026',
      'PMP-220',
      'S-1, S-2',
      'L2',
      'Page 1 of 1',
    ])
      expect(page).toContain(text);
  });

  it('goes over as many pages as it takes, and does without SSCCs', async () => {
    const many = Array.from({ length: 40 }, (_, index) => ({
      packageNo: index + 1,
      contents: shipment.packages[0]!.contents,
    }));
    const pages = textOf(await drawPackingSlip({ ...shipment, packages: many }, sold));
    expect(pages.length).toBeGreaterThan(3);
    expect(pages.join('\n')).toContain('Package 40 of 40');
    expect(pages.at(-1)).toContain(`Page ${pages.length} of ${pages.length}`);
  });
});
