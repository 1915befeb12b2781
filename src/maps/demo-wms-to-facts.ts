import type { FulfillmentFact } from '../model/index.ts';
import { demoWmsFactKinds } from './demo-wms-codes.ts';
import { defineInboundMap, type InboundContext, type InboundResult } from './map.ts';
import { instantAt, integerAt, listAt, objectAt, optionalText, present, quantityAt, textAt } from './native-payload.ts';

/**
 * Pick confirmations and shorts. The WMS reports cumulative quantities per release with a rising `seq`, so the release
 * is the document of the facts. What kind of fact it is follows from the status code alone.
 */
function factsOf(payload: unknown, context: InboundContext): InboundResult[] {
  const native = objectAt(payload, '');
  const releaseNo = textAt(native, 'releaseNo');
  const status = textAt(native, 'status');
  const kind = demoWmsFactKinds[status];
  if (kind === undefined) {
    const value = { source: context.source, field: 'status', nativeCode: status, fulfillmentNo: releaseNo };
    return [{ kind: 'unmapped', value }];
  }
  if (kind === null) return [];
  const facts = listAt(native, 'lines').map(
    (line, index): FulfillmentFact =>
      present({
        source: context.source,
        document: releaseNo,
        fulfillmentNo: releaseNo,
        orderNo: optionalText(native, 'orderRef'),
        lineNo: integerAt(line, 'lineNo'),
        kind,
        quantity: quantityAt(line, 'qty', `lines/${index}/qty`),
        uom: textAt(line, 'uom'),
        sequence: integerAt(native, 'seq'),
        occurredAt: instantAt(native, 'at'),
        reason: optionalText(line, 'reasonCode'),
      }),
  );
  return [{ kind: 'facts', value: facts }];
}

export const demoWmsPicks = defineInboundMap({ connector: 'demo-wms', topic: 'pick.confirmed', map: factsOf });

export const demoWmsShorts = defineInboundMap({ connector: 'demo-wms', topic: 'pick.short', map: factsOf });
