import { type Clock, type Db, silentLogger, systemClock } from '../../src/platform/index.ts';
import {
  type Deliverer,
  type DeliveryRow,
  type FlowRunner,
  type IdempotencyClass,
  type LookupResult,
  type NewDelivery,
  type Outcome,
  type Prepared,
  type Queue,
  type QueueOptions,
  type Settled,
  createQueue,
} from '../../src/queue/index.ts';

export const tenantId = 'acme';

/** An outside system that remembers what reached it, and answers by script. */
export interface ScriptedSystem {
  readonly deliverer: Deliverer;
  /** Every send that reached it: what an outside log would hold. */
  readonly sends: { key: string; deliveryId: string; naturalKey: string; position: number; attempt: number }[];
  readonly lookups: string[];
  readonly settled: Settled[];
  /** Highest number of sends under way at once. */
  readonly maxConcurrent: number;
}

export interface Script {
  idempotency?: IdempotencyClass;
  settleMs?: number;
  send?: (delivery: DeliveryRow, attempt: number) => Outcome | Promise<Outcome>;
  lookup?: (delivery: DeliveryRow) => LookupResult | Promise<LookupResult>;
  prepare?: (delivery: DeliveryRow) => Partial<Prepared>;
  onSettled?: (settled: Settled[]) => void;
}

export function scriptedSystem(script: Script = {}): ScriptedSystem {
  const sends: ScriptedSystem['sends'] = [];
  const lookups: string[] = [];
  const settled: Settled[] = [];
  let concurrent = 0;
  let maxConcurrent = 0;
  const deliverer: Deliverer = {
    async prepare(_tx, _tenantId, batch) {
      return new Map(
        batch.map((delivery): [string, Prepared] => [
          delivery.id,
          {
            deliveryId: delivery.id,
            destination: delivery.destination,
            operation: delivery.operation,
            idempotency: script.idempotency ?? 'A',
            naturalKey: delivery.naturalKey ?? `n-${delivery.id}`,
            body: delivery,
            hash: 'h',
            settleMs: script.settleMs ?? 20,
            ...script.prepare?.(delivery),
          },
        ]),
      );
    },
    async send(prepared, { attempt }) {
      const delivery = prepared.body as DeliveryRow;
      const { key, id: deliveryId, position } = delivery;
      sends.push({ key, deliveryId, naturalKey: prepared.naturalKey, position, attempt });
      maxConcurrent = Math.max(maxConcurrent, ++concurrent);
      try {
        return await (script.send?.(delivery, attempt) ?? { kind: 'confirmed', outsideId: `o-${deliveryId}` });
      } finally {
        concurrent--;
      }
    },
    async lookup(prepared) {
      lookups.push(prepared.naturalKey);
      return (await script.lookup?.(prepared.body as DeliveryRow)) ?? { kind: 'none' };
    },
    async settled(_tx, _tenantId, results) {
      script.onSettled?.(results);
      settled.push(...results);
    },
  };
  return {
    deliverer,
    sends,
    lookups,
    settled,
    get maxConcurrent() {
      return maxConcurrent;
    },
  };
}

export const noFlows: FlowRunner = { run: async () => {} };

/** Short waits, so that retries pass within a test. */
export const quickRetry = { baseMs: 5, factor: 2, maxMs: 40, maxAttempts: 4 };

export function testQueue(engine: Db, options: Partial<QueueOptions> = {}): Queue {
  return createQueue({
    engine,
    clock: systemClock,
    log: silentLogger,
    random: Math.random,
    flows: noFlows,
    deliverer: scriptedSystem().deliverer,
    pollMs: 50,
    ...options,
  });
}

/** A wall clock set by hand over real timers: for windows and due times. */
export function settableClock(startIso: string): Clock & { set(iso: string): void } {
  let offsetMs = Date.parse(startIso) - Date.now();
  return {
    now: () => new Date(Date.now() + offsetMs),
    monotonicMs: systemClock.monotonicMs,
    setTimeout: systemClock.setTimeout,
    set(iso) {
      offsetMs = Date.parse(iso) - Date.now();
    },
  };
}

export function delivery(key: string, more: Partial<NewDelivery> = {}): NewDelivery {
  return {
    destination: 'erp',
    key,
    operation: 'order.create',
    payload: { kind: 'command', entity: { kind: 'order', id: key } },
    correlationId: `c-${key}`,
    ...more,
  };
}

/** A connection that can be stopped, and what it is doing. */
export interface Freezable extends Db {
  freeze(): void;
  thaw(): void;
  /** Transactions of tenants that are held up before they begin. */
  readonly waiting: number;
  /** Transactions of tenants under way, and how many there have been: what is frozen meanwhile commits all the same. */
  readonly underWay: number;
  readonly begun: number;
}

/** A database connection that can be stopped like a process that gets no processor time: calls neither fail nor end. */
export function freezable(db: Db): Freezable {
  let frozen: Promise<void> | undefined;
  let release = (): void => {};
  let [waiting, underWay, begun] = [0, 0, 0];
  const wait = async (): Promise<void> => {
    while (frozen !== undefined) await frozen;
  };
  return {
    tx: async (tenant, fn) => {
      waiting++;
      await wait();
      waiting--;
      begun++;
      underWay++;
      try {
        return await db.tx(tenant, fn);
      } finally {
        underWay--;
      }
    },
    engineTx: async (fn) => {
      await wait();
      return db.engineTx(fn);
    },
    setTenant: (tx, tenant) => db.setTenant(tx, tenant),
    query: async (tenant, sql, params) => {
      await wait();
      return db.query(tenant, sql, params);
    },
    close: () => db.close(),
    get stats() {
      return db.stats;
    },
    get waiting() {
      return waiting;
    },
    get underWay() {
      return underWay;
    },
    get begun() {
      return begun;
    },
    freeze() {
      frozen = new Promise((resolve) => (release = resolve));
    },
    thaw() {
      frozen = undefined;
      release();
    },
  };
}
