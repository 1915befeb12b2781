/** Fulfilment orders (one release to one site), shipments, packages and their SSCCs. */
import type { FulfillmentOrder, Shipment } from '../model/index.ts';
import type { Tx } from '../platform/index.ts';

export declare function loadFulfillmentOrders(tx: Tx, ids: readonly string[]): Promise<Map<string, FulfillmentOrder>>;
export declare function listFulfillmentOrders(tx: Tx, orderIds: readonly string[]): Promise<FulfillmentOrder[]>;
export declare function loadShipments(tx: Tx, ids: readonly string[]): Promise<Map<string, Shipment>>;
export declare function listShipments(
  tx: Tx,
  filter: { orderIds?: readonly string[]; tracking?: string; sscc?: string; shipmentNo?: string },
): Promise<Shipment[]>;
