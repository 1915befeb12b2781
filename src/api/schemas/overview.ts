import { type Static, Type } from 'typebox';
import { closed, Instant, Milestone } from '../../model/index.ts';
import { BreakerView, HealthView } from './destinations.ts';

const MoneyByCurrency = Type.Array(closed({ currency: Type.String(), minor: Type.Integer() }));

/** The control tower: what waits where, what is at risk, how fast orders move. */
export const ControlTower = closed({
  at: Instant,
  /** The hub was restored and has not been compared with the outside yet: its connections are paused. */
  reconciliation: Type.Optional(closed({ begunAt: Instant, reason: Type.String(), paused: Type.Array(Type.String()) })),
  /** Open orders per milestone, in the order of the walk; delivered, cancelled and returned ones are not open. */
  backlog: Type.Array(closed({ milestone: Milestone, orders: Type.Integer(), money: MoneyByCurrency })),
  totals: closed({
    openOrders: Type.Integer(),
    onHold: Type.Integer(),
    withException: Type.Integer(),
    receivedToday: Type.Integer(),
    shippedToday: Type.Integer(),
    invoicedToday: Type.Integer(),
  }),
  atRisk: Type.Array(
    closed({
      orderId: Type.String(),
      orderNo: Type.String(),
      customer: Type.String(),
      customerName: Type.String(),
      customerPo: Type.Optional(Type.String()),
      milestone: Milestone,
      /** Why, e.g. an exception code, STUCK or a date that nears. */
      code: Type.String(),
      reason: Type.String(),
      dueAt: Type.Optional(Instant),
      amountMinor: Type.Integer(),
      currency: Type.String(),
    }),
  ),
  /** The last 60 minutes, oldest first, one entry per minute, gaps filled with zeroes. */
  throughput: Type.Array(
    closed({ minute: Instant, received: Type.Integer(), shipped: Type.Integer(), invoiced: Type.Integer() }),
  ),
  exceptions: closed({
    open: Type.Integer(),
    overdue: Type.Integer(),
    byClass: Type.Record(Type.String(), Type.Integer()),
    byOwnerRole: Type.Record(Type.String(), Type.Integer()),
    moneyAtRisk: MoneyByCurrency,
  }),
  /** Outside systems only, flows are internal. */
  destinations: Type.Array(
    closed({
      name: Type.String(),
      role: Type.Optional(Type.String()),
      paused: Type.Boolean(),
      pausedReason: Type.Optional(Type.String()),
      inWindow: Type.Boolean(),
      /** Absent while it is closed. */
      breaker: Type.Optional(BreakerView),
      /** The latest answer of the system's own health check. */
      health: Type.Optional(HealthView),
      /** Deliveries in the last minute. */
      perMinute: Type.Optional(Type.Integer()),
      waiting: Type.Integer(),
      retrying: Type.Integer(),
      unknown: Type.Integer(),
      dead: Type.Integer(),
      oldestOpenAt: Type.Optional(Instant),
      version: Type.Integer(),
    }),
  ),
});
export type ControlTower = Static<typeof ControlTower>;

export const SearchHit = closed({
  kind: Type.String({
    description: 'order, shipment, invoice, item, customer, message, document, exception, delivery',
  }),
  id: Type.String(),
  label: Type.String(),
  detail: Type.Optional(Type.String()),
  /** Which identifier matched, e.g. "PO", "SSCC", "tracking", "ISA13". */
  matched: Type.String(),
  orderId: Type.Optional(Type.String()),
  messageId: Type.Optional(Type.String({ description: 'of a document: the message that carried it' })),
});
export const SearchResult = closed({ query: Type.String(), hits: Type.Array(SearchHit) });
export type SearchResult = Static<typeof SearchResult>;
export const SearchQuery = closed({
  q: Type.String({ minLength: 1, maxLength: 120 }),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 50 })),
});

/** The first-run checklist; steps tick themselves from what is there. */
export const Checklist = closed({
  done: Type.Integer(),
  steps: Type.Array(
    closed({
      id: Type.String(),
      title: Type.String(),
      how: Type.String(),
      done: Type.Boolean(),
      count: Type.Optional(Type.Integer()),
    }),
  ),
});
export type Checklist = Static<typeof Checklist>;

/**
 * Answer of /livez and /readyz. `degraded` answers 200: this process serves, and something is not as it should be that no
 * other process would do better. `failing` answers 503.
 */
export const HealthCheck = closed({
  name: Type.String(),
  ok: Type.Boolean({ description: 'false: this process cannot serve' }),
  degraded: Type.Optional(Type.Boolean()),
  detail: Type.Optional(Type.String()),
});
export type HealthCheck = Static<typeof HealthCheck>;
export const Health = closed({
  status: Type.String({ description: 'ok, degraded or failing' }),
  checks: Type.Array(HealthCheck),
});
export type Health = Static<typeof Health>;
