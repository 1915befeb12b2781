import type { TSchema } from 'typebox';
import {
  FulfillmentFact,
  FulfillmentOrder,
  Invoice,
  InvoiceReport,
  PaymentReport,
  Shipment,
  ShipmentReport,
  TrackingReport,
  VoidReport,
} from './fulfillment.ts';
import { Item } from './item.ts';
import { ExpectedSupply, Location, PriceRule, StockChange, StockPolicy, StockSnapshot } from './location.ts';
import { AdvanceShipNotice, OrderChange, PoAcknowledgment, SupplierInvoice } from './partner-documents.ts';
import { Customer, Supplier } from './party.ts';
import { OrderSubmission, SalesOrder } from './sales-order.ts';
import {
  ApplicationAdvice,
  CreditDebitAdjustment,
  ExpectedReceipt,
  FreightInvoice,
  InventoryReport,
  LoadTender,
  OrderStatusAdvice,
  OrganizationDirectory,
  PriceCatalogue,
  ReceivingAdvice,
  Remittance,
  ReturnRequest,
  RoutingInstruction,
  RoutingRequest,
  SalesReport,
  StockAdjustment,
  TenderResponse,
  TextMessage,
} from './trade-reports.ts';

/** Every canonical schema that is published, by the name under which it is served. */
export const canonicalSchemas = {
  customer: Customer,
  supplier: Supplier,
  item: Item,
  location: Location,
  'stock-policy': StockPolicy,
  'stock-snapshot': StockSnapshot,
  'stock-change': StockChange,
  'price-rule': PriceRule,
  'expected-supply': ExpectedSupply,
  'order-submission': OrderSubmission,
  order: SalesOrder,
  'fulfillment-order': FulfillmentOrder,
  'fulfillment-fact': FulfillmentFact,
  shipment: Shipment,
  'shipment-report': ShipmentReport,
  'tracking-report': TrackingReport,
  'void-report': VoidReport,
  invoice: Invoice,
  'invoice-report': InvoiceReport,
  'payment-report': PaymentReport,
  'po-acknowledgment': PoAcknowledgment,
  'order-change': OrderChange,
  'advance-ship-notice': AdvanceShipNotice,
  'supplier-invoice': SupplierInvoice,
  'price-catalogue': PriceCatalogue,
  'inventory-report': InventoryReport,
  remittance: Remittance,
  'sales-report': SalesReport,
  'receiving-advice': ReceivingAdvice,
  'expected-receipt': ExpectedReceipt,
  'stock-adjustment': StockAdjustment,
  'return-request': ReturnRequest,
  'credit-debit-adjustment': CreditDebitAdjustment,
  'application-advice': ApplicationAdvice,
  'text-message': TextMessage,
  'order-status-advice': OrderStatusAdvice,
  'load-tender': LoadTender,
  'tender-response': TenderResponse,
  'freight-invoice': FreightInvoice,
  'routing-request': RoutingRequest,
  'routing-instruction': RoutingInstruction,
  'organization-directory': OrganizationDirectory,
} as const satisfies Record<string, TSchema>;

export type CanonicalSchemaName = keyof typeof canonicalSchemas;

/** Version of every canonical schema; a published version never changes. */
export const schemaVersion = 1;

/** A schema as plain JSON Schema 2020-12 with its public `$id`. */
export function exportJsonSchema(name: CanonicalSchemaName): Record<string, unknown> {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `/schemas/${name}/v${schemaVersion}`,
    title: name,
    // TypeBox keeps its own marks under symbols and `~` keys; JSON drops the former, the replacer the latter.
    ...(JSON.parse(
      JSON.stringify(canonicalSchemas[name], (key, value: unknown) => (key.startsWith('~') ? undefined : value)),
    ) as Record<string, unknown>),
  };
}
