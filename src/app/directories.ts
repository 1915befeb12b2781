import { loadLocations } from '../inventory/index.ts';
import type { Location, Versioned } from '../model/index.ts';
import { listAgreements, type Terms } from '../partners/index.ts';
import { type Clock, type Db, isTimeZone, type Logger } from '../platform/index.ts';
import type { Connection, ConnectionRole, Connections } from '../queue/index.ts';

/** The zone of the site that orders ship from first. */
function homeZone(locations: ReadonlyMap<string, Versioned<Location>>): string {
  const [first] = [...locations.values()].map(({ value }) => value).sort((a, b) => a.priority - b.priority);
  return first !== undefined && isTimeZone(first.timeZone) ? first.timeZone : 'UTC';
}

interface Shelf {
  connections: Connection[];
  agreements: Terms[];
  timeZone: string;
  readAtMs: number;
}

/**
 * Each tenant's connections, agreements and zone in memory, so that flows and the deliverer need no query to find their way.
 * A change made in this process is seen at once (`refresh` after the commit), one made elsewhere within three `maxAgeMs`.
 */
export interface RouteDirectory {
  /** Loads the tenant on first use and when what is known is too old. */
  open(tenantId: string): Promise<void>;
  refresh(tenantId: string): Promise<void>;
  /** A connection with its opened secrets; undefined also for a tenant that was never opened: anybody may write its name. */
  known(
    tenantId: string,
    id: string,
  ): Promise<{ connection: Connection; secrets: Readonly<Record<string, string>> } | undefined>;
  connection(tenantId: string, id: string): Connection | undefined;
  connectionFor(tenantId: string, role: ConnectionRole, selector?: string): string | undefined;
  /** Of the company's calendar; UTC until the tenant is known and has a site. */
  timeZone(tenantId: string): string;
  /** As opened last; opened again when the connection's version has changed. */
  secrets(tenantId: string, id: string): Promise<Readonly<Record<string, string>>>;
}

export function createRouteDirectory(options: {
  db: Db;
  connections: Connections;
  clock: Clock;
  log: Logger;
  maxAgeMs?: number;
}): RouteDirectory {
  const { db, connections, clock, maxAgeMs = 5_000 } = options;
  const shelves = new Map<string, Shelf>();
  const reading = new Map<string, Promise<void>>();
  const opened = new Map<string, { version: number; secrets: Promise<Readonly<Record<string, string>>> }>();

  const read = (tenantId: string): Promise<void> => {
    const run = db
      .tx(tenantId, async (tx) => {
        shelves.set(tenantId, {
          connections: await connections.list(tx),
          agreements: await listAgreements(tx),
          timeZone: homeZone(await loadLocations(tx)),
          readAtMs: clock.monotonicMs(),
        });
      })
      .finally(() => reading.delete(tenantId));
    reading.set(tenantId, run);
    return run;
  };

  const connection = (tenantId: string, id: string): Connection | undefined =>
    shelves.get(tenantId)?.connections.find((candidate) => candidate.id === id);

  const directory: RouteDirectory = {
    async open(tenantId) {
      const shelf = shelves.get(tenantId);
      if (shelf === undefined) return reading.get(tenantId) ?? read(tenantId);
      const ageMs = clock.monotonicMs() - shelf.readAtMs;
      // After a quiet hour what is known may be an hour old: a secret that was taken back meanwhile must not open a door.
      if (ageMs > 3 * maxAgeMs) return reading.get(tenantId) ?? read(tenantId);
      if (ageMs > maxAgeMs && !reading.has(tenantId)) {
        // What is known serves until the fresh answer is there.
        read(tenantId).catch((error: unknown) =>
          options.log.warn({ err: error, tenantId }, 'routes could not be refreshed'),
        );
      }
    },
    refresh: (tenantId) => read(tenantId),
    async known(tenantId, id) {
      if (!shelves.has(tenantId)) return undefined;
      await directory.open(tenantId);
      const found = connection(tenantId, id);
      return found && { connection: found, secrets: await directory.secrets(tenantId, id) };
    },
    connection,
    timeZone: (tenantId) => shelves.get(tenantId)?.timeZone ?? 'UTC',
    connectionFor(tenantId, role, selector) {
      const shelf = shelves.get(tenantId);
      if (shelf === undefined) return undefined;
      if (selector === undefined) return shelf.connections.find((candidate) => candidate.role === role)?.id;
      const named = connection(tenantId, selector);
      if (named !== undefined) return named.role === role ? named.id : undefined;
      if (role !== 'edi') return undefined;
      return shelf.agreements.find(({ agreement }) => agreement.partner === selector && agreement.status !== 'inactive')
        ?.agreement.connection;
    },
    secrets(tenantId, id) {
      const version = connection(tenantId, id)?.version ?? 0;
      const key = `${tenantId}/${id}`;
      const known = opened.get(key);
      if (known?.version === version) return known.secrets;
      const secrets = db.tx(tenantId, (tx) => connections.secrets(tx, id));
      opened.set(key, { version, secrets });
      secrets.catch(() => opened.delete(key));
      return secrets;
    },
  };
  return directory;
}
