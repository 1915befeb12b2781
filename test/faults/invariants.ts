import type pg from 'pg';
import type { Effect } from '../../lab/harness.ts';
import { flowDestination, flows } from '../../src/flows/index.ts';
import type { SentOrder } from './order-client.ts';

/** A broken promise, told so that one can start to look for it. Every checker answers all it finds; none is good. */
export type Violation = string;

/** The outside truth: what the systems around the hub have logged, oldest first. */
export type OutsideLogs = Readonly<Record<'erp' | 'wms' | 'carrier', readonly Effect[]>>;

interface ErpOrder {
  key: string;
  customer: string;
  customerPo: string;
  orderNo: string;
}

export function erpOrders(logs: OutsideLogs): ErpOrder[] {
  return logs.erp
    .filter((effect) => effect.kind === 'order.created')
    .map((effect) => {
      const document = effect['document'] as { customerAccount: string; customerPo: string; customerReference: string };
      return {
        key: effect.key ?? '',
        customer: document.customerAccount,
        customerPo: document.customerPo,
        orderNo: document.customerReference,
      };
    });
}

/**
 * Invariant 1, no loss: everything that a client saw accepted has a durable order, and exactly one order in the ERP or
 * a state that shows why not.
 */
export async function checkNoLoss(sent: readonly SentOrder[], logs: OutsideLogs, db: pg.Pool): Promise<Violation[]> {
  const violations: Violation[] = [];
  const inErp = Map.groupBy(erpOrders(logs), (order) => order.customerPo);
  const { rows } = await db.query<{ id: string; open: number }>(
    `SELECT o.id, (SELECT count(*)::int FROM delivery_now AS d
                   WHERE d.key = o.id::text AND d.state NOT IN ('delivered', 'discarded')) AS open
     FROM sales_order AS o`,
  );
  const orders = new Map(rows.map((row) => [row.id, row.open]));
  for (const order of sent) {
    const id = order.answers.find((answer) => answer.orderId !== undefined)?.orderId;
    if (id === undefined) continue;
    if (!orders.has(id)) violations.push(`${order.customerPo} was answered 201 and has no order`);
    else if (inErp.get(order.customerPo)?.length !== 1 && orders.get(id) === 0) {
      violations.push(
        `${order.customerPo} has ${inErp.get(order.customerPo)?.length ?? 0} ERP orders and nothing open`,
      );
    }
  }
  return violations;
}

/** Invariant 2, no duplicate effect: one ERP order per customer and PO; one release, label and shipment per number. */
export function checkNoDuplicates(logs: OutsideLogs): Violation[] {
  const violations: Violation[] = [];
  const atMostOnce = (what: string, keys: readonly string[]): void => {
    for (const [key, all] of Map.groupBy(keys, (each) => each)) {
      if (all.length > 1) violations.push(`${what} ${key} happened ${all.length} times`);
    }
  };
  const keysOf = (effects: readonly Effect[], kind: string): string[] =>
    effects.filter((effect) => effect.kind === kind).map((effect) => effect.key ?? '');
  atMostOnce(
    'ERP order for',
    erpOrders(logs).map((order) => `${order.customer} ${order.customerPo}`),
  );
  atMostOnce('ERP order under', keysOf(logs.erp, 'order.created'));
  atMostOnce('ERP shipment', keysOf(logs.erp, 'shipment.created'));
  atMostOnce('release', keysOf(logs.wms, 'release.created'));
  atMostOnce('label', keysOf(logs.carrier, 'label.created'));
  return violations;
}

/** Invariant 3 and 4 as a client sees them: a request repeated under its key is answered with the same order. */
export function checkRepeats(sent: readonly SentOrder[]): Violation[] {
  return sent.flatMap((order) => {
    const ids = new Set(order.answers.flatMap((answer) => answer.orderId ?? []));
    const refused = order.answers.filter(
      (answer) => answer.status >= 400 && answer.status < 500 && answer.status !== 409,
    );
    return [
      ...(ids.size > 1 ? [`${order.customerPo} was answered with the orders ${[...ids].join(', ')}`] : []),
      ...refused.map((answer) => `${order.customerPo} was answered ${answer.status}: ${answer.body}`),
    ];
  });
}

/**
 * Invariant 5, the ledger sums: every delivery is in one state, marked alike wherever it is marked; what an event fans
 * out to is there; no intent is left open; at rest everything is final.
 */
export async function checkLedgerSums(db: pg.Pool): Promise<Violation[]> {
  const none = async (what: string, sql: string): Promise<Violation[]> => {
    const { rows } = await db.query<{ n: number }>(`SELECT count(*)::int AS n FROM (${sql}) AS found`);
    return rows[0]?.n === 0 ? [] : [`${rows[0]?.n} ${what}`];
  };
  return [
    ...(await none(
      'deliveries marked parked without being in the side table, or the other way round',
      `SELECT FROM delivery AS d FULL JOIN delivery_parked AS p ON p.lane_id = d.lane_id AND p.position = d.position
       WHERE (coalesce(d.parked, false) AND p.position IS NULL)
          OR (p.position IS NOT NULL AND (d.position IS NULL OR (NOT d.parked AND p.state <> 'gone')))`,
    )),
    ...(await none(
      'parked deliveries whose state differs between the tables',
      `SELECT FROM delivery AS d JOIN delivery_parked AS p ON p.lane_id = d.lane_id AND p.position = d.position
       WHERE p.state <> d.state AND p.state <> 'gone'`,
    )),
    ...(await none(
      'deliveries with an event that does not exist',
      `
       SELECT FROM delivery AS d WHERE d.event_id IS NOT NULL AND NOT EXISTS (SELECT FROM event AS e WHERE e.id = d.event_id)`,
    )),
    ...(await none(
      'deliveries that share event and destination with another',
      `
       SELECT FROM delivery_now AS d WHERE d.event_id IS NOT NULL GROUP BY d.event_id, d.destination, d.operation HAVING count(*) > 1`,
    )),
    ...(await checkFanOut(db)),
    ...(await none(
      'confirmed sends of one delivery beyond the first',
      `
       SELECT FROM attempt_now WHERE kind = 'send' AND state = 'confirmed' GROUP BY delivery_id HAVING count(*) > 1`,
    )),
    ...(await none('intents left open', 'SELECT FROM intent')),
    ...(await none(
      'messages of which nothing became: neither a delivery nor a recorded reason',
      `SELECT FROM message AS m WHERE m.direction = 'in' AND m.state = 'received' AND NOT EXISTS (
         SELECT FROM delivery AS d WHERE d.payload ->> 'messageId' = m.id::text)`,
    )),
    ...(await none(
      'messages that still wait to be translated',
      `SELECT FROM message WHERE direction = 'in' AND state = 'received'`,
    )),
  ];
}

/** Every event has a delivery for each flow that subscribes to its type without a condition. */
async function checkFanOut(db: pg.Pool): Promise<Violation[]> {
  const violations: Violation[] = [];
  for (const flow of flows) {
    if (flow.when !== undefined || flow.on.length === 0) continue;
    const { rows } = await db.query<{ type: string; n: number }>(
      `SELECT e.type, count(*)::int AS n FROM event AS e
       WHERE e.type = ANY ($1::text[]) AND NOT EXISTS (
         SELECT FROM delivery_now AS d WHERE d.event_id = e.id AND d.destination = $2)
       GROUP BY e.type`,
      [flow.on, flowDestination(flow.name)],
    );
    for (const row of rows) violations.push(`${row.n} events ${row.type} have no delivery for flow ${flow.name}`);
  }
  return violations;
}

/**
 * Invariant 6, order: per destination and key the first successes rise with the place in the ledger; and the outside saw
 * each order before what follows from it.
 */
export async function checkKeyOrder(logs: OutsideLogs, db: pg.Pool): Promise<Violation[]> {
  const { rows } = await db.query<{ destination: string; key: string; position: string }>(
    `SELECT d.destination, d.key, d.position FROM delivery_now AS d
     JOIN (SELECT delivery_id, min(id::text) AS first FROM attempt_now WHERE state = 'confirmed' GROUP BY delivery_id) AS a
       ON a.delivery_id = d.id
     ORDER BY d.destination, d.key, a.first`,
  );
  const violations: Violation[] = [];
  let last = { place: '', position: 0 };
  for (const row of rows) {
    const place = `${row.destination} ${row.key}`;
    const position = Number(row.position);
    if (place === last.place && position < last.position)
      violations.push(`${place}: ${position} after ${last.position}`);
    last = { place, position };
  }
  const ordered = new Set<string>();
  for (const effect of logs.erp) {
    if (effect.kind === 'order.created') ordered.add(erpOrderNo(effect));
    // Shipments are numbered after their order: SO1000001-1-S1.
    const orderNo = /^(SO\d+)-/.exec(effect.key ?? '')?.[1];
    if (effect.kind === 'shipment.created' && orderNo !== undefined && !ordered.has(orderNo)) {
      violations.push(`the ERP saw shipment ${effect.key} before its order`);
    }
  }
  return violations;
}

function erpOrderNo(effect: Effect): string {
  return (effect['document'] as { customerReference: string }).customerReference;
}
