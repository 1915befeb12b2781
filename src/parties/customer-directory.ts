import type { Customer } from '../model/index.ts';
import type { Clock, Db } from '../platform/index.ts';

export interface CustomerSnapshot {
  customer(accountNo: string): Customer | undefined;
}

/** The customers of each tenant in memory, so that taking in an order reads nothing. */
export interface CustomerDirectory {
  /** Loads the tenant on first use. */
  open(tenantId: string): Promise<CustomerSnapshot>;
  /** Picks up what has been committed since; call it after a commit that wrote customers. */
  refresh(tenantId: string): Promise<void>;
  stop(): void;
}

interface Shelf {
  customers: Map<string, Customer>;
  revision: number;
  snapshot: CustomerSnapshot;
}

/**
 * Other processes' writes are seen within `pollMs` by the tenant's revision. A stale answer is no harm: holds are judged
 * again under locks by the flow that follows.
 */
export function createCustomerDirectory(options: { db: Db; clock: Clock; pollMs?: number }): CustomerDirectory {
  const { db, clock, pollMs = 2_000 } = options;
  const shelves = new Map<string, Promise<Shelf>>();
  const reads = new Map<string, Promise<void>>();
  let stopped = false;
  let cancelPoll: (() => void) | undefined;

  async function readInto(tenantId: string, shelf: Shelf): Promise<Shelf> {
    const rows = await db.query<{ revision: number; document: Customer }>(
      tenantId,
      {
        name: 'parties-customers-since',
        text: 'SELECT revision, document FROM customer WHERE revision > $1 ORDER BY revision',
      },
      [shelf.revision],
    );
    for (const row of rows) {
      shelf.customers.set(row.document.accountNo, row.document);
      shelf.revision = Math.max(shelf.revision, row.revision);
    }
    return shelf;
  }

  function load(tenantId: string): Promise<Shelf> {
    const customers = new Map<string, Customer>();
    const snapshot: CustomerSnapshot = { customer: (accountNo) => customers.get(accountNo) };
    const shelf = readInto(tenantId, { customers, revision: 0, snapshot });
    // A failed load is not remembered: the next caller tries again.
    shelf.catch(() => shelves.delete(tenantId));
    shelves.set(tenantId, shelf);
    return shelf;
  }

  // One read after the other: a slow older read must not put a customer back to what it was.
  function refresh(tenantId: string): Promise<void> {
    const shelf = shelves.get(tenantId);
    if (shelf === undefined) return Promise.resolve();
    const next = reads.get(tenantId) ?? Promise.resolve();
    const read = next.then(async () => void (await readInto(tenantId, await shelf)));
    reads.set(
      tenantId,
      read.catch(() => {}),
    );
    return read;
  }

  function schedulePoll(): void {
    if (stopped) return;
    cancelPoll = clock.setTimeout(() => {
      // An unreachable database is noticed by those who need an answer; the next poll tries again.
      void Promise.allSettled([...shelves.keys()].map(refresh)).then(schedulePoll);
    }, pollMs);
  }
  schedulePoll();

  return {
    async open(tenantId) {
      return (await (shelves.get(tenantId) ?? load(tenantId))).snapshot;
    },
    refresh,
    stop() {
      stopped = true;
      cancelPoll?.();
    },
  };
}
