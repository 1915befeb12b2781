import { availabilityToDemoStorefront } from './availability-to-demo-storefront.ts';
import { cancellationToDemoErp } from './cancellation-to-demo-erp.ts';
import { demoCarrierToTracking } from './demo-carrier-to-tracking.ts';
import { demoErpToInvoice } from './demo-erp-to-invoice.ts';
import { demoErpToOrderStatus } from './demo-erp-to-order-status.ts';
import { demoErpToPayment } from './demo-erp-to-payment.ts';
import { demoErpToShipment } from './demo-erp-to-shipment.ts';
import { demoStorefrontToOrder } from './demo-storefront-to-order.ts';
import { demoWmsPicks, demoWmsShorts } from './demo-wms-to-facts.ts';
import { demoWmsToPacked } from './demo-wms-to-packed.ts';
import { demoWmsToShipment } from './demo-wms-to-shipment.ts';
import { demoWmsToStock } from './demo-wms-to-stock.ts';
import { demoWmsToVoid } from './demo-wms-to-void.ts';
import { labelsToDemoErp } from './labels-to-demo-erp.ts';
import { labelsToDemoWms } from './labels-to-demo-wms.ts';
import { orderChangeToDemoErp, orderToDemoErp } from './order-to-demo-erp.ts';
import { releaseCancelToDemoErp } from './release-cancel-to-demo-erp.ts';
import { releaseCancelToDemoWms } from './release-cancel-to-demo-wms.ts';
import { releaseToDemoErp } from './release-to-demo-erp.ts';
import { releaseToDemoWms } from './release-to-demo-wms.ts';
import { shipmentToDemoCarrier } from './shipment-to-demo-carrier.ts';
import { shipmentToDemoErp } from './shipment-to-demo-erp.ts';
import { shipmentToDemoStorefront } from './shipment-to-demo-storefront.ts';
import { edifactOrdersToOrder } from './edifact-orders-to-order.ts';
import { invoiceToEdifactInvoic } from './invoice-to-edifact-invoic.ts';
import { orderToEdifactOrdrsp } from './order-to-edifact-ordrsp.ts';
import { shipmentToEdifactDesadv } from './shipment-to-edifact-desadv.ts';
import { invoiceToX12_810 } from './invoice-to-x12-810.ts';
import { orderToX12_855 } from './order-to-x12-855.ts';
import { shipmentToX12_856 } from './shipment-to-x12-856.ts';
import { x12_850ToOrder } from './x12-850-to-order.ts';
import { x12_855ToAcknowledgment } from './x12-855-to-acknowledgment.ts';
import { edifactOrdrspToAcknowledgment } from './edifact-ordrsp-to-acknowledgment.ts';
import { x12_856ToShipNotice } from './x12-856-to-ship-notice.ts';
import { edifactDesadvToShipNotice } from './edifact-desadv-to-ship-notice.ts';
import { x12_810ToInvoice } from './x12-810-to-invoice.ts';
import { edifactInvoicToInvoice } from './edifact-invoic-to-invoice.ts';
import { x12_832Catalogue } from './x12-832-catalogue.ts';
import { edifactPricatCatalogue } from './edifact-pricat-catalogue.ts';
import { x12_846Inventory } from './x12-846-inventory.ts';
import { edifactInvrptInventory } from './edifact-invrpt-inventory.ts';
import { x12_820Remittance } from './x12-820-remittance.ts';
import { edifactRemadvRemittance } from './edifact-remadv-remittance.ts';
import { x12_852Sales } from './x12-852-sales.ts';
import { edifactSlsrptSales } from './edifact-slsrpt-sales.ts';
import { x12_867Resale } from './x12-867-resale.ts';
import { x12_861Receipt } from './x12-861-receipt.ts';
import { edifactRecadvReceipt } from './edifact-recadv-receipt.ts';
import { x12_943ExpectedReceipt } from './x12-943-expected-receipt.ts';
import { x12_944Receipt } from './x12-944-receipt.ts';
import { x12_947Adjustment } from './x12-947-adjustment.ts';
import { x12_180Return } from './x12-180-return.ts';
import { x12_812CreditDebit } from './x12-812-credit-debit.ts';
import { x12_824Advice } from './x12-824-advice.ts';
import { edifactAperakAdvice } from './edifact-aperak-advice.ts';
import { x12_864Text } from './x12-864-text.ts';
import { x12_870OrderStatus } from './x12-870-order-status.ts';
import { x12_204Tender } from './x12-204-tender.ts';
import { edifactIftminTender } from './edifact-iftmin-tender.ts';
import { x12_990TenderResponse } from './x12-990-tender-response.ts';
import { x12_210FreightInvoice } from './x12-210-freight-invoice.ts';
import { x12_753RoutingRequest } from './x12-753-routing-request.ts';
import { x12_754RoutingInstruction } from './x12-754-routing-instruction.ts';
import { x12_816Organization } from './x12-816-organization.ts';
import { x12_860OrderChange } from './x12-860-order-change.ts';
import { x12_865ChangeAnswer } from './x12-865-change-answer.ts';
import { edifactOrdchgOrderChange } from './edifact-ordchg-order-change.ts';
import { releaseCancelToX12_940, releaseToX12_940 } from './release-to-x12-940.ts';
import { x12_945ToShipment } from './x12-945-to-shipment.ts';
import { x12_214ToTracking } from './x12-214-to-tracking.ts';
import { edifactIftstaToTracking } from './edifact-iftsta-to-tracking.ts';
import type { AnyMap, InboundMap, OutboundMap } from './map.ts';

export type { EdiTerms, TermParty } from './edi-terms.ts';
export type { InvoiceNotice } from './check-invoice.ts';
export * from './map.ts';
export type { OrderAcknowledgment } from './decide-lines.ts';
export type { ShipNotice } from './check-notice.ts';

/** Every map of the hub, explicitly; a test fails when a map's file is missing here. */
export const maps: readonly AnyMap[] = [
  availabilityToDemoStorefront,
  cancellationToDemoErp,
  demoCarrierToTracking,
  demoErpToInvoice,
  demoErpToOrderStatus,
  demoErpToPayment,
  demoErpToShipment,
  demoStorefrontToOrder,
  demoWmsPicks,
  demoWmsShorts,
  demoWmsToPacked,
  demoWmsToShipment,
  demoWmsToStock,
  demoWmsToVoid,
  labelsToDemoErp,
  labelsToDemoWms,
  orderChangeToDemoErp,
  orderToDemoErp,
  releaseCancelToDemoErp,
  releaseCancelToDemoWms,
  releaseToDemoErp,
  releaseToDemoWms,
  shipmentToDemoCarrier,
  shipmentToDemoErp,
  shipmentToDemoStorefront,
  // EDI
  edifactIftstaToTracking,
  x12_214ToTracking,
  x12_945ToShipment,
  releaseToX12_940,
  releaseCancelToX12_940,
  ...edifactOrdchgOrderChange,
  ...x12_865ChangeAnswer,
  ...x12_860OrderChange,
  ...x12_816Organization,
  ...x12_754RoutingInstruction,
  ...x12_753RoutingRequest,
  ...x12_210FreightInvoice,
  ...x12_990TenderResponse,
  ...edifactIftminTender,
  ...x12_204Tender,
  ...x12_870OrderStatus,
  ...x12_864Text,
  ...edifactAperakAdvice,
  ...x12_824Advice,
  ...x12_812CreditDebit,
  ...x12_180Return,
  ...x12_947Adjustment,
  ...x12_944Receipt,
  ...x12_943ExpectedReceipt,
  ...edifactRecadvReceipt,
  ...x12_861Receipt,
  ...x12_867Resale,
  ...edifactSlsrptSales,
  ...x12_852Sales,
  ...edifactRemadvRemittance,
  ...x12_820Remittance,
  ...edifactInvrptInventory,
  ...x12_846Inventory,
  ...edifactPricatCatalogue,
  ...x12_832Catalogue,
  x12_855ToAcknowledgment,
  edifactOrdrspToAcknowledgment,
  x12_856ToShipNotice,
  edifactDesadvToShipNotice,
  x12_810ToInvoice,
  edifactInvoicToInvoice,
  edifactOrdersToOrder,
  invoiceToEdifactInvoic,
  orderToEdifactOrdrsp,
  shipmentToEdifactDesadv,
  invoiceToX12_810,
  orderToX12_855,
  shipmentToX12_856,
  x12_850ToOrder,
];

/** Maps by what they answer to; two maps for one key are a programmer's mistake. */
export interface MapIndex {
  inbound(connector: string, topic: string): InboundMap | undefined;
  outbound(connector: string, operation: string): OutboundMap | undefined;
}

export function indexMaps(list: readonly AnyMap[] = maps): MapIndex {
  const byKey = new Map<string, AnyMap>();
  for (const map of list) {
    const key = keyOf(map.direction, map.connector, map.direction === 'inbound' ? map.topic : map.operation);
    if (byKey.has(key)) throw new Error(`Two maps answer to ${key}`);
    byKey.set(key, map);
  }
  return {
    inbound: (connector, topic) => byKey.get(keyOf('inbound', connector, topic)) as InboundMap | undefined,
    outbound: (connector, operation) => byKey.get(keyOf('outbound', connector, operation)) as OutboundMap | undefined,
  };
}

function keyOf(direction: string, connector: string, name: string): string {
  return `${direction} ${connector} ${name}`;
}
