import type { TObject } from 'typebox';
import type { Clock, Logger } from '../platform/index.ts';
import type { ConnectionRole, IdempotencyClass, LookupResult, Outcome } from '../queue/index.ts';
import type { HttpClient } from './http-client.ts';

export interface ConnectorContext {
  /** Checked against the connector's `settings` schema when the connection was saved. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Opened for this call only; never logged. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly http: HttpClient;
  readonly log: Logger;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** `$CROSSDOCK_DATA`: where connectors that exchange files keep the partners' folders. */
  readonly dataDir?: string;
}

/** One thing to do in an outside system. `native` is the mapped payload; retries carry the same bytes and keys. */
export interface ConnectorRequest {
  readonly native: unknown;
  readonly naturalKey: string;
  readonly idempotencyKey: string;
  readonly correlationId: string;
  readonly traceparent?: string;
}

export interface ConnectorOperation {
  readonly title: string;
  /** Fixed by the system, or chosen by the connection's settings where a system offers several. */
  readonly idempotency: IdempotencyClass | ((settings: Readonly<Record<string, unknown>>) => IdempotencyClass);
  /** How long to wait after an unknown outcome before looking up: longer than the peer's longest server time. */
  readonly settleMs?: number | ((settings: Readonly<Record<string, unknown>>) => number);
  send(ctx: ConnectorContext, request: ConnectorRequest): Promise<Outcome>;
  /** Finds what an earlier attempt with the same natural key may have left behind. Classes A to C have one. */
  lookup?(ctx: ConnectorContext, request: ConnectorRequest): Promise<LookupResult>;
}

export interface ConnectorWebhook {
  readonly signature: 'standard-webhooks';
  /** Every topic this system sends; each has an inbound map `(type, topic)`. */
  readonly topics: readonly string[];
  /** The topic of a parsed body, or undefined when it is none of the system's shapes. */
  topicOf(body: unknown): string | undefined;
  /** What makes two arrivals the same message. */
  dedupeOf(headers: Readonly<Record<string, string | string[] | undefined>>, body: unknown): string | undefined;
}

export interface ConnectorHealth {
  readonly ok: boolean;
  readonly detail: string;
}

export interface Connector {
  readonly type: string;
  readonly title: string;
  readonly role: ConnectionRole;
  /** JSON Schema of the connection's settings; unknown settings are refused. */
  readonly settings: TObject;
  /** JSON Schema of its secrets: strings, each marked `secret: true`. The webhook secret is `webhookSecret`. */
  readonly secrets: TObject;
  readonly operations: Readonly<Record<string, ConnectorOperation>>;
  readonly webhook?: ConnectorWebhook;
  health?(ctx: ConnectorContext): Promise<ConnectorHealth>;
}

/** Declares a type of outside system; add it to the list in index.ts. The declaration is checked when it is loaded. */
export function defineConnector(connector: Connector): Connector {
  for (const [name, operation] of Object.entries(connector.operations)) {
    if (operation.idempotency !== 'D' && operation.lookup === undefined) {
      throw new TypeError(`${connector.type}: ${name} is not class D and so needs a look-up`);
    }
  }
  return connector;
}

/** The idempotency class of an operation under given connection settings. */
export function idempotencyOf(operation: ConnectorOperation, settings: Readonly<Record<string, unknown>>) {
  return typeof operation.idempotency === 'function' ? operation.idempotency(settings) : operation.idempotency;
}

/** Milliseconds to wait before the look-up after an unknown outcome; ten seconds unless the operation says otherwise. */
export function settleMsOf(operation: ConnectorOperation, settings: Readonly<Record<string, unknown>>): number {
  const { settleMs } = operation;
  return typeof settleMs === 'function' ? settleMs(settings) : (settleMs ?? 10_000);
}

/**
 * What `Outcome.response` holds when an operation is confirmed, the same for every system that offers the operation.
 * `outsideId` is the id the system gave: its order, release, shipment or fulfilment number.
 */
export interface OperationResponses {
  'order.create': { erpOrderNo: string };
  'order.change': { erpOrderNo: string };
  'order.cancel': { erpOrderNo: string };
  'shipment.create': { erpShipmentNo: string };
  'release.create': { releaseNo: string };
  'release.cancel': { releaseNo: string; cancelled: boolean };
  'label.create': {
    carrier: string;
    scac?: string;
    service?: string;
    labels: { packageNo: number; tracking: string; labelUrl?: string }[];
  };
  'label.attach': { releaseNo: string };
  'fulfillment.create': { fulfillmentId: string };
  'availability.publish': { accepted: number };
}
