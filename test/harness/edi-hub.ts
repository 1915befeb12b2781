/**
 * A hub for tests of EDI traffic: real lanes, flows, exchange and folders; a partner Meridian (C100), a warehouse that takes
 * releases at once, pumps with 3 on hand and 5 on order, and plenty of lamps. No ERP and no carrier.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Type } from 'typebox';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { putItems, putPriceRules } from '../../src/catalog/index.ts';
import { type Connector, createHttpClient, defineConnector, ediFolder } from '../../src/connectors/index.ts';
import { createEvents, type Events } from '../../src/events/index.ts';
import { type ExceptionRecord, listExceptions } from '../../src/exceptions/index.ts';
import { createDeliverer, getMessage, listDocuments, receive } from '../../src/exchange/index.ts';
import { createKnownUp, flowDestination, flows, type Hub } from '../../src/flows/index.ts';
import { loadFulfillmentOrders, loadShipments } from '../../src/fulfillment/index.ts';
import { applySnapshots, putExpectedSupply, putLocations } from '../../src/inventory/index.ts';
import { loadInvoices } from '../../src/invoicing/index.ts';
import { indexMaps } from '../../src/maps/index.ts';
import type { Customer, Item } from '../../src/model/index.ts';
import { loadOrders, searchOrders } from '../../src/orders/index.ts';
import { putCustomers } from '../../src/parties/index.ts';
import { type Agreement, putAgreement } from '../../src/partners/index.ts';
import { loadConfig, silentLogger, type Tx, uuidv7 } from '../../src/platform/index.ts';
import { createQueue, type Queue, type Settled } from '../../src/queue/index.ts';
import { manualClock } from './manual-clock.ts';
import { type TestDatabase, testDatabase } from './test-database.ts';

export const tenant = 'ridgeline';
export const clock = manualClock('2026-06-01T13:00:00Z');

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
  'reno-folder': { id: 'reno-folder', type: 'edi-folder', role: 'edi', settings: { folder: 'W200' }, test: false },
  'wms-dc1': { id: 'wms-dc1', type: 'demo-wms', role: 'wms', settings: {}, test: false },
} as const;

/** The process that the hub takes itself for; it took in all that came since, unless a test says otherwise. */
export const hubProcess = { id: uuidv7(), startedAtMs: 0 };

/** The running hub's own; there once the `beforeAll` of `useEdiHub` has run. */
export let db: TestDatabase;
export let queue: Queue;
export let hub: Hub;
let dataDir: string;

/** One hub on a fresh database for all tests of the file; each begins with empty folders. */
export function useEdiHub(): void {
  beforeAll(async () => {
    db = await testDatabase();
    dataDir = await mkdtemp(join(tmpdir(), 'edi-hub-'));
    startHub();
    await db.app.tx(tenant, arrange);
    await queue.start();
  }, 60_000);
  afterAll(async () => {
    await queue?.stop();
    await db?.drop();
    await rm(dataDir, { recursive: true, force: true });
  });
  beforeEach(emptyFolders);
}

/** Forgets the files of what was sent before. */
export async function emptyFolders(): Promise<void> {
  await rm(join(dataDir, 'partners'), { recursive: true, force: true });
}

function startHub(): void {
  const byId = new Map<string, (typeof connections)[keyof typeof connections]>(Object.entries(connections));
  const subscriptions = flows
    .filter((flow) => flow.on.length > 0)
    .map((flow) => ({ destination: flowDestination(flow.name), on: flow.on }));
  const settle = async (tx: Tx, _: string, results: readonly Settled[]): Promise<void> => {
    const byOperation = Map.groupBy(results, (result) => result.delivery.operation);
    for (const flow of flows) {
      for (const [operation, settles] of Object.entries(flow.settles)) {
        const mine = operation === '*' ? results : byOperation.get(operation);
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
      async begin(tenantId, name, batch, alone) {
        const flow = flows.find((candidate) => flowDestination(candidate.name) === name || candidate.name === name);
        if (flow?.begin === undefined) return 'together';
        return flow.begin(batch, { process: hubProcess, alone, tx: (fn) => db.app.tx(tenantId, fn) });
      },
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
      timeZoneOf: () => hub.timeZone,
      log: silentLogger,
      dataDirOf: () => dataDir,
      settle,
    }),
  });
  const events: Events = createEvents({ clock, queue, subscriptions });
  hub = {
    tenantId: tenant,
    clock,
    log: silentLogger,
    config: loadConfig({}),
    events,
    enqueue: (tx, deliveries) => queue.enqueue(tx, deliveries),
    prepare: (tx, deliveries) => queue.prepare(tx, deliveries),
    deliveries: queue.deliveries,
    destinations: queue.destinations,
    random: () => 0.5,
    timeZone: 'America/New_York',
    knownUp: createKnownUp(clock),
    connectionFor: (role, selector) => {
      const ofRole: string[] = [...byId.values()].filter((c) => c.role === role).map(({ id }) => id);
      return selector === undefined || (role === 'edi' && !ofRole.includes(selector))
        ? ofRole[0]
        : ofRole.find((id) => id === selector);
    },
    connection: (id) => byId.get(id),
  };
}

function realTimeout(fn: () => void, delayMs: number): () => void {
  const timer = setTimeout(fn, delayMs);
  return () => clearTimeout(timer);
}

export const meridian: Agreement = {
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
/** Puts Meridian's agreement with these changes; with none, as it was at first. */
export const agree = (change: Partial<Agreement>): Promise<unknown> =>
  db.app.tx(tenant, (tx) => putAgreement(tx, { ...meridian, ...change }));
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
export const item = (sku: string, extra: Partial<Item> = {}): Item => ({
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
export const price = (sku: string, value: string) => ({
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
/** ISA13 of the interchange made last. */
export const lastControl = (): number => control;

interface Envelope {
  sender?: string;
  usage?: string;
  isa13?: number;
  ackRequested?: boolean;
  group?: string;
  /** Of its transaction sets; 850, and 997 in the group FA. */
  type?: string;
}

/** One interchange with these transaction sets, each given without ST and SE. */
export function interchange(sets: readonly (readonly string[])[], envelope: Envelope = {}): string {
  const isa13 = String(envelope.isa13 ?? ++control).padStart(9, '0');
  const sender = (envelope.sender ?? 'MERIDIAN').padEnd(15);
  const type = envelope.type ?? (envelope.group === 'FA' ? '997' : '850');
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
export const order = (po: string, lines: readonly string[], gln = '0614141900121'): string[] => [
  `BEG*00*SA*${po}**20260601`,
  'REF*DP*038',
  `N1*ST*DC 12*UL*${gln}`,
  ...lines,
  `CTT*${lines.length}`,
];
export const led = (quantity: number): string => `PO1*1*${quantity}*EA*18.00*PE*VN*LED`;

/** Drops bytes at the folder door and waits until everything has been worked. */
export async function drop(
  text: string,
  extra: { connector?: string; connection?: string; topic?: string; partner?: string } = {},
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

/** Files that lie in a partner's out folder, oldest control number first, as segments. */
export async function outbox(partner = 'C100'): Promise<{ type: string; segments: string[] }[]> {
  const dir = join(dataDir, 'partners', partner, 'out');
  const names = await readdir(dir).catch(() => []);
  const files = await Promise.all(
    names.map(async (name) => {
      const segments = (await readFile(join(dir, name), 'latin1')).split('~');
      return { type: name.split('-')[0]!, segments, isa13: segments[0]!.split('*')[13]! };
    }),
  );
  return files.sort((a, b) => (a.isa13 < b.isa13 ? -1 : 1)).map(({ type, segments }) => ({ type, segments }));
}
export const types = async (): Promise<string[]> => (await outbox()).map((file) => file.type);
export const sent = async (type: string): Promise<string[]> =>
  (await outbox()).findLast((file) => file.type === type)!.segments;
export const message = (id: string) => db.app.tx(tenant, async (tx) => (await getMessage(tx, id))!);
export const documents = (id: string) => db.app.tx(tenant, (tx) => listDocuments(tx, { messageIds: [id] }));
export const problems = (messageId: string): Promise<ExceptionRecord[]> =>
  db.app.tx(tenant, async (tx) => (await listExceptions(tx, { messageId, state: 'open' }, { limit: 50 })).rows);
export const findOrder = (po: string) => db.app.tx(tenant, async (tx) => (await searchOrders(tx, po, 10))[0]!);
