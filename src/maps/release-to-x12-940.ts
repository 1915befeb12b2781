import { addDecimals, type FulfillmentOrder } from '../model/index.ts';
import { type EdiTerms, ediTermsOf, unitToPartner } from './edi-terms.ts';
import { defineOutboundMap } from './map.ts';
import { partyLoop } from './x12-echo.ts';

/**
 * Warehouse shipping order: a release to a warehouse that speaks EDI, under our number (W0502). N9*LI carries the line, which
 * the 945 repeats.
 */
export const releaseToX12_940 = defineOutboundMap<FulfillmentOrder>({
  connector: 'x12',
  operation: 'release.create',
  entity: 'fulfillment',
  map: (release, context) => warehouseOrder(release, ediTermsOf(context.settings), 'N'),
});

/** Takes a release back: the same order once more, under the status that this warehouse reads as a cancellation. */
export const releaseCancelToX12_940 = defineOutboundMap<FulfillmentOrder>({
  connector: 'x12',
  operation: 'release.cancel',
  entity: 'fulfillment',
  map(release, context) {
    const terms = ediTermsOf(context.settings);
    return warehouseOrder(release, terms, terms.warehouse.cancelCode);
  },
});

function warehouseOrder(release: FulfillmentOrder, terms: EdiTerms, orderStatus: string) {
  const { shipTo } = release;
  const raw = shipTo.gln === undefined ? undefined : { qualifier: 'UL', code: shipTo.gln };
  return {
    W05: { orderStatus, depositorOrder: release.fulfillmentNo, poNumber: release.customerPo },
    parties: [
      ...((shipTo.name ?? raw)
        ? [partyLoop({ role: 'ST', name: shipTo.name, raw, address: shipTo.address }, false)]
        : []),
      { N1: { entity: 'WH', idQualifier: '92', id: release.location } },
    ],
    N9: [{ referenceQualifier: 'CO', reference: release.orderNo }],
    G62: release.shipBy === undefined ? [] : [{ dateQualifier: '10', date: release.shipBy }],
    W66:
      release.carrier === undefined
        ? undefined
        : { paymentMethod: 'PP', transportMethod: 'M', routing: release.service, scac: scacOf(release.carrier) },
    loads: release.lines.map((line, index) => ({
      LX: { number: String(index + 1) },
      lines: [
        {
          W01: {
            quantity: line.quantity,
            unit: unitToPartner(terms, line.uom),
            ids: [{ qualifier: terms.itemQualifiers.vendor, id: line.sku }],
            lot: line.lots?.length === 1 ? line.lots[0]?.lot : undefined,
          },
          N9: [
            { referenceQualifier: 'LI', reference: String(line.lineNo) },
            ...(line.lots ?? []).map(({ lot }) => ({ referenceQualifier: 'LT', reference: lot })),
          ],
        },
      ],
    })),
    W76: { quantity: addDecimals('0', ...release.lines.map((line) => line.quantity)) },
  };
}

const scacOf = (carrier: string): string | undefined => (/^[A-Z]{2,4}$/.test(carrier) ? carrier : undefined);
