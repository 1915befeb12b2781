import type { CatalogDirectory } from '../catalog/index.ts';
import type { Connector } from '../connectors/index.ts';
import type { Events } from '../events/index.ts';
import type { CancelRequest, Hub, MessageIntake, OrderIntake } from '../flows/index.ts';
import type { StockDirectory } from '../inventory/index.ts';
import type { CustomerDirectory } from '../parties/index.ts';
import type { Clock, Config, Db, Logger, Metrics, Tx } from '../platform/index.ts';
import type { Connection, Connections, Deliverer, IntakeGate, Queue } from '../queue/index.ts';
import type { Security } from '../security/index.ts';
import type { HealthCheck } from './schemas/overview.ts';

/** An action on an exception, as a person asked for it. */
export interface ExceptionDeed {
  readonly exceptionId: string;
  readonly action: string;
  readonly reason: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly actor: string;
  /** If-Match; absent: whatever the version is. */
  readonly expectedVersion?: number;
}

export interface KnownConnection {
  readonly connection: Pick<Connection, 'id' | 'type'>;
  readonly secrets: Readonly<Record<string, string>>;
}

/** Everything the API stands on. The composition root gives it; tests give their own. */
export interface ApiServices {
  readonly config: Config;
  /** Of the hub; what its API is documented under. */
  readonly version: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Pool of crossdock_app. */
  readonly db: Db;
  readonly security: Security;
  readonly queue: Pick<Queue, 'enqueue' | 'backlog' | 'destinations' | 'budgets' | 'deliveries' | 'perMinute'>;
  /** Refuses what is new at the doors while too much is open. */
  readonly gate: Pick<IntakeGate, 'admit' | 'ofTenant'>;
  readonly events: Events;
  readonly connections: Connections;
  readonly connectors: readonly Connector[];
  /** What outside systems would be sent, and what they know; for previews and reconciliation. Sends nothing. */
  readonly deliverer: Pick<Deliverer, 'prepare' | 'lookup'>;
  /** Makes a tenant's connections known before the deliverer, or a flow run for a request, asks about them. */
  prepareTenant(tenantId: string): Promise<void>;
  /** The group-committed door for orders. */
  readonly intake: OrderIntake;
  /** The group-committed door for messages that a sender waits with. */
  readonly messages: MessageIntake;
  /** A connection with its opened secrets, from memory and seconds old at most; undefined where memory knows none. */
  knownConnection(tenantId: string, id: string): Promise<KnownConnection | undefined>;
  /** Refreshed after a change of master data has committed. */
  readonly customers: Pick<CustomerDirectory, 'refresh'>;
  readonly catalog: Pick<CatalogDirectory, 'refresh' | 'open'>;
  /** Stock in memory, for what is only shown. */
  readonly stock: Pick<StockDirectory, 'read'>;
  /** Called after a change of connections has committed, so that flows and the deliverer see it. */
  connectionsChanged(tenantId: string): Promise<void>;
  /** The flows' view of a tenant, for those that are run on behalf of a request. */
  hub(tenantId: string): Hub;
  readonly flows: {
    /** @throws HubError NOT_FOUND, PRECONDITION_FAILED, ACTION_NOT_ALLOWED, VALIDATION_FAILED @returns what it did, in words */
    actOnException(hub: Hub, tx: Tx, deed: ExceptionDeed): Promise<{ effects: string[] }>;
    /** @throws HubError NOT_FOUND, ORDER_NOT_CANCELLABLE */
    cancelOrder(hub: Hub, tx: Tx, request: CancelRequest): Promise<void>;
  };
  /** What /readyz reports: database, migrations, reconciliation, intake. */
  readiness(): Promise<HealthCheck[]>;
}
