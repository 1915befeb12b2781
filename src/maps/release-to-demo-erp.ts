import type { FulfillmentOrder } from '../model/index.ts';
import { defineOutboundMap } from './map.ts';
import { nativeRelease } from './release-to-demo-wms.ts';

/** A release to a branch that ships through the ERP. */
export const releaseToDemoErp = defineOutboundMap<FulfillmentOrder>({
  connector: 'demo-erp',
  operation: 'release.create',
  entity: 'fulfillment',
  map: nativeRelease,
});
