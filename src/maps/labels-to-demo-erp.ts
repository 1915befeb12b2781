import type { Shipment } from '../model/index.ts';
import { nativeLabels } from './labels-to-demo-wms.ts';
import { defineOutboundMap } from './map.ts';

/** Labels of a branch's shipment. */
export const labelsToDemoErp = defineOutboundMap<Shipment>({
  connector: 'demo-erp',
  operation: 'label.attach',
  entity: 'shipment',
  map: nativeLabels,
});
