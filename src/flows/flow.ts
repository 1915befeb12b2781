import type { Events, EventType, HubEvent, NewEvent } from '../events/index.ts';
import { type Clock, type Config, HubError, type Logger, type StatementGroup, type Tx } from '../platform/index.ts';
import type { ConnectionRole, Deliveries, DeliveryRow, Destinations, NewDelivery, Settled } from '../queue/index.ts';
import type { KnownUp } from './known-up.ts';

/** What a flow may use. It offers nothing that reaches the outside: a flow's effects are rows of its own transaction. */
export interface Hub {
  readonly tenantId: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly config: Config;
  readonly events: Pick<Events, 'publish' | 'prepare'>;
  enqueue(tx: Tx, deliveries: readonly NewDelivery[]): Promise<string[]>;
  /** What `enqueue` sends, for whoever sends it with COMMIT. */
  prepare(tx: Tx, deliveries: readonly NewDelivery[]): Promise<StatementGroup<string[]>>;
  /** Decisions about single deliveries, as a person makes them: retry, discard, confirm. */
  readonly deliveries: Pick<Deliveries, 'replay' | 'discard' | 'release' | 'releaseRefused' | 'resolveUnknown' | 'get'>;
  readonly destinations: Pick<Destinations, 'resume' | 'list' | 'conditions' | 'probeSoon'>;
  /** What this process need not ask the database about its destinations. */
  readonly knownUp: KnownUp;
  /** IANA zone of the company's calendar: that of the site it ships from first, until it has one UTC. */
  readonly timeZone: string;
  /** Uniform in [0, 1); injected so that a simulation can drive it. */
  random(): number;
  /**
   * The connection that plays `role`: the one named by `selector` (its id or, for `edi`, a customer's account number),
   * else the tenant's first of that role by id. `undefined` where the tenant has none: the flow then skips that system.
   */
  connectionFor(role: ConnectionRole, selector?: string): string | undefined;
  /** What is configured for a connection, without its secrets; for the maps of what it sends. */
  connection(id: string): FlowConnection | undefined;
}

export interface FlowConnection {
  readonly id: string;
  /** Type of the connector. */
  readonly type: string;
  readonly role: ConnectionRole;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly test: boolean;
}

export interface FlowInput {
  delivery: DeliveryRow;
  /** Present when the delivery was fanned out from an event. */
  event?: HubEvent;
}

/** What is around a batch before its transaction begins. */
export interface Around {
  /** The process: its name among all that there ever were, and when it began. */
  readonly process: { readonly id: string; readonly startedAtMs: number };
  /** The batch is this one delivery. */
  readonly alone: boolean;
  /** A transaction of its own. */
  tx<T>(fn: (tx: Tx) => Promise<T>): Promise<T>;
}

/** The key `*` in `settles` gets the outcomes of every operation. */
export type Settlement = (tx: Tx, results: readonly Settled[], hub: Hub) => Promise<void>;

export interface Flow {
  /** Kebab-case, verb-noun; the destination is `flow.<name>`. */
  name: string;
  /** Events that start it. Empty for flows fed by explicit deliveries (`enqueue` to `flow.<name>`). */
  on: readonly EventType[];
  /** Pure filter, evaluated in the publisher's transaction, so that uninterested flows cost no row. */
  when?: (event: NewEvent) => boolean;
  /**
   * Over how many lanes its keys are spread when the flow is first delivered to: each lane is one worker's at a time, so
   * that this many workers can share the flow. Fixed from then on, since a key must not change its lane.
   */
  lanes: number;
  /**
   * Before the batch's transaction: notes what has to be known even if handling it ends the process, see `FlowRunner`.
   * Costs every batch, so that it had better know by the deliveries alone that there is nothing to note.
   */
  begin?: (batch: readonly DeliveryRow[], around: Around) => Promise<'together' | 'apart'>;
  /** One transaction per batch of different keys; throwing makes the queue run the members one by one. */
  handle(tx: Tx, batch: readonly FlowInput[], hub: Hub): Promise<void>;
  /** Business consequences of an outside operation's outcome, in the completion's transaction. */
  settles: Readonly<Record<string, Settlement>>;
}

/** Declares a flow; one file per flow, plus one line in `flows/index.ts`. */
export function defineFlow(
  spec: Pick<Flow, 'name'> & Partial<Pick<Flow, 'begin' | 'handle' | 'on' | 'when' | 'lanes' | 'settles'>>,
): Flow {
  return { on: [], lanes: 4, settles: {}, handle: () => nothingToHandle(spec.name), ...spec };
}

/** A flow that only settles outcomes is never fed; if it is, that is a mistake in the wiring and not a success. */
function nothingToHandle(name: string): never {
  throw new HubError('NO_ROUTE', { message: `${name} only settles outcomes; nothing is delivered to it` });
}

export function flowDestination(name: string): string {
  return `flow.${name}`;
}
