// Takes the demo's ERP down under traffic, watches what the hub does, takes pictures for docs/guides/outage.md, and
// counts in the ERP's own log what arrived.
//   node scripts/outage.mjs [--minutes 10] [--orders-per-minute 30] [--no-pictures]
// Ends with an error when an order is missing in the ERP or is there twice.
import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureInstalled, root, say } from './bootstrap.mjs';
import { chromiumArgs, findChromium } from './find-chromium.mjs';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    'orders-per-minute': { type: 'string', default: '30' },
    'warm-up-seconds': { type: 'string', default: '60' },
    'no-pictures': { type: 'boolean', default: false },
  },
});
const outageMs = Number(values.minutes) * 60_000;
const ordersPerMinute = Number(values['orders-per-minute']);
const warmUpMs = Number(values['warm-up-seconds']) * 1_000;
const drainPerSecond = 5;

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const startedMs = Date.now();
const tell = (text) => say(`${String(Math.round((Date.now() - startedMs) / 1_000)).padStart(5)} s  ${text}`);

async function startDemo() {
  const port = 19_300 + Math.floor(Math.random() * 90);
  const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-outage-'));
  // As root the database runs as another user, who has to get through.
  chmodSync(dataDir, 0o755);
  // The demo's planned exceptions have been played: one of them takes the ERP down and up again by itself.
  mkdirSync(join(dataDir, 'lab'), { recursive: true });
  writeFileSync(join(dataDir, 'lab', 'planned-exceptions.json'), '{}\n');
  const key = randomBytes(24).toString('base64url');
  const child = spawn(process.execPath, [join(root, 'bin', 'crossdock'), 'demo'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      CROSSDOCK_PORT: String(port),
      CROSSDOCK_DATA: dataDir,
      CROSSDOCK_ADMIN_KEY: key,
      CROSSDOCK_LOG_LEVEL: 'error',
      DATABASE_URL: '',
    },
  });
  const stop = async () => {
    const exited = new Promise((resolve) => child.on('exit', resolve));
    if (child.exitCode === null && child.kill('SIGTERM')) await exited;
    rmSync(dataDir, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  for (const untilMs = Date.now() + 240_000; Date.now() < untilMs && child.exitCode === null; await wait(500)) {
    const ready = await fetch(`${url}/readyz`).catch(() => undefined);
    const hub = { url, key, dataDir, stop };
    const knows = (path) => callHub(hub, 'GET', path).catch(() => undefined);
    if (ready?.ok && (await knows('/v1/connections/erp')) && (await knows('/v1/availability?sku=LED'))) return hub;
  }
  await stop();
  throw new Error('The demo did not become ready');
}

async function callHub(hub, method, path, body, headers = {}) {
  const reply = await fetch(hub.url + path, {
    method,
    headers: {
      authorization: `Bearer ${hub.key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!reply.ok) throw new Error(`${method} ${path}: HTTP ${reply.status} ${await reply.text()}`);
  return { body: await reply.json(), etag: reply.headers.get('etag') };
}

/** Orders by the API, besides those of the demo's own traffic. */
function startOrders(hub) {
  const accepted = [];
  let stopped = false;
  const run = (async () => {
    for (let n = 1; !stopped; n++) {
      const customerPo = `OUTAGE-${String(n).padStart(4, '0')}`;
      const sku = n % 2 === 0 ? 'LED' : 'FLT13';
      const lines = [{ sku, quantity: { value: '1', uom: 'EA' } }];
      const order = { channel: 'portal', customer: 'C200', customerPo, lines };
      const made = await callHub(hub, 'POST', '/v1/orders', order).catch((error) => tell(`an order: ${error.message}`));
      if (made !== undefined) accepted.push({ customerPo, id: made.body.id });
      await wait(60_000 / ordersPerMinute);
    }
  })();
  return {
    accepted,
    async stop() {
      stopped = true;
      await run;
    },
  };
}

async function openCamera(hub) {
  if (values['no-pictures']) return { shoot: async () => {}, page: async () => {}, close: async () => {} };
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArgs });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'light' });
  const page = await context.newPage();
  await page.goto(hub.url);
  await page.getByLabel('Access key').first().fill(hub.key);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('navigation').first().waitFor();
  const folder = join(root, 'docs', 'images');
  mkdirSync(folder, { recursive: true });
  const keep = async (name) => {
    await page.screenshot({ path: join(folder, `${name}.png`) });
    tell(`docs/images/${name}.png`);
  };
  return {
    async shoot(name, path) {
      await page.goto(hub.url + path);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      await wait(2_000);
      await keep(name);
    },
    /** A page of its own, for what no screen of the hub can show: the ERP's side. */
    async page(name, html) {
      await page.goto('about:blank');
      await page.setContent(html);
      await keep(name);
    },
    close: () => browser.close(),
  };
}

const erpOf = async (hub) => (await callHub(hub, 'GET', '/v1/destinations/erp')).body;
const openCount = ({ backlog }) => Object.values(backlog).reduce((sum, count) => sum + count, 0);

async function until(what, read, limitMs) {
  for (const untilMs = Date.now() + limitMs; Date.now() < untilMs; await wait(500)) {
    const found = await read();
    if (found) return found;
  }
  throw new Error(`${what} did not come within ${limitMs / 1_000} s`);
}

/** The ERP's dials and what it has counted: operations by how they ended. */
async function erpSystem(hub) {
  const { body } = await callHub(hub, 'GET', '/v1/connections/erp');
  const base = body.settings.baseUrl;
  // Every call of an operation that met the closed ERP; the health check is no operation.
  const calls = async () => {
    const counts = await (await fetch(`${base}/_calls`)).json();
    return Object.entries(counts).reduce((sum, [name, count]) => sum + (name.endsWith('maintenance') ? count : 0), 0);
  };
  const turn = (dials) =>
    fetch(`${base}/_dials`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(dials),
    });
  return { calls, turn };
}

/** What the ERP wrote to its own log: purchase order → how often it made a sales order of it. */
function readErpLog(hub) {
  const times = new Map();
  for (const line of readFileSync(join(hub.dataDir, 'lab', 'erp.ndjson'), 'utf8').split('\n')) {
    if (line === '') continue;
    const effect = JSON.parse(line);
    if (effect.kind === 'order.created') times.set(effect.key, (times.get(effect.key) ?? 0) + 1);
  }
  return times;
}

async function allOrders(hub) {
  const orders = [];
  for (let after; ; ) {
    const { body } = await callHub(
      hub,
      'GET',
      `/v1/orders?limit=200${after ? `&after=${encodeURIComponent(after)}` : ''}`,
    );
    orders.push(...body.data);
    if (body.nextCursor === undefined) return orders;
    after = body.nextCursor;
  }
}

const proofPage = (rows) => `<!doctype html><meta charset="utf-8"><title>Proof</title>
<style>
  body { font: 17px/1.5 system-ui, sans-serif; margin: 64px auto; width: 920px; color: #1a1b1e }
  h1 { font-size: 28px; margin: 0 0 4px } p { color: #5c5f66; margin: 0 0 28px }
  table { border-collapse: collapse; width: 100% } td { border-top: 1px solid #dee2e6; padding: 11px 8px }
  td:last-child { text-align: right; font-weight: 650; font-variant-numeric: tabular-nums }
  tr.good td { background: #ebfbee } tr.bad td { background: #fff5f5 }
</style><h1>Zero lost, zero doubled</h1>
<p>The hub's orders against the ERP's own log, counted by scripts/outage.mjs after the backlog was gone.</p>
<table>${rows.map(([what, value, mark]) => `<tr class="${mark ?? ''}"><td>${what}</td><td>${value}</td></tr>`).join('')}</table>`;

async function prove(hub, orders, camera, story) {
  const inHub = await allOrders(hub);
  const log = readErpLog(hub);
  const created = [...log.values()].reduce((sum, times) => sum + times, 0);
  const doubled = [...log.values()].filter((times) => times > 1).length;
  const confirmed = inHub.filter((order) => order.erpOrderNo !== undefined);
  const numbers = new Set(confirmed.map((order) => order.erpOrderNo));
  const byId = new Map(inHub.map((order) => [order.id, order]));
  const missing = orders.filter(({ id }) => byId.get(id)?.erpOrderNo === undefined);
  const rows = [
    ['The ERP was down for', `${Math.round(story.downMs / 1_000)} s`],
    ['The breaker opened after', `${(story.openedMs / 1_000).toFixed(1)} s`],
    ['Calls of the ERP from then until it came back (probes are its health check)', story.callsWhileDown],
    ['Health probes meanwhile', story.probes],
    ['Deliveries waiting for the ERP when it came back', story.backlog],
    ['The breaker closed after it was back', `${(story.closedMs / 1_000).toFixed(1)} s`],
    [`The backlog was gone after (at most ${drainPerSecond} a second)`, `${(story.drainedMs / 1_000).toFixed(1)} s`],
    ['Tries spent by deliveries that waited', story.triesSpent],
    ['Orders placed by this script and accepted', orders.length],
    ['Orders that the hub knows to be in the ERP, all doors', confirmed.length],
    ['Sales orders in the ERP’s own log', created],
    ['Different numbers of the ERP among the hub’s orders', numbers.size],
    ['Accepted orders that are not in the ERP', missing.length, missing.length === 0 ? 'good' : 'bad'],
    ['Orders that are in the ERP twice', doubled, doubled === 0 ? 'good' : 'bad'],
  ];
  await camera.page('outage-proof', proofPage(rows));
  for (const [what, value] of rows) say(`${String(value).padStart(12)}  ${what}`);
  for (const { customerPo, id } of missing.slice(0, 10)) {
    const order = byId.get(id);
    say(`missing: ${customerPo} is ${order?.status?.milestone}, holds ${JSON.stringify(order?.holds ?? [])}`);
  }
  if (missing.length > 0 || doubled > 0) process.exitCode = 1;
}

/** While the ERP is down: pictures, and what is known at the end of it. */
async function watchOutage(hub, erp, camera, downAt) {
  await until('the open breaker', async () => (await erpOf(hub)).breakerNow?.state === 'open', 120_000);
  const openedMs = Date.now() - downAt;
  tell(`the breaker opened after ${openedMs} ms`);
  // What was under way when it opened may still arrive.
  await wait(2_000);
  const callsAtOpening = await erp.calls();
  await wait(Math.min(8_000, outageMs / 10));
  await camera.shoot('outage-breaker-open', '/destinations');
  while (Date.now() - downAt < outageMs - 10_000) {
    await wait(Math.min(30_000, Math.max(500, outageMs - 10_000 - (Date.now() - downAt))));
    const now = await erpOf(hub);
    tell(`${now.breakerNow?.state}, ${openCount(now)} waiting, ${now.breakerNow?.rounds} rounds`);
  }
  await camera.shoot('outage-backlog', '/destinations');
  const { data } = (await callHub(hub, 'GET', '/v1/exceptions?limit=200')).body;
  const raised = data.filter(({ code }) => code === 'ENDPOINT_DOWN');
  tell(`${raised.length} exception about it`);
  if (raised[0] !== undefined) await camera.shoot('outage-exception', `/exceptions/${raised[0].id}`);
  const before = await erpOf(hub);
  const waiting = '/v1/deliveries?destination=erp&state=queued&limit=200';
  const { data: queued } = (await callHub(hub, 'GET', waiting)).body;
  return {
    openedMs,
    callsWhileDown: (await erp.calls()) - callsAtOpening,
    backlog: openCount(before),
    probes: before.breakerNow?.rounds ?? 0,
    triesSpent: queued.reduce((sum, { attempts }) => sum + attempts, 0),
  };
}

async function watchRecovery(hub, camera, backAt) {
  await until('the closed breaker', async () => (await erpOf(hub)).breakerNow?.state === 'closed', 180_000);
  const closedMs = Date.now() - backAt;
  await wait(12_000);
  await camera.shoot('outage-recovery', '/destinations');
  await until('the end of the backlog', async () => openCount(await erpOf(hub)) <= 5, 900_000);
  return { closedMs, drainedMs: Date.now() - backAt };
}

async function run(hub) {
  const erp = await erpSystem(hub);
  const { body, etag } = await callHub(hub, 'GET', '/v1/destinations/erp');
  const drain = { ...body.drain, perSecond: drainPerSecond };
  const change = { drain, reason: 'So that the pictures show the drain' };
  await callHub(hub, 'PATCH', '/v1/destinations/erp', change, { 'if-match': etag });
  const orders = startOrders(hub);
  const camera = await openCamera(hub);
  try {
    tell(`traffic, for ${warmUpMs / 1_000} s`);
    await wait(warmUpMs);
    tell('the ERP goes down');
    await erp.turn({ maintenance: true });
    const downAt = Date.now();
    const outage = await watchOutage(hub, erp, camera, downAt);
    tell('the ERP comes back');
    await erp.turn({ maintenance: false });
    const backAt = Date.now();
    const recovery = await watchRecovery(hub, camera, backAt);
    await orders.stop();
    await until('an empty queue', async () => openCount(await erpOf(hub)) === 0, 120_000);
    await wait(3_000);
    await prove(hub, orders.accepted, camera, { downMs: backAt - downAt, ...outage, ...recovery });
  } finally {
    await orders.stop();
    await camera.close();
  }
}

await ensureInstalled();
if (!values['no-pictures'] && findChromium() === undefined)
  throw new Error('No Chromium on this machine; set CHROMIUM_PATH');
const hub = await startDemo();
try {
  await run(hub);
} finally {
  await hub.stop();
}
