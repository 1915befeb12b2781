/**
 * How a map is declared. A map is a pure, synchronous function between a document or native payload and the canonical
 * model: no clock, no database, no connection. The same input always gives the same output, so a map can be run again
 * on archived bytes. One file per map, plus one line in `maps/index.ts`.
 */
import type {
  CanonicalSchemaName,
  FulfillmentFact,
  InvoiceReport,
  OrderSubmission,
  PaymentReport,
  ShipmentPackage,
  ShipmentReport,
  StockChange,
  VoidReport,
  TrackingReport,
} from '../model/index.ts';

/** What a warehouse reports as packed and not yet shipped. Quantities are base units. */
export interface PackedReport {
  source: string;
  /** The source's document; facts are cumulative per (source, document). */
  document: string;
  sequence: number;
  fulfillmentNo: string;
  packedAt: string;
  packages: ShipmentPackage[];
}

/** What an ERP says about an order as a whole. `nativeStatus` is kept as written: a status is never guessed. */
export interface OrderStatusReport {
  source: string;
  orderNo: string;
  erpOrderNo?: string;
  nativeStatus: string;
  sequence: number;
  occurredAt: string;
}

/** A native code that no status table knows: recorded with the message and shown to a person, never guessed. */
export interface UnmappedStatus {
  source: string;
  field: string;
  nativeCode: string;
  orderNo?: string;
  fulfillmentNo?: string;
}

export type InboundResult =
  | { kind: 'order'; value: OrderSubmission }
  | { kind: 'facts'; value: FulfillmentFact[] }
  | { kind: 'packed'; value: PackedReport }
  | { kind: 'shipment'; value: ShipmentReport }
  | { kind: 'void'; value: VoidReport }
  | { kind: 'tracking'; value: TrackingReport }
  | { kind: 'invoice'; value: InvoiceReport }
  | { kind: 'payment'; value: PaymentReport }
  | { kind: 'stock'; value: StockChange }
  | { kind: 'orderStatus'; value: OrderStatusReport }
  /** A document in its canonical form, kept with the message; `schema` names the form. */
  | { kind: 'document'; schema: CanonicalSchemaName; value: unknown }
  | { kind: 'unmapped'; value: UnmappedStatus };

/**
 * Cross-reference of the connection or partner: the canonical id of an external code, or undefined. May be called
 * freely; the caller runs the map again once it has fetched what the first run asked for.
 */
export type Lookup = (type: string, external: string) => string | undefined;

export interface InboundContext {
  /** Id of the connection, or of the agreement for EDI; becomes the `source` of facts. */
  readonly source: string;
  /** Non-secret settings of the connection, or the agreement for EDI. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** When the message was received, RFC 3339. */
  readonly receivedAt: string;
  /** When the sender's envelope says that an EDI document was written, RFC 3339; never later than `receivedAt`. */
  readonly writtenAt?: string;
  /** Version of an EDI document by its definition, `D.01B`; the agreement's when not given. */
  readonly version?: string;
  readonly lookup: Lookup;
}

/**
 * `connector` is the connection's type, or the standard (`x12`) for EDI; `topic` is the webhook's topic or the document
 * type (`850`). `map` may return nothing (recorded as ignored) and throws `MapError` when it cannot understand the input.
 */
export interface InboundMap {
  readonly direction: 'inbound';
  readonly connector: string;
  readonly topic: string;
  map(native: unknown, context: InboundContext): InboundResult[];
}

export interface OutboundContext {
  readonly connection: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** The delivery's own small data (see `DeliveryPayload.data`). */
  readonly data: Readonly<Record<string, unknown>>;
  readonly naturalKey: string;
  readonly correlationId: string;
  readonly lookup: Lookup;
}

/** `entity` names what the delivery refers to; the caller hydrates it before the map runs. */
export interface OutboundMap {
  readonly direction: 'outbound';
  readonly connector: string;
  readonly operation: string;
  readonly entity: string;
  map(entity: unknown, context: OutboundContext): unknown;
}

export type AnyMap = InboundMap | OutboundMap;

/** The input cannot be translated. `code` names the reason for the exception queue, `path` the spot. */
export class MapError extends Error {
  readonly code: string;
  readonly path: string | undefined;

  constructor(code: string, message: string, path?: string) {
    super(message);
    this.name = 'MapError';
    this.code = code;
    this.path = path;
  }
}

export function defineInboundMap<N = unknown>(spec: {
  connector: string;
  topic: string;
  map(native: N, context: InboundContext): InboundResult[];
}): InboundMap {
  return {
    direction: 'inbound',
    connector: spec.connector,
    topic: spec.topic,
    map: (native, context) => spec.map(native as N, context),
  };
}

export function defineOutboundMap<E = unknown, N = unknown>(spec: {
  connector: string;
  operation: string;
  entity: string;
  map(entity: E, context: OutboundContext): N;
}): OutboundMap {
  return {
    direction: 'outbound',
    connector: spec.connector,
    operation: spec.operation,
    entity: spec.entity,
    map: (entity, context) => spec.map(entity as E, context),
  };
}
