import {
  countOpenExceptions,
  listObligations,
  mostUrgentOfOrders,
  obligationCatalog,
  type OpenExceptionCount,
} from '../exceptions/index.ts';
import type { Events } from '../events/index.ts';
import { MILESTONES, type Milestone, type SalesOrder } from '../model/index.ts';
import { countOrders, loadOrders } from '../orders/index.ts';
import type { Tx } from '../platform/index.ts';
import type { DestinationCondition } from '../queue/index.ts';
import { sumMoney } from './exception-impact.ts';
import { findStuckOrders } from './find-stuck-orders.ts';
import type { OperationsServices } from './operations-services.ts';
import { openReconciliation } from './reconciliation.ts';
import { createThroughput, type MinuteTally, type Throughput } from './throughput.ts';

export interface AtRisk {
  orderId: string;
  orderNo: string;
  customer: string;
  customerName: string;
  customerPo?: string;
  milestone: Milestone;
  code: string;
  reason: string;
  dueAt?: string;
  amountMinor: number;
  currency: string;
}

export interface ControlTower {
  at: Date;
  /** The hub was restored and has not been compared with the outside yet. */
  reconciliation?: { begunAt: Date; reason: string; paused: string[] };
  backlog: { milestone: Milestone; orders: number; money: { currency: string; minor: number }[] }[];
  totals: {
    openOrders: number;
    onHold: number;
    withException: number;
    receivedToday: number;
    shippedToday: number;
    invoicedToday: number;
  };
  atRisk: AtRisk[];
  throughput: MinuteTally[];
  exceptions: {
    open: number;
    overdue: number;
    byClass: Record<string, number>;
    byOwnerRole: Record<string, number>;
    moneyAtRisk: { currency: string; minor: number }[];
  };
  destinations: {
    name: string;
    role?: string;
    paused: boolean;
    pausedReason?: string;
    inWindow: boolean;
    /** Absent while closed. */
    breaker?: NonNullable<DestinationCondition['breaker']>;
    health?: NonNullable<DestinationCondition['health']>;
    perMinute?: number;
    waiting: number;
    retrying: number;
    unknown: number;
    dead: number;
    oldestOpenAt?: Date;
    version: number;
  }[];
}

const closedMilestones = new Set<string>(['delivered', 'cancelled', 'returned']);
const mostAtRisk = 50;

/** Every open console asks every few seconds; within this they share one answer. */
const freshMs = 1_000;

interface Remembered {
  readonly throughput: Throughput;
  readonly recent: Map<string, { readonly atMs: number; readonly tower: ControlTower }>;
}

// Per running hub, and within it per tenant: counts and what was answered last.
const remembered = new WeakMap<Events, Remembered>();

function memoryOf(services: OperationsServices): Remembered {
  const known = remembered.get(services.events) ?? { throughput: createThroughput(), recent: new Map() };
  remembered.set(services.events, known);
  return known;
}

/** What waits where, what is at risk, how fast orders move. At most a second old. */
export async function controlTower(tx: Tx, services: OperationsServices): Promise<ControlTower> {
  const { throughput, recent } = memoryOf(services);
  const tenantId = tx.tenantId ?? '';
  const last = recent.get(tenantId);
  if (last !== undefined && services.clock.monotonicMs() - last.atMs < freshMs) return last.tower;
  const tower = await readControlTower(tx, services, throughput);
  recent.set(tenantId, { atMs: services.clock.monotonicMs(), tower });
  return tower;
}

async function readControlTower(tx: Tx, services: OperationsServices, throughput: Throughput): Promise<ControlTower> {
  const now = services.clock.now();
  const counts = await countOrders(tx);
  const open = counts.filter((row) => !closedMilestones.has(row.milestone));
  const exceptions = await countOpenExceptions(tx, now);
  const { minutes, today } = await throughput.read(tx, now);
  const sum = (rows: readonly { orders: number }[]): number => rows.reduce((total, row) => total + row.orders, 0);
  const restored = await openReconciliation(tx);
  return {
    at: now,
    ...(restored === undefined
      ? {}
      : { reconciliation: { begunAt: restored.begunAt, reason: restored.reason, paused: restored.paused } }),
    backlog: MILESTONES.filter((milestone) => !closedMilestones.has(milestone)).map((milestone) => {
      const rows = open.filter((row) => row.milestone === milestone);
      const money = rows.map((row) => ({ moneyAtRiskMinor: row.amountMinor, currency: row.currency }));
      return { milestone, orders: sum(rows), money: sumMoney(money) };
    }),
    totals: {
      openOrders: sum(open),
      onHold: sum(open.filter((row) => row.onHold)),
      withException: exceptions.orders,
      receivedToday: today.received,
      shippedToday: today.shipped,
      invoicedToday: today.invoiced,
    },
    atRisk: await ordersAtRisk(tx, services, now),
    throughput: minutes,
    exceptions: {
      open: exceptions.counts.reduce((total, row) => total + row.exceptions, 0),
      overdue: exceptions.counts.reduce((total, row) => total + row.overdue, 0),
      byClass: tally(exceptions.counts, (row) => row.class),
      byOwnerRole: tally(exceptions.counts, (row) => row.ownerRole),
      moneyAtRisk: sumMoney(exceptions.counts.filter((row) => row.moneyAtRiskMinor !== 0)),
    },
    destinations: await outsideDestinations(tx, services, now),
  };
}

function tally(
  rows: readonly OpenExceptionCount[],
  keyOf: (row: OpenExceptionCount) => string,
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const row of rows) counts[keyOf(row)] = (counts[keyOf(row)] ?? 0) + row.exceptions;
  return counts;
}

interface Risk {
  orderId: string;
  code: string;
  reason: string;
  dueAt: Date;
  /** Of the exception, where it names any; else the whole order is at risk. */
  moneyAtRiskMinor?: number;
  currency?: string;
}

/** Orders with an open exception or a promise that is overdue, the most urgent reason of each, soonest first. */
async function ordersAtRisk(tx: Tx, services: OperationsServices, now: Date): Promise<AtRisk[]> {
  const overdue = await listObligations(tx, { state: 'overdue' }, 200);
  const risks: Risk[] = [
    ...(await mostUrgentOfOrders(tx, mostAtRisk)).map(({ orderId, code, title, cause, slaDue, ...money }) => {
      return { orderId, code: code as string, reason: `${title}: ${cause}`, dueAt: slaDue, ...money };
    }),
    ...overdue.flatMap(({ orderId, kind, dueAt }) =>
      orderId === undefined
        ? []
        : [{ orderId, code: 'OBLIGATION_OVERDUE', reason: `${obligationCatalog[kind].title} is overdue`, dueAt }],
    ),
    ...(await findStuckOrders(tx, services, now)).map((stuck) => ({ ...stuck, code: 'STUCK' })),
  ].sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime());
  const byOrder = new Map<string, Risk>();
  for (const risk of risks) if (!byOrder.has(risk.orderId)) byOrder.set(risk.orderId, risk);
  const worst = [...byOrder.values()].slice(0, mostAtRisk);
  const orders = await loadOrders(
    tx,
    worst.map((risk) => risk.orderId),
  );
  return worst.flatMap((risk) => {
    const order = orders.get(risk.orderId);
    return order === undefined || closedMilestones.has(order.status.milestone) ? [] : [describeRisk(order, risk, now)];
  });
}

function describeRisk(order: SalesOrder, risk: Risk, now: Date): AtRisk {
  const late = risk.dueAt < now ? ' (overdue)' : '';
  return {
    orderId: order.id,
    orderNo: order.orderNo,
    customer: order.customer,
    customerName: order.customerName,
    ...(order.customerPo === undefined ? {} : { customerPo: order.customerPo }),
    milestone: order.status.milestone,
    code: risk.code,
    reason: `${risk.reason}${risk.code === 'OBLIGATION_OVERDUE' ? '' : late}`,
    dueAt: risk.dueAt.toISOString(),
    amountMinor: risk.moneyAtRiskMinor ?? order.totals.amountMinor,
    currency: risk.currency ?? order.currency,
  };
}

async function outsideDestinations(
  tx: Tx,
  services: OperationsServices,
  now: Date,
): Promise<ControlTower['destinations']> {
  const { destinations } = services.queue;
  const backlogs = new Map((await services.queue.backlog(tx)).map((entry) => [entry.destination, entry]));
  const roles = new Map((await services.connections.list(tx)).map((entry) => [entry.id, entry.role]));
  const conditions = new Map((await destinations.conditions(tx)).map((entry) => [entry.destination, entry]));
  return (await destinations.list(tx))
    .filter((destination) => destination.kind === 'connection')
    .map((destination) => {
      const backlog = backlogs.get(destination.name);
      const {
        queued = 0,
        in_flight = 0,
        retry_wait = 0,
        outcome_unknown = 0,
        held = 0,
        dead = 0,
      } = backlog?.counts ?? {};
      const role = roles.get(destination.name);
      const { breaker, health } = conditions.get(destination.name) ?? {};
      const perMinute = services.queue.perMinute(tx.tenantId ?? '', destination.name);
      return {
        name: destination.name,
        ...(role === undefined ? {} : { role }),
        paused: destination.paused,
        ...(destination.pausedReason === undefined ? {} : { pausedReason: destination.pausedReason }),
        inWindow: destinations.inWindow(destination, now),
        ...(breaker === undefined || breaker.state === 'closed' ? {} : { breaker }),
        ...(health === undefined ? {} : { health }),
        ...(perMinute === undefined ? {} : { perMinute }),
        waiting: queued + in_flight + held,
        retrying: retry_wait,
        unknown: outcome_unknown,
        dead,
        ...(backlog?.oldestOpenAt === undefined ? {} : { oldestOpenAt: backlog.oldestOpenAt }),
        version: destination.version,
      };
    });
}
