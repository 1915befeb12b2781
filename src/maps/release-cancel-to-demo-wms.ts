import type { FulfillmentOrder } from '../model/index.ts';
import { defineOutboundMap } from './map.ts';

export const nativeReleaseCancel = (order: FulfillmentOrder) => ({
  releaseNo: order.fulfillmentNo,
  orderRef: order.orderNo,
});

/** Asks the WMS to give a release back; it refuses once picking has begun. */
export const releaseCancelToDemoWms = defineOutboundMap<FulfillmentOrder>({
  connector: 'demo-wms',
  operation: 'release.cancel',
  entity: 'fulfillment',
  map: nativeReleaseCancel,
});
