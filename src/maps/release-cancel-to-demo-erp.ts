import type { FulfillmentOrder } from '../model/index.ts';
import { defineOutboundMap } from './map.ts';
import { nativeReleaseCancel } from './release-cancel-to-demo-wms.ts';

/** Asks the ERP to give a branch's release back. */
export const releaseCancelToDemoErp = defineOutboundMap<FulfillmentOrder>({
  connector: 'demo-erp',
  operation: 'release.cancel',
  entity: 'fulfillment',
  map: nativeReleaseCancel,
});
