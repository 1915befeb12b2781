import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { manualClock, type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import { putItems, putPriceRules } from '../catalog/index.ts';
import { type Connector, createHttpClient, defineConnector, ediFolder } from '../connectors/index.ts';
import { createEvents, type Events } from '../events/index.ts';
import { type ExceptionRecord, listExceptions, listObligations } from '../exceptions/index.ts';
import { createDeliverer, getMessage, listDocuments, listMessages, receive } from '../exchange/index.ts';
import { loadFulfillmentOrders, loadShipments } from '../fulfillment/index.ts';
import { applySnapshots, putExpectedSupply, putLocations } from '../inventory/index.ts';
import { loadInvoices } from '../invoicing/index.ts';
import { indexMaps } from '../maps/index.ts';
import type { Customer, Item } from '../model/index.ts';
import { loadOrders, searchOrders } from '../orders/index.ts';
import { putCustomers } from '../parties/index.ts';
import { type Agreement, putAgreement, putCrossReferences } from '../partners/index.ts';
import { loadConfig, silentLogger, type Tx } from '../platform/index.ts';
import { createQueue, type Queue, type Settled } from '../queue/index.ts';
import { Type } from 'typebox';
import { acknowledgeOrder } from './acknowledge-order.ts';
import { actOnException } from './act-on-exception.ts';
import { chaseObligations } from './chase-obligations.ts';
import { type Flow, flowDestination, type Hub } from './flow.ts';
import { matchAcknowledgments } from './match-acknowledgments.ts';
import { processOrder } from './process-order.ts';
import { recheckHolds } from './recheck-holds.ts';
import { releaseOrder } from './release-order.ts';
import { resumeForAgreement } from './resume-messages.ts';
import { sendInvoice } from './send-invoice.ts';
import { sendShipNotice } from './send-ship-notice.ts';
import { translateMessage } from './translate-message.ts';

const tenant = 'ridgeline';
const flows: readonly Flow[] = [
  acknowledgeOrder,
  matchAcknowledgments,
  processOrder,
  recheckHolds,
  releaseOrder,
  sendInvoice,
  sendShipNotice,
  translateMessage,
];
const clock = manualClock('2026-06-01T13:00:00Z');

/** Takes releases and answers at once; what the warehouse reports comes in as messages of the tests. */
const warehouse: Connector = defineConnector({
  type: 'demo-wms',
  title: 'Warehouse of the tests',
  role: 'wms',
  settings: Type.Object({}),
  secrets: Type.Object({}),
  operations: {
    'release.create': {
      title: 'Release',
      idempotency: 'D',
      send: (_, request) => {
        const { releaseNo } = request.native as { releaseNo: string };
        return Promise.resolve({ kind: 'confirmed', outsideId: releaseNo, response: { releaseNo } });
      },
    },
  },
});
const connections = {
  'meridian-folder': {
    id: 'meridian-folder',
    type: 'edi-folder',
    role: 'edi',
    settings: { folder: 'C100' },
    test: false,
  },
  'wms-dc1': { id: 'wms-dc1', type: 'demo-wms', role: 'wms', settings: {}, test: false },
} as const;

let db: TestDatabase;
let dataDir: string;
let queue: Queue;
let hub: Hub;

beforeAll(async () => {
  db = await testDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'edi-traffic-'));
  startHub();
  await db.app.tx(tenant, arrange);
  await queue.start();
}, 60_000);
afterAll(async () => {
  await queue?.stop();
  await db?.drop();
  await rm(dataDir, { recursive: true, force: true });
});

function startHub(): void {
  const byId = new Map<string, (typeof connections)[keyof typeof connections]>(Object.entries(connections));
  let events: Events;
  const subscriptions = flows
    .filter((flow) => flow.on.length > 0)
    .map((flow) => ({ destination: flowDestination(flow.name), on: flow.on }));
  const settle = async (tx: Tx, _: string, results: readonly Settled[]): Promise<void> => {
    const byOperation = Map.groupBy(results, (result) => result.delivery.operation);
    for (const flow of flows) {
      for (const [operation, settles] of Object.entries(flow.settles)) {
        const mine = byOperation.get(operation);
        if (mine !== undefined) await settles(tx, mine, hub);
      }
    }
  };
  queue = createQueue({
    app: db.app,
    engine: db.engine,
    // The lanes work in real time; only the business sees the hand-moved clock.
    clock: { ...clock, now: () => new Date(), monotonicMs: () => performance.now(), setTimeout: realTimeout },
    log: silentLogger,
    random: () => 0.5,
    workerId: 'test',
    pollMs: 20,
    flows: {
      async run(tx, _, name, batch) {
        const flow = flows.find((candidate) => flowDestination(candidate.name) === name || candidate.name === name);
        if (flow === undefined) return;
        const loaded = await events.load(
          tx,
          batch.flatMap((delivery) => delivery.eventId ?? []),
        );
        const inputs = batch.map((delivery) => ({ delivery, event: loaded.get(delivery.eventId ?? '') }));
        await flow.handle(tx, inputs, hub);
      },
    },
    deliverer: createDeliverer({
      connectors: [ediFolder, warehouse],
      maps: indexMaps(),
      hydrate: {
        order: loadOrders,
        fulfillment: loadFulfillmentOrders,
        shipment: loadShipments,
        invoice: loadInvoices,
      },
      connections: { get: (_, id) => byId.get(id), secrets: () => Promise.resolve({}) },
      http: createHttpClient(),
      clock,
      log: silentLogger,
      dataDir,
      settle,
    }),
  });
  events = createEvents({ clock, queue, subscriptions });
  hub = {
    tenantId: tenant,
    clock,
    log: silentLogger,
    config: loadConfig({}),
    events,
    enqueue: (tx, deliveries) => queue.enqueue(tx, deliveries),
    deliveries: queue.deliveries,
    destinations: queue.destinations,
    random: () => 0.5,
    connectionFor: (role, selector) =>
      [...byId.values()].find((c) => c.role === role && (selector === undefined || c.id === selector || role === 'edi'))
        ?.id,
    connection: (id) => byId.get(id),
  };
}

function realTimeout(fn: () => void, delayMs: number): () => void {
  const timer = setTimeout(fn, delayMs);
  return () => clearTimeout(timer);
}

const meridian: Agreement = {
  id: 'meridian',
  partner: 'C100',
  standard: 'x12',
  us: { qualifier: 'ZZ', id: 'RIDGELINE' },
  them: { qualifier: 'ZZ', id: 'MERIDIAN' },
  version: '004010',
  usage: 'production',
  connection: 'meridian-folder',
  timeZone: 'America/New_York',
  expect: { withinMinutes: 60 },
};
const customer: Customer = {
  accountNo: 'C100',
  legalName: 'Meridian Retail',
  status: 'active',
  block: 'none',
  currency: 'USD',
  terms: { netDays: 30 },
  credit: { status: 'ok', openReceivablesMinor: 0 },
  allowPartial: true,
  allowBackorder: true,
  substitution: 'never',
  minShelfDays: 0,
  defaultShipTo: 'DC12',
  addresses: [
    {
      id: 'DC12',
      usage: 'shipTo',
      name: 'DC 12',
      gln: '0614141900121',
      address: { lines: ['1 Main St'], city: 'Louisville', region: 'KY', postal: '40213', country: 'US' },
    },
  ],
};
const item = (sku: string, extra: Partial<Item> = {}): Item => ({
  sku,
  description: sku,
  type: 'stock',
  status: 'active',
  baseUom: 'EA',
  uoms: [{ code: 'EA', num: 1, den: 1 }],
  increment: '1',
  tracking: 'none',
  issue: 'FIFO',
  taxClass: 'standard',
  ...extra,
});
const price = (sku: string, value: string) => ({
  id: `LIST-${sku}`,
  kind: 'list' as const,
  sku,
  price: { value, currency: 'USD', perQty: '1', uom: 'EA' },
  validFrom: '2020-01-01',
  priority: 1,
});

async function arrange(tx: Tx): Promise<void> {
  const now = clock.now();
  await putCustomers(tx, [customer], { now });
  await putItems(tx, [item('PMP-220', { tracking: 'serial' }), item('LED')], { now });
  await putPriceRules(tx, [price('PMP-220', '450.00'), price('LED', '18.00')], { now });
  await putLocations(
    tx,
    [
      {
        code: 'DC1',
        name: 'Columbus',
        kind: 'warehouse',
        gln: '0614141001019',
        timeZone: 'America/New_York',
        sellable: true,
        priority: 1,
        fulfilledBy: 'wms-dc1',
        companyPrefix: '0614141',
      },
    ],
    { now },
  );
  const at = { location: 'DC1', asOf: now.toISOString(), asOfSeq: 1 };
  await applySnapshots(
    tx,
    [
      {
        ...at,
        positions: [
          { sku: 'PMP-220', quantity: '3' },
          { sku: 'LED', quantity: '5000' },
        ],
      },
    ] as never,
    now,
  );
  await putExpectedSupply(
    tx,
    [
      {
        poNo: 'PO-9001',
        supplier: 'S10',
        sku: 'PMP-220',
        quantity: '5',
        uom: 'EA',
        location: 'DC1',
        dueDate: '2026-06-15',
        acknowledged: true,
      },
    ],
    { now },
  );
  await putAgreement(tx, meridian);
}

let control = 0;
beforeEach(() => rm(join(dataDir, 'partners'), { recursive: true, force: true }));

interface Envelope {
  sender?: string;
  usage?: string;
  isa13?: number;
  ackRequested?: boolean;
  group?: string;
}

/** One interchange with these transaction sets, each given without ST and SE. */
function interchange(sets: readonly (readonly string[])[], envelope: Envelope = {}): string {
  const isa13 = String(envelope.isa13 ?? ++control).padStart(9, '0');
  const sender = (envelope.sender ?? 'MERIDIAN').padEnd(15);
  const type = envelope.group === 'FA' ? '997' : '850';
  const body = sets.flatMap((set, index) => {
    const st = String(index + 1).padStart(4, '0');
    return [`ST*${type}*${st}`, ...set, `SE*${set.length + 2}*${st}`];
  });
  return `${[
    `ISA*00*          *00*          *ZZ*${sender}*ZZ*RIDGELINE      *260601*0900*U*00401*${isa13}*${envelope.ackRequested ? 1 : 0}*${envelope.usage ?? 'P'}*>`,
    `GS*${envelope.group ?? 'PO'}*${sender.trim()}*RIDGELINE*20260601*0900*${Number(isa13)}*X*004010`,
    ...body,
    `GE*${sets.length}*${Number(isa13)}`,
    `IEA*1*${isa13}`,
  ].join('~')}~`;
}
const order = (po: string, lines: readonly string[], gln = '0614141900121'): string[] => [
  `BEG*00*SA*${po}**20260601`,
  'REF*DP*038',
  `N1*ST*DC 12*UL*${gln}`,
  ...lines,
  `CTT*${lines.length}`,
];
const led = (quantity: number): string => `PO1*1*${quantity}*EA*18.00*PE*VN*LED`;

/** Drops bytes at the folder door and waits until everything has been worked. */
async function drop(
  text: string,
  extra: { connector?: string; connection?: string; topic?: string } = {},
): Promise<string> {
  const [received] = await db.app.tx(tenant, async (tx) => {
    const results = await receive(tx, [
      {
        channel: extra.connector === undefined ? 'edi-folder' : 'webhook',
        contentType: 'x',
        bytes: Buffer.from(text),
        ...extra,
      },
    ]);
    const { id, correlationId } = results[0]!;
    await hub.enqueue(tx, [
      {
        destination: flowDestination('translate-message'),
        key: id,
        operation: 'message.translate',
        payload: { kind: 'message', messageId: id },
        correlationId,
      },
    ]);
    return results;
  });
  await queue.idle();
  return received!.id;
}

/** Files that lie in the partner's out folder, oldest control number first, as segments. */
async function outbox(): Promise<{ type: string; segments: string[] }[]> {
  const dir = join(dataDir, 'partners', 'C100', 'out');
  const names = await readdir(dir).catch(() => []);
  const files = await Promise.all(
    names.map(async (name) => {
      const segments = (await readFile(join(dir, name), 'latin1')).split('~');
      return { type: name.split('-')[0]!, segments, isa13: segments[0]!.split('*')[13]! };
    }),
  );
  return files.sort((a, b) => (a.isa13 < b.isa13 ? -1 : 1)).map(({ type, segments }) => ({ type, segments }));
}
const types = async (): Promise<string[]> => (await outbox()).map((file) => file.type);
const sent = async (type: string): Promise<string[]> =>
  (await outbox()).findLast((file) => file.type === type)!.segments;
const message = (id: string) => db.app.tx(tenant, async (tx) => (await getMessage(tx, id))!);
const documents = (id: string) => db.app.tx(tenant, (tx) => listDocuments(tx, { messageIds: [id] }));
const problems = (messageId: string): Promise<ExceptionRecord[]> =>
  db.app.tx(tenant, async (tx) => (await listExceptions(tx, { messageId, state: 'open' }, { limit: 50 })).rows);
const findOrder = (po: string) => db.app.tx(tenant, async (tx) => (await searchOrders(tx, po, 10))[0]!);

describe('an order by EDI', () => {
  it('is acknowledged and answered: 3 pumps now, 2 when the supply comes', async () => {
    const id = await drop(interchange([order('PO-4', ['PO1*001*5*EA*450.00*PE*VN*PMP-220'])]));
    expect(await types()).toEqual(['997', '855']);
    expect((await sent('997')).slice(1, -3)).toEqual([
      expect.stringMatching(/^GS\*FA\*RIDGELINE\*MERIDIAN\*20260601\*0900\*\d+\*X\*004010$/),
      'ST*997*0001',
      `AK1*PO*${control}`,
      'AK2*850*0001',
      'AK5*A',
      'AK9*A*1*1*1',
      'SE*6*0001',
    ]);
    const acknowledged = await sent('855');
    expect(acknowledged).toContain('BAK*00*AC*PO-4*20260601*****20260601');
    expect(acknowledged).toContain('REF*DP*038');
    expect(acknowledged).toContain('PO1*001*5*EA*450.00*PE*VN*PMP-220');
    expect(acknowledged.filter((segment) => segment.startsWith('ACK'))).toEqual([
      'ACK*BP*3*EA',
      'ACK*IB*2*EA*068*20260615',
    ]);
    const found = await findOrder('PO-4');
    const stored = await message(id);
    expect(stored).toMatchObject({ state: 'processed', partner: 'C100' });
    // One thread: the message, its 997, the order and the 855.
    expect(found.correlationId).toBe(stored.correlationId);
    const thread = await db.app.tx(tenant, (tx) =>
      listMessages(tx, { correlationId: stored.correlationId, direction: 'out' }),
    );
    expect(thread.map((output) => [output.topic, output.state]).sort()).toEqual([
      ['855', 'sent'],
      ['997', 'sent'],
      ['release.create', 'sent'],
    ]);
  });

  it('of identical bytes gets the stored 997 again, and no second 855', async () => {
    const bytes = interchange([order('PO-8', [led(1)])]);
    await drop(bytes);
    const first = await sent('997');
    const again = await drop(`${bytes}\r\n`);
    expect(await types()).toEqual(['997', '997', '855']);
    expect((await outbox()).slice(0, 2).map((file) => file.segments)).toEqual([first, first]);
    expect(await message(again)).toMatchObject({ state: 'duplicate' });
  });

  it('with a new control number is acknowledged and recognised, and not answered again', async () => {
    await drop(interchange([order('PO-8b', [led(1)])]));
    const again = await drop(interchange([order('PO-8b', [led(1)])]));
    expect(await types()).toEqual(['997', '855', '997']);
    expect((await sent('997')).join()).toContain('AK9*A*1*1*1');
    expect((await problems(again)).map((problem) => problem.code)).toEqual(['DUPLICATE_ORDER']);
    expect(await message(again)).toMatchObject({ state: 'duplicate' });
  });

  it('with changed lines waits for a person, and is answered once accepted as new', async () => {
    await drop(interchange([order('PO-8c', [led(1)])]));
    const changed = await drop(interchange([order('PO-8c', [led(2)])]));
    expect(await types()).toEqual(['997', '855', '997']);
    const [review] = await problems(changed);
    expect(review).toMatchObject({ code: 'ORDER_CHANGE_REVIEW' });
    await db.app.tx(tenant, (tx) =>
      actOnException(hub, tx, {
        exceptionId: review!.id,
        action: 'accept_as_new',
        reason: 'two orders',
        input: {},
        actor: 'ann',
      }),
    );
    await queue.idle();
    expect(await types()).toEqual(['997', '855', '997', '855']);
    expect(await sent('855')).toContain('ACK*IA*2*EA');
  });

  it('refuses an old control number with other content, by TA1 when that is asked for', async () => {
    await drop(interchange([order('PO-13', [led(1)])], { isa13: 900 }));
    const reused = await drop(interchange([order('PO-14', [led(1)])], { isa13: 900, ackRequested: true }));
    expect(await types()).toEqual(['997', '855', 'TA1']);
    expect((await sent('TA1'))[1]).toMatch(/^TA1\*000000900\*260601\*0900\*R\*025$/);
    expect((await problems(reused)).map((problem) => problem.code)).toEqual(['CONFLICTING_DUPLICATE']);
    expect(await message(reused)).toMatchObject({ state: 'rejected' });
  });
});

describe('a bad document', () => {
  it('never fails its neighbours', async () => {
    const id = await drop(interchange([order('PO-20', [led(1)]), ['BEG*00*SA'], order('PO-21', [led(2)])]));
    const types = (await outbox()).map((file) => file.type);
    expect(types.sort()).toEqual(['855', '855', '997']);
    const ack = await sent('997');
    expect(ack.filter((segment) => /^AK[59]/.test(segment))).toEqual(['AK5*A', 'AK5*R*5', 'AK5*A', 'AK9*P*3*3*2']);
    const rows = await documents(id);
    expect(rows.map((row) => [row.ordinal, row.state])).toEqual([
      [1, 'translated'],
      [2, 'rejected'],
      [3, 'translated'],
    ]);
    // Each order has a thread of its own.
    expect(new Set(rows.map((row) => row.correlationId)).size).toBe(3);
    expect((await problems(id)).map((problem) => problem.code)).toEqual(['EDI_REJECTED']);
  });

  it('in a file that is no EDI at all is visible, and answered by nothing', async () => {
    const id = await drop('hello');
    expect(await types()).toEqual([]);
    expect(await message(id)).toMatchObject({ state: 'rejected' });
    expect((await problems(id)).map((problem) => problem.code)).toEqual(['EDI_UNREADABLE']);
  });

  it('leaves what it has no definition for unchecked and says so', async () => {
    const bytes = interchange([order('PO-22', [led(1)])]).replaceAll('004010', '003040');
    const id = await drop(bytes);
    expect((await documents(id))[0]).toMatchObject({ verdict: 'unchecked', state: 'unrouted' });
    expect((await problems(id)).map((problem) => problem.code)).toEqual(['NO_ROUTE']);
  });

  it('marked as a test never reaches production', async () => {
    const id = await drop(interchange([order('PO-23', [led(1)])], { usage: 'T' }));
    expect(await message(id)).toMatchObject({ state: 'rejected' });
    expect((await problems(id)).map((problem) => problem.code)).toEqual(['TEST_IN_PRODUCTION']);
    expect(await findOrder('PO-23')).toBeUndefined();
  });
});

describe('a held message', () => {
  it('of an unknown partner goes on by itself once the agreement is there', async () => {
    const id = await drop(interchange([order('PO-30', [led(1)])], { sender: 'NEWCO' }));
    expect(await message(id)).toMatchObject({ state: 'held' });
    expect((await problems(id)).map((problem) => problem.code)).toEqual(['UNKNOWN_PARTNER']);
    expect(await types()).toEqual([]);
    const agreement = { ...meridian, id: 'newco', them: { qualifier: 'ZZ', id: 'NEWCO' } };
    await db.app.tx(tenant, async (tx) => {
      await putAgreement(tx, agreement);
      expect(await resumeForAgreement(tx, hub, agreement)).toEqual([id]);
    });
    await queue.idle();
    expect(await message(id)).toMatchObject({ state: 'processed' });
    expect(await problems(id)).toEqual([]);
    expect(await types()).toEqual(['997', '855']);
  });

  it('with an unknown item resumes when its cross-reference is approved, with one 997 in all', async () => {
    const id = await drop(interchange([order('PO-31', [led(1)]), order('PO-32', ['PO1*1*2*EA*18.00*PE*IN*MER-9'])]));
    expect(await message(id)).toMatchObject({ state: 'held' });
    const [unknown] = await problems(id);
    expect(unknown).toMatchObject({ code: 'UNKNOWN_ITEM' });
    expect((await types()).sort()).toEqual(['855', '997']);
    await db.app.tx(tenant, (tx) =>
      actOnException(hub, tx, {
        exceptionId: unknown!.id,
        action: 'approve_cross_reference',
        reason: 'same lamp',
        input: { canonicalId: 'LED' },
        actor: 'ann',
      }),
    );
    await queue.idle();
    expect(await message(id)).toMatchObject({ state: 'processed' });
    expect((await documents(id)).map((row) => row.state)).toEqual(['translated', 'translated']);
    expect((await types()).sort()).toEqual(['855', '855', '997']);
    expect(await problems(id)).toEqual([]);
    expect(await sent('855')).toContain('PO1*1*2*EA*18.00*PE*IN*MER-9*VN*LED');
  });

  it('for an unknown ship-to is an order on hold, answered after the cross-reference', async () => {
    await drop(interchange([order('PO-10', [led(1)], '0614141900206')]));
    const held = await findOrder('PO-10');
    expect(held).toMatchObject({ status: { onHold: true }, shipTo: { resolved: false } });
    expect(await types()).toEqual(['997']);
    const [exception] = await db.app.tx(
      tenant,
      async (tx) => (await listExceptions(tx, { orderId: held.id, state: 'open' }, { limit: 5 })).rows,
    );
    await db.app.tx(tenant, (tx) =>
      actOnException(hub, tx, {
        exceptionId: exception!.id,
        action: 'approve_cross_reference',
        reason: 'moved',
        input: { canonicalId: 'DC12' },
        actor: 'ann',
      }),
    );
    await queue.idle();
    expect(await findOrder('PO-10')).toMatchObject({ id: held.id, status: { onHold: false } });
    expect(await types()).toEqual(['997', '855']);
  });

  it('whose 855 is due goes as held, never as accepted', async () => {
    await drop(interchange([order('PO-11', [led(1)], '0614141900999')]));
    expect(await types()).toEqual(['997']);
    clock.advance(24 * 3_600_000);
    await db.app.tx(tenant, (tx) => chaseObligations(tx, hub));
    await queue.idle();
    expect(await sent('855')).toContain('ACK*IH*1*EA');
  });
});

describe('acknowledgments of what we sent', () => {
  const received = (group: string, status: string, codes: string[] = []): string =>
    interchange(
      [[`AK1*PR*${group}`, 'AK2*855*0001', ...codes, `AK5*${status}`, `AK9*${status}*1*1*${status === 'A' ? 1 : 0}`]],
      { group: 'FA' },
    );
  const groupOf = async (): Promise<string> => (await sent('855'))[1]!.split('*')[6]!;
  const clocks = (state: 'open' | 'met' | 'overdue') =>
    db.app.tx(tenant, async (tx) => (await listObligations(tx, { kind: '997', state }, 100)).map((o) => o.subject));

  it('stop the clock, and are not acknowledged themselves', async () => {
    await drop(interchange([order('PO-40', [led(1)])]));
    const group = await groupOf();
    expect(await clocks('open')).toContain(`meridian:PR:${group}`);
    const files = (await types()).length;
    await drop(received(group, 'A'));
    expect(await clocks('met')).toContain(`meridian:PR:${group}`);
    expect((await types()).length).toBe(files);
    const out = await db.app.tx(tenant, (tx) => listDocuments(tx, { direction: 'out', type: '855', limit: 1 }));
    expect(out[0]).toMatchObject({ ackState: 'accepted', groupControl: group });
  });

  it('that reject, or name what we never sent, want a person', async () => {
    await drop(interchange([order('PO-41', [led(1)])]));
    const rejected = await drop(received(await groupOf(), 'R', ['AK3*PO1*7**8', 'AK4*2**1']));
    const orderId = (await findOrder('PO-41')).id;
    const raised = await db.app.tx(
      tenant,
      async (tx) => (await listExceptions(tx, { orderId, state: 'open' }, { limit: 5 })).rows,
    );
    expect(raised).toMatchObject([{ code: 'ACK_REJECTED', cause: expect.stringContaining('segment PO1 at 7') }]);
    expect(await message(rejected)).toMatchObject({ state: 'processed' });
    const stray = await drop(received('424242', 'A'));
    expect((await problems(stray)).map((problem) => problem.code)).toEqual(['ACK_UNMATCHED']);
  });

  it('that do not come in time become an exception', async () => {
    await drop(interchange([order('PO-42', [led(1)])]));
    const subject = `meridian:PR:${await groupOf()}`;
    clock.advance(3_600_000);
    await db.app.tx(tenant, (tx) => chaseObligations(tx, hub));
    expect(await clocks('overdue')).toContain(subject);
    const out = await db.app.tx(tenant, (tx) => listDocuments(tx, { direction: 'out', type: '855', limit: 1 }));
    expect(out[0]).toMatchObject({ ackState: 'overdue' });
  });
});

describe('what has shipped', () => {
  it('is told by 856, and only then charged by 810', async () => {
    await drop(interchange([order('PO-50', ['PO1*007*4*EA*18.00*PE*VN*LED'])]));
    const found = await findOrder('PO-50');
    const [release] = await db.app.tx(tenant, (tx) =>
      tx.query<{ fulfillment_no: string }>('SELECT fulfillment_no FROM fulfillment_order WHERE order_id = $1', [
        found.id,
      ]),
    );
    const releaseNo = release!.fulfillment_no;
    const at = '2026-06-01T20:00:00Z';
    const cartons = [{ cartonNo: 1, weightGrams: 1000, contents: [{ lineNo: 1, sku: 'LED', qty: '4', uom: 'EA' }] }];
    const warehouseSays = (topic: string, status: string, seq: number) =>
      drop(JSON.stringify({ topic, releaseNo, status, docNo: 'S1', seq, at, carrierCode: 'UPS', cartons }), {
        connector: 'demo-wms',
        connection: 'wms-dc1',
        topic,
      });
    const invoice = JSON.stringify({
      topic: 'invoice.posted',
      at,
      invoice: {
        invoiceNo: 'INV-50',
        customerReference: found.orderNo,
        date: '2026-06-01',
        currency: 'USD',
        taxCents: 0,
        freightCents: 0,
        totalCents: 7200,
        lines: [
          { line: 1, qty: '4', unit: 'EA', unitPrice: '18.00', pricePer: '1', priceUnit: 'EA', amountCents: 7200 },
        ],
      },
    });
    // The ERP is early: nothing may be charged before it has left.
    await drop(invoice, { connector: 'demo-erp', connection: 'erp', topic: 'invoice.posted' });
    expect(await types()).toEqual(['997', '855']);
    const packed = await warehouseSays('pack.confirmed', 'PACKED', 1);
    expect(await message(packed)).toMatchObject({ state: 'processed', correlationId: found.correlationId });
    expect(await types()).toEqual(['997', '855']);
    await warehouseSays('shipment.confirmed', 'SHIPPED', 2);
    expect(await types()).toEqual(['997', '855', '856', '810']);
    const notice = await sent('856');
    expect(notice).toContain('PRF*PO-50***20260601');
    expect(notice).toContain('SN1*007*4*EA');
    expect(notice.find((segment) => segment.startsWith('MAN'))).toMatch(/^MAN\*GM\*00\d{18}$/);
    const charged = await sent('810');
    expect(charged).toContain('IT1*007*4*EA*18.00*PE*VN*LED');
    expect(charged).toContain('TDS*7200');
    // Saying it again changes nothing.
    await warehouseSays('shipment.confirmed', 'SHIPPED', 2);
    expect(await types()).toEqual(['997', '855', '856', '810']);
  });
});

describe('cross-references of everybody', () => {
  it('serve any partner', async () => {
    await db.app.tx(tenant, (tx) =>
      putCrossReferences(tx, [{ scope: '*', type: 'item', external: 'LAMP', canonical: 'LED' }]),
    );
    await drop(interchange([order('PO-60', ['PO1*1*1*EA*18.00*PE*VN*LAMP'])]));
    expect(await sent('855')).toContain('ACK*IA*1*EA');
  });
});
