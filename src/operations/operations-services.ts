import type { Events } from '../events/index.ts';
import type { Clock } from '../platform/index.ts';
import type { Connections, Queue } from '../queue/index.ts';

/** What this room reads through; the composition root's services fit. */
export interface OperationsServices {
  readonly clock: Clock;
  readonly events: Events;
  readonly queue: Pick<Queue, 'backlog' | 'destinations' | 'deliveries' | 'perMinute'>;
  readonly connections: Connections;
  /** The types of outside systems, with the schemas of their secrets. */
  readonly connectors: readonly { readonly type: string; readonly secrets: unknown }[];
}
