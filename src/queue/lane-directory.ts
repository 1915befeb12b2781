import { type Tx, lastOfSequence } from '../platform/index.ts';
import type { NewDestination, RetrySchedule } from './destination.ts';
import { laneOfKey } from './hash-key.ts';

/** Twelve tries over about half an hour. */
const defaultRetry: RetrySchedule = { baseMs: 1_000, factor: 2, maxMs: 300_000, maxAttempts: 12 };

/** Sends in flight at once to a connection; deliveries per transaction of a flow. */
const defaultConcurrency = { connection: 16, flow: 100 };
const defaultLanes = 4;

/**
 * Where keys live: the lanes of each destination, which never change once made, and so are kept in memory. A
 * destination that nobody has described yet is made with the lanes that are declared for it, else with default settings,
 * rather than refused: its deliveries wait and can be seen, instead of being lost with the transaction of an order.
 */
export interface LaneDirectory {
  /** Answers a function from destination and key to lane id, for the destinations given. */
  resolve(tx: Tx, destinations: readonly string[]): Promise<(destination: string, key: string) => number>;
  ensure(tx: Tx, destinations: readonly NewDestination[]): Promise<void>;
}

export function kindOfDestination(name: string): 'flow' | 'connection' {
  return name.startsWith('flow.') ? 'flow' : 'connection';
}

/** @param lanesOf the lanes declared for a destination by name, taken when it is first made; `undefined`: the default */
export function createLaneDirectory(
  lanesOf: (destination: string) => number | undefined = () => undefined,
): LaneDirectory {
  // tenant → destination → lane ids by lane number; only what has been committed.
  const known = new Map<string, Map<string, number[]>>();

  async function resolve(tx: Tx, destinations: readonly string[]) {
    const tenantId = tx.tenantId ?? '';
    const ofTenant = known.get(tenantId);
    const missing = new Set<string>();
    for (const name of destinations) if (ofTenant?.get(name) === undefined) missing.add(name);
    const found = missing.size === 0 ? undefined : await find(tx, tenantId, [...missing]);
    return (destination: string, key: string): number => {
      const lanes = ofTenant?.get(destination) ?? found?.get(destination);
      const lane = lanes?.[laneOfKey(key, lanes.length)];
      if (lane === undefined) throw new Error(`destination ${destination} has no lanes`);
      return lane;
    };
  }

  async function find(tx: Tx, tenantId: string, names: string[]): Promise<Map<string, number[]>> {
    let found = await readLaneIds(tx, tenantId, names);
    const unmade = names.filter((name) => !found.has(name));
    if (unmade.length > 0) {
      await ensure(
        tx,
        unmade.map((name) => ({ name })),
      );
      found = await readLaneIds(tx, tenantId, names);
    }
    tx.afterCommit(() => {
      let ofTenant = known.get(tenantId);
      if (ofTenant === undefined) known.set(tenantId, (ofTenant = new Map()));
      for (const [name, lanes] of found) ofTenant.set(name, lanes);
    });
    return found;
  }

  async function ensure(tx: Tx, destinations: readonly NewDestination[]): Promise<void> {
    if (destinations.length === 0) return;
    const rows = destinations.map((destination) => {
      const kind = kindOfDestination(destination.name);
      return {
        name: destination.name,
        kind,
        lanes: destination.lanes ?? lanesOf(destination.name) ?? defaultLanes,
        concurrency: destination.concurrency ?? defaultConcurrency[kind],
        windows: destination.windows ?? [],
        retry: destination.retry ?? defaultRetry,
        breaker: destination.breaker ?? {},
      };
    });
    await tx.query(ensureDestinations, [JSON.stringify(rows), tx.tenantId]);
    await tx.query(ensureLanes, [tx.tenantId, destinations.map((destination) => destination.name)]);
  }

  return { resolve, ensure };
}

async function readLaneIds(tx: Tx, tenantId: string, names: string[]): Promise<Map<string, number[]>> {
  const rows = await tx.query<{ destination: string; lane_ids: number[] }>(
    `SELECT destination, array_agg(lane_id ORDER BY lane_no) AS lane_ids FROM lane
     WHERE tenant_id = $1 AND destination = ANY ($2::text[]) GROUP BY destination`,
    [tenantId, names],
  );
  return new Map(rows.map((row) => [row.destination, row.lane_ids]));
}

// Sorted, so that two transactions that make the same destinations meet in the same order.
const ensureDestinations = `
  INSERT INTO destination (tenant_id, name, kind, lanes, concurrency, windows, retry, breaker)
  SELECT $2, r.name, r.kind, r.lanes, r.concurrency, r.windows, r.retry, r.breaker
  FROM jsonb_to_recordset($1::jsonb) AS r(name text, kind text, lanes smallint, concurrency smallint, windows jsonb, retry jsonb,
    breaker jsonb)
  ORDER BY r.name
  ON CONFLICT (tenant_id, name) DO NOTHING`;

// A new lane begins where the ledger now ends: nothing of it can lie before.
const ensureLanes = `
  INSERT INTO lane (tenant_id, destination, lane_no, cursor_position)
  SELECT d.tenant_id, d.name, n, (SELECT ${lastOfSequence('delivery_position')})
  FROM destination AS d CROSS JOIN LATERAL generate_series(0, d.lanes - 1) AS n
  WHERE d.tenant_id = $1 AND d.name = ANY ($2::text[])
  ORDER BY d.name, n
  ON CONFLICT (tenant_id, destination, lane_no) DO NOTHING`;
