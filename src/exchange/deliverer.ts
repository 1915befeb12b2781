import { hash } from 'node:crypto';
import {
  type Connector,
  type ConnectorContext,
  type ConnectorOperation,
  type ConnectorRequest,
  type HttpClient,
  idempotencyOf,
  settleMsOf,
} from '../connectors/index.ts';
import { MapError, type MapIndex } from '../maps/index.ts';
import { mapWithCrossReferences } from '../partners/index.ts';
import { type Clock, HubError, localDate, type Logger, type Tx } from '../platform/index.ts';
import type { Deliverer, DeliveryRow, EntityKind, LookupResult, Outcome, Prepared, Settled } from '../queue/index.ts';
import { loadMessages, type OutputMessage, recordOutputs } from './message.ts';
import { renderEdiDeliveries } from './render-delivery.ts';
import { settleOutputs } from './settle-outputs.ts';

export interface ConnectionSettings {
  readonly id: string;
  /** Type of the connector. */
  readonly type: string;
  readonly role: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly test: boolean;
}

/** The tenants' connections, in memory. Secrets are opened when they are used. */
export interface ConnectionDirectory {
  get(tenantId: string, id: string): ConnectionSettings | undefined;
  secrets(tenantId: string, id: string): Promise<Readonly<Record<string, string>>>;
}

/** Loads the public entities that deliveries refer to. An id that does not exist (any more) is left out. */
export type Hydrate = Partial<Record<EntityKind, (tx: Tx, ids: readonly string[]) => Promise<Map<string, unknown>>>>;

export interface DelivererOptions {
  readonly connectors: readonly Connector[];
  readonly maps: MapIndex;
  readonly hydrate: Hydrate;
  readonly connections: ConnectionDirectory;
  readonly http: HttpClient;
  readonly clock: Clock;
  /** IANA zone of a tenant's calendar: on which of its days something is sent. */
  readonly timeZoneOf: (tenantId: string) => string;
  readonly log: Logger;
  /** Root of the folders that a tenant's file connectors use (`$CROSSDOCK_DATA`). */
  readonly dataDirOf: (tenantId: string) => string;
  /** Business consequences, by the flows' `settles`; inside the completion's transaction. */
  readonly settle: (tx: Tx, tenantId: string, results: readonly Settled[]) => Promise<void>;
  /** Business consequences of a destination that is down, or up again. */
  readonly breakerChanged?: Deliverer['breakerChanged'];
}

/** What travels in `Prepared.body` from `prepare` to `send`; never stored as such. */
export interface PreparedBody {
  readonly tenantId: string;
  readonly native: unknown;
  readonly correlationId: string;
  readonly traceparent?: string;
}

interface Target {
  connection: ConnectionSettings;
  connector: Connector;
  operation: ConnectorOperation;
}

/** How the queue's deliveries reach outside systems: hydrate, map, record what will be sent, send it by the connector. */
export function createDeliverer(options: DelivererOptions): Deliverer {
  const connectorByType = new Map(options.connectors.map((connector) => [connector.type, connector]));

  function targetOf(tenantId: string, destination: string, operation: string): Target {
    const connection = options.connections.get(tenantId, destination);
    const connector = connection && connectorByType.get(connection.type);
    if (connection === undefined || connector === undefined) {
      throw new HubError('NO_ROUTE', { message: `${destination} is not a connection of this hub` });
    }
    const declared = connector.operations[operation];
    if (declared === undefined) {
      throw new HubError('NO_ROUTE', { message: `${connector.title} offers no ${operation}` });
    }
    return { connection, connector, operation: declared };
  }

  async function prepare(tx: Tx, tenantId: string, batch: DeliveryRow[]): Promise<Map<string, Prepared>> {
    const prepared = new Map<string, Prepared>();
    const fresh: { delivery: DeliveryRow; target: Target }[] = [];
    const again: { delivery: DeliveryRow; target: Target }[] = [];
    for (const delivery of batch) {
      const target = targetOf(tenantId, delivery.destination, delivery.operation);
      (delivery.outputMessageId === undefined ? fresh : again).push({ delivery, target });
    }
    await prepareAgain(tx, again, prepared);
    const edi = fresh.filter(({ target }) => target.connection.role === 'edi');
    const native = fresh.filter(({ target }) => target.connection.role !== 'edi');
    await prepareNative(tx, options, native, prepared);
    if (edi.length > 0) {
      const rendered = await renderEdiDeliveries(
        tx,
        options,
        edi.map(({ delivery }) => delivery),
      );
      for (const { delivery, target } of edi) {
        const output = rendered.get(delivery.id);
        if (output !== undefined)
          prepared.set(delivery.id, preparedOf(delivery, target, output.native, output.messageId, output.naturalKey));
      }
    }
    return prepared;
  }

  async function contextOf(tenantId: string, connection: ConnectionSettings, signal: AbortSignal) {
    return {
      settings: connection.settings,
      secrets: await options.connections.secrets(tenantId, connection.id),
      http: options.http,
      log: options.log,
      clock: options.clock,
      signal,
      dataDir: options.dataDirOf(tenantId),
    };
  }

  /** The connection, and the health check of its connector, where there is one. */
  function healthOf(tenantId: string, destination: string) {
    const connection = options.connections.get(tenantId, destination);
    const health = connection && connectorByType.get(connection.type)?.health;
    return connection === undefined || health === undefined ? undefined : { connection, health };
  }

  async function call<T>(
    prepared: Prepared,
    signal: AbortSignal,
    run: (operation: ConnectorOperation, ctx: ConnectorContext, request: ConnectorRequest) => Promise<T>,
  ): Promise<T> {
    const body = prepared.body as PreparedBody;
    const { connection, operation } = targetOf(body.tenantId, prepared.destination, prepared.operation);
    const ctx: ConnectorContext = await contextOf(body.tenantId, connection, signal);
    return run(operation, ctx, {
      native: body.native,
      naturalKey: prepared.naturalKey,
      // The delivery's id: the same for every attempt, another one for a delivery that a person makes anew.
      idempotencyKey: prepared.deliveryId,
      correlationId: body.correlationId,
      traceparent: body.traceparent,
    });
  }

  return {
    prepare,
    async send(prepared, attempt): Promise<Outcome> {
      return call(prepared, attempt.signal, (operation, ctx, request) => operation.send(ctx, request));
    },
    async lookup(prepared, signal): Promise<LookupResult> {
      return call(prepared, signal, async (operation, ctx, request) =>
        operation.lookup === undefined
          ? { kind: 'unavailable', detail: 'This operation cannot be looked up' }
          : operation.lookup(ctx, request),
      );
    },
    hasHealth: (tenantId, destination) => healthOf(tenantId, destination) !== undefined,
    async health(tenantId, destination, signal) {
      const found = healthOf(tenantId, destination);
      if (found === undefined) return undefined;
      try {
        return await found.health(await contextOf(tenantId, found.connection, signal));
      } catch (error) {
        options.log.warn({ err: error, destination }, 'a health check ended with an error');
        return { ok: false, detail: 'The health check ended with an error' };
      }
    },
    breakerChanged: options.breakerChanged,
    async settled(tx, tenantId, results): Promise<void> {
      await settleOutputs(tx, options.clock.now(), results);
      await options.settle(tx, tenantId, results);
    },
  };
}

function preparedOf(
  delivery: DeliveryRow,
  target: Target,
  native: unknown,
  outputMessageId: string,
  naturalKey: string,
  /** The payload as it was stored, where that is at hand. */
  stored?: Uint8Array,
): Prepared {
  const { settings } = target.connection;
  const body: PreparedBody = {
    tenantId: delivery.tenantId,
    native,
    correlationId: delivery.correlationId,
    traceparent: delivery.traceparent,
  };
  return {
    deliveryId: delivery.id,
    destination: delivery.destination,
    operation: delivery.operation,
    idempotency: idempotencyOf(target.operation, settings),
    naturalKey,
    body,
    hash: stored === undefined ? hashOf(native) : hash('sha256', stored, 'hex'),
    outputMessageId,
    settleMs: settleMsOf(target.operation, settings),
  };
}

const naturalKeyOf = (delivery: DeliveryRow): string => delivery.naturalKey ?? delivery.key;

/** Deliveries that were prepared before: the very bytes that were stored then. */
async function prepareAgain(
  tx: Tx,
  again: readonly { delivery: DeliveryRow; target: Target }[],
  prepared: Map<string, Prepared>,
): Promise<void> {
  if (again.length === 0) return;
  const stored = await loadMessages(
    tx,
    again.map(({ delivery }) => delivery.outputMessageId as string),
  );
  for (const { delivery, target } of again) {
    const message = stored.get(delivery.outputMessageId as string);
    if (message === undefined) throw new HubError('INTERNAL', { message: 'The stored output of a delivery is gone' });
    const native =
      target.connection.role === 'edi'
        ? { fileName: message.fileName, bytes: message.bytes }
        : JSON.parse(Buffer.from(message.bytes).toString('utf8'));
    prepared.set(
      delivery.id,
      preparedOf(delivery, target, native, message.id, message.naturalKey ?? naturalKeyOf(delivery)),
    );
  }
}

/** A delivery that time has overtaken, e.g. an order that was cancelled before the ERP heard of it. */
class NothingToSend {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}
const nothingThere = new NothingToSend('What it refers to does not exist');

/** Native payloads: hydrated and mapped, one statement per entity kind, one for all outputs. */
async function prepareNative(
  tx: Tx,
  options: DelivererOptions,
  fresh: readonly { delivery: DeliveryRow; target: Target }[],
  prepared: Map<string, Prepared>,
): Promise<void> {
  if (fresh.length === 0) return;
  const entities = await hydrateAll(
    tx,
    options.hydrate,
    fresh.map(({ delivery }) => delivery),
  );
  const ready: { delivery: DeliveryRow; target: Target; native: unknown; output: OutputMessage }[] = [];
  for (const { delivery, target } of fresh) {
    const entity = entities.get(delivery.id);
    const native = entity === undefined ? nothingThere : await mapNative(tx, options, delivery, target, entity);
    if (native instanceof NothingToSend) {
      const nothing = preparedOf(delivery, target, null, '', naturalKeyOf(delivery));
      prepared.set(delivery.id, { ...nothing, outputMessageId: undefined, skip: native.reason });
      continue;
    }
    ready.push({ delivery, target, native, output: nativeOutput(delivery, target, native) });
  }
  const ids = await recordOutputs(
    tx,
    ready.map(({ output }) => output),
  );
  for (const [index, { delivery, target, native, output }] of ready.entries()) {
    const naturalKey = naturalKeyOf(delivery);
    prepared.set(delivery.id, preparedOf(delivery, target, native, ids[index] as string, naturalKey, output.bytes));
  }
}

async function mapNative(tx: Tx, options: DelivererOptions, delivery: DeliveryRow, target: Target, entity: unknown) {
  const map = options.maps.outbound(target.connector.type, delivery.operation);
  if (map === undefined) {
    throw new HubError('NO_ROUTE', { message: `No map makes ${delivery.operation} for ${target.connector.title}` });
  }
  try {
    const today = localDate(options.clock.now(), options.timeZoneOf(delivery.tenantId));
    return await mapWithCrossReferences(tx, target.connection.id, today, (lookup) =>
      map.map(entity, {
        connection: target.connection.id,
        settings: target.connection.settings,
        data: delivery.payload.data ?? {},
        naturalKey: naturalKeyOf(delivery),
        correlationId: delivery.correlationId,
        lookup,
      }),
    );
  } catch (error) {
    if (!(error instanceof MapError)) throw error;
    if (error.code === 'NOTHING_TO_SEND') return new NothingToSend(error.message);
    throw new HubError('MAP_FAILED', {
      message: error.message,
      detail: { code: error.code, path: error.path },
      cause: error,
    });
  }
}

function nativeOutput(delivery: DeliveryRow, target: Target, native: unknown): OutputMessage {
  return {
    channel: target.connector.type,
    connector: target.connector.type,
    connection: target.connection.id,
    topic: delivery.operation,
    contentType: 'application/json',
    bytes: Buffer.from(JSON.stringify(native ?? null)),
    correlationId: delivery.correlationId,
    traceparent: delivery.traceparent,
    inReplyTo: delivery.payload.messageId,
    deliveryId: delivery.id,
    naturalKey: naturalKeyOf(delivery),
    state: 'sent',
    test: target.connection.test,
  };
}

/** Delivery id → the entity it refers to. A delivery without an entity gets its own data. */
async function hydrateAll(tx: Tx, hydrate: Hydrate, deliveries: readonly DeliveryRow[]): Promise<Map<string, unknown>> {
  const idsByKind = new Map<EntityKind, Set<string>>();
  for (const { payload } of deliveries) {
    if (payload.entity === undefined) continue;
    const ids = idsByKind.get(payload.entity.kind) ?? new Set();
    idsByKind.set(payload.entity.kind, ids.add(payload.entity.id));
  }
  const loaded = new Map<EntityKind, Map<string, unknown>>();
  for (const [kind, ids] of idsByKind) {
    const load = hydrate[kind];
    if (load === undefined) throw new HubError('NO_ROUTE', { message: `Nothing hydrates a ${kind}` });
    loaded.set(kind, await load(tx, [...ids]));
  }
  const entities = new Map<string, unknown>();
  for (const { id, payload } of deliveries) {
    const entity =
      payload.entity === undefined ? (payload.data ?? {}) : loaded.get(payload.entity.kind)?.get(payload.entity.id);
    if (entity !== undefined) entities.set(id, entity);
  }
  return entities;
}

/** SHA-256 of the bytes of a file, or of the JSON of a native payload. */
function hashOf(native: unknown): string {
  const bytes = (native as { bytes?: unknown } | null)?.bytes;
  return hash('sha256', bytes instanceof Uint8Array ? bytes : JSON.stringify(native ?? null), 'hex');
}
