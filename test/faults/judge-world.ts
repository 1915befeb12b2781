import { isDeepStrictEqual } from 'node:util';
import type pg from 'pg';
import type { Effect } from '../../lab/harness.ts';
import { judgeBytes, judgeIdempotency, judgeSameOutput } from './invariants/answers.ts';
import {
  type AcceptedThing,
  judgeAtMostOnce,
  judgeNoLoss,
  judgeUnchanged,
  judgeUnknown,
} from './invariants/effects.ts';
import { judgeDrained } from './invariants/engine.ts';
import { checkLedgerSums, checkPublished } from './invariants/ledger.ts';
import { checkLedgerOrder, judgeRedriven, readStandings } from './invariants/order.ts';
import type { Findings, Violation } from './invariants/violation.ts';
import type { SentOrder } from './order-client.ts';
import { type World, drainBoundMs, drained } from './world.ts';

/** The outside truth: what the systems around the hub have logged, oldest first. */
type OutsideLogs = Readonly<Record<'erp' | 'wms' | 'carrier', readonly Effect[]>>;

export interface Judged {
  readonly findings: Findings;
  readonly sent: number;
  readonly acknowledged: number;
  readonly inErp: number;
  readonly lost: number;
  readonly doubled: number;
  readonly drainedInMs: number;
}

/**
 * Stops the customers, lets the hub finish, and holds what the clients saw and what the systems around it did against the
 * invariants. With `replays`, that many deliveries are then sent again, twice, and the outside must not change.
 */
export async function judgeWorld(world: World, options: { replays?: number } = {}): Promise<Judged> {
  await world.client.stop();
  const { drainedInMs, open } = await drained(world);
  const logs = outsideLogs(world);
  const { sent } = world.client;
  const accepted = await acceptedThings(world, logs);
  const loss = judgeNoLoss(accepted);
  const doubled = judgeAtMostOnce(effectsOf(logs));
  const findings: Findings = {
    1: [...loss, ...(loss.length === 0 ? [] : await heldMessages(world.db))],
    2: doubled,
    3: judgeUnknown(doubts(sent, logs)),
    4: judgeIdempotency(await askedOf(sent, world.db)),
    5: await checkLedgerSums(world.db),
    6: [...(await checkLedgerOrder(world.db)), ...judgeOutsideOrder(logs)],
    10: await checkPublished(world.db),
    11: judgeDrained(drainedInMs, drainBoundMs, open),
    14: [
      ...judgeBytes(await keptBytes(sent, world.db)),
      ...(await checkWire(logs, world.db)),
      ...judgeSameOutput(await renderings(world.db)),
    ],
  };
  if ((options.replays ?? 0) > 0 && open.length === 0) await replayTwice(world, options.replays ?? 0, findings);
  return {
    findings,
    sent: sent.length + world.ediOrders.length + world.csvSent,
    acknowledged: accepted.length,
    inErp: erpOrders(logs).length,
    lost: loss.length,
    doubled: doubled.length,
    drainedInMs,
  };
}

function outsideLogs({ run: { lab } }: World): OutsideLogs {
  return {
    erp: lab.logs('erp'),
    wms: [...lab.logs('wms-dc1'), ...lab.logs('warehouse-3pl')],
    carrier: lab.logs('carrier'),
  };
}

interface ErpOrder {
  key: string;
  customer: string;
  customerPo: string;
  orderNo: string;
  document: Record<string, unknown>;
}

function erpOrders(logs: OutsideLogs): ErpOrder[] {
  return logs.erp.filter(({ kind }) => kind === 'order.created').map(erpOrder);
}

function erpOrder(effect: Effect): ErpOrder {
  const document = effect['document'] as Record<string, unknown>;
  const { customerAccount, customerPo, customerReference } = document as Record<string, string>;
  return {
    key: effect.key ?? '',
    customer: customerAccount ?? '',
    customerPo: customerPo ?? '',
    orderNo: customerReference ?? '',
    document,
  };
}

const erpCounts = (logs: OutsideLogs): Map<string, number> =>
  new Map([...Map.groupBy(erpOrders(logs), ({ customerPo }) => customerPo)].map(([po, all]) => [po, all.length]));

async function acceptedThings(world: World, logs: OutsideLogs): Promise<AcceptedThing[]> {
  const inErp = erpCounts(logs);
  const { rows } = await world.db.query<{ id: string; po: string; open: number }>(
    `SELECT o.id, o.customer_po AS po, (SELECT count(*)::int FROM delivery_now AS d
       WHERE d.key = o.id::text AND d.state NOT IN ('delivered', 'discarded')) AS open FROM sales_order AS o`,
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  const byPo = new Map(rows.map((row) => [row.po, row]));
  const thing = (what: string, row: { open: number } | undefined): AcceptedThing => ({
    what,
    recorded: row !== undefined,
    effects: inErp.get(what) ?? 0,
    open: row?.open ?? 0,
  });
  const answered = world.client.sent.flatMap(({ customerPo, answers }) => {
    const id = answers.find(({ orderId }) => orderId !== undefined)?.orderId;
    return id === undefined ? [] : [thing(customerPo, byId.get(id))];
  });
  // A file that was renamed into the folder counts as handed over.
  const byCsv = world.csvOrders.map(({ customerPo, orderId }) => thing(customerPo, byId.get(orderId)));
  return [...answered, ...byCsv, ...world.ediOrders.map((po) => thing(po, byPo.get(po)))];
}

/** What explains a loss best: messages that wait for a person, and why. */
async function heldMessages(db: pg.Pool): Promise<Violation[]> {
  const { rows } = await db.query<{ said: string }>(
    `SELECT format('a message is held: %s (%s)', reason, count(*)) AS said FROM message
     WHERE direction = 'in' AND state = 'held' GROUP BY reason`,
  );
  return rows.map(({ said }) => said);
}

/** One ERP order per customer and PO; one release, label and shipment per number. */
function effectsOf(logs: OutsideLogs): { what: string; key: string }[] {
  const keysOf = (effects: readonly Effect[], kind: string, what: string) =>
    effects.filter((effect) => effect.kind === kind).map(({ key = '' }) => ({ what, key }));
  return [
    ...erpOrders(logs).map(({ customer, customerPo }) => ({ what: 'ERP order for', key: `${customer} ${customerPo}` })),
    ...keysOf(logs.erp, 'order.created', 'ERP order under'),
    ...keysOf(logs.erp, 'shipment.created', 'ERP shipment'),
    ...keysOf(logs.wms, 'release.created', 'release'),
    ...keysOf(logs.carrier, 'label.created', 'label'),
  ];
}

function doubts(sent: readonly SentOrder[], logs: OutsideLogs) {
  const inErp = erpCounts(logs);
  return sent
    .filter(({ doubted }) => doubted)
    .map(({ customerPo, answers }) => ({
      what: customerPo,
      converged: answers.some(({ status }) => status === 201),
      effects: inErp.get(customerPo) ?? 0,
    }));
}

async function askedOf(sent: readonly SentOrder[], db: pg.Pool) {
  const misused = sent.flatMap(({ otherBody }) => otherBody?.customerPo ?? []);
  const { rows } = await db.query<{ po: string }>(
    'SELECT customer_po AS po FROM sales_order WHERE customer_po = ANY ($1)',
    [misused],
  );
  const written = new Set(rows.map(({ po }) => po));
  return sent.map(({ customerPo, answers, otherBody }) => ({
    what: customerPo,
    answers: answers.map(({ status, orderId, body }) => ({ status, resource: orderId, body })),
    otherBody: otherBody && { status: otherBody.status, written: written.has(otherBody.customerPo) },
  }));
}

async function keptBytes(sent: readonly SentOrder[], db: pg.Pool) {
  const { rows } = await db.query<{ id: string; stored: string; recorded: string }>(
    `SELECT o.id, encode(sha256(m.body), 'hex') AS stored, encode(m.sha256, 'hex') AS recorded
     FROM sales_order AS o JOIN message AS m ON m.id = (o.document ->> 'sourceMessageId')::uuid WHERE m.channel = 'api'`,
  );
  const byOrder = new Map(rows.map((row) => [row.id, row]));
  return sent.flatMap(({ customerPo, answers, bodyHash }) => {
    const id = answers.find(({ orderId }) => orderId !== undefined)?.orderId;
    if (id === undefined) return [];
    const row = byOrder.get(id);
    return [{ what: customerPo, received: bodyHash, stored: row?.stored, recordedHash: row?.recorded }];
  });
}

/** 14: what the ERP took in is what is archived as sent to it. */
async function checkWire(logs: OutsideLogs, db: pg.Pool): Promise<Violation[]> {
  const { rows } = await db.query<{ key: string; body: string }>(
    `SELECT natural_key AS key, convert_from(body, 'UTF8') AS body FROM message
     WHERE direction = 'out' AND topic = 'order.create'`,
  );
  const archived = new Map(rows.map(({ key, body }) => [key, JSON.parse(body) as Record<string, unknown>]));
  return erpOrders(logs).flatMap(({ key, customerPo, document }) => {
    const kept = archived.get(key);
    if (kept === undefined) return [`${customerPo} went to the ERP and what was sent is not archived`];
    const different = Object.keys(kept).filter((field) => !isDeepStrictEqual(kept[field], document[field]));
    return different.length === 0 ? [] : [`${customerPo} came to the ERP with another ${different.join(', ')}`];
  });
}

async function renderings(db: pg.Pool): Promise<Map<string, string[]>> {
  const { rows } = await db.query<{ delivery: string; hashes: string[] }>(
    `SELECT delivery_id AS delivery, array_agg(encode(sha256, 'hex')) AS hashes FROM message
     WHERE direction = 'out' AND topic = 'order.create' AND delivery_id IS NOT NULL GROUP BY delivery_id`,
  );
  return new Map(rows.map(({ delivery, hashes }) => [`order.create of ${delivery}`, hashes]));
}

/** 6: the outside saw each order before what follows from it. */
function judgeOutsideOrder(logs: OutsideLogs): Violation[] {
  const ordered = new Set<string>();
  const violations: Violation[] = [];
  for (const effect of logs.erp) {
    if (effect.kind === 'order.created') ordered.add(erpOrder(effect).orderNo);
    // Shipments are numbered after their order: SO1000001-1-S1.
    const orderNo = /^(SO\d+)-/.exec(effect.key ?? '')?.[1];
    if (effect.kind === 'shipment.created' && orderNo !== undefined && !ordered.has(orderNo)) {
      violations.push(`the ERP saw shipment ${effect.key} before its order`);
    }
  }
  return violations;
}

/** 7 and 8: sends deliveries again, whichever the hub lets go, waits until it is through, and does so once more. */
async function replayTwice(world: World, count: number, findings: Findings): Promise<void> {
  const { rows } = await world.db.query<{ id: string }>(
    `SELECT id FROM delivery_now WHERE destination NOT LIKE 'flow.%' AND state = 'delivered' ORDER BY md5(id::text || $1)
     LIMIT $2`,
    [String(world.seed), count],
  );
  const standings = await readStandings(world.db);
  const counts = (): Map<string, number> =>
    new Map(
      [...Map.groupBy(effectsOf(outsideLogs(world)), ({ what, key }) => `${what} ${key}`)].map(([name, all]) => [
        name,
        all.length,
      ]),
    );
  const before = counts();
  for (let round = 0; round < 2; round++) {
    for (const { id } of rows) await replay(world, id);
    const { open } = await drained(world);
    findings[11] = [...(findings[11] ?? []), ...open.map((what) => `after a replay: ${what}`)];
  }
  findings[7] = judgeRedriven(standings, await readStandings(world.db));
  findings[8] = judgeUnchanged(before, counts());
}

/** What may not be replayed (a later one of its key has been delivered) is refused with 409, and that is right. */
async function replay({ run }: World, id: string): Promise<void> {
  const response = await fetch(`${run.hub.url}/v1/deliveries/${id}/replay`, {
    method: 'POST',
    headers: { authorization: `Bearer ${run.adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ reason: 'fault run' }),
  });
  await response.arrayBuffer();
  if (!response.ok && response.status !== 409) throw new Error(`a replay was answered ${response.status}`);
}
