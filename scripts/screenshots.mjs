// Makes the pictures of docs/images from a running demo, so that none is made by hand.
//   node scripts/screenshots.mjs                         starts a demo of its own and ends it
//   node scripts/screenshots.mjs http://localhost:8080 KEY   uses a running hub and this access key
// Needs a Chromium (CHROMIUM_PATH names one).
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureInstalled, root, say } from './bootstrap.mjs';
import { chromiumArgs, findChromium } from './find-chromium.mjs';

const warmUpMs = 120_000;
const screens = [
  { name: 'control-tower', path: () => '/' },
  { name: 'order-360', path: walkedOrder },
  { name: 'exception', path: openException },
  { name: 'inventory', path: () => '/inventory?sku=LED' },
  { name: 'destinations', path: () => '/destinations' },
  { name: 'connections', path: () => '/connections' },
  { name: 'audit', path: () => '/audit' },
];

/** The order with the most to tell: one that came by EDI and is invoiced; else a shipped one, else any. */
async function walkedOrder(api) {
  const { data = [] } = (await api('/v1/orders?limit=200')) ?? {};
  const order =
    data.find(({ channel, status }) => channel === 'edi' && status.invoice === 'invoiced') ??
    data.find(({ status }) => status.milestone === 'shipped') ??
    data[0];
  if (order === undefined) throw new Error('The hub has no orders to show');
  return `/orders/${order.id}`;
}

/** An exception that a person can act on; without one, the list of them. */
async function openException(api) {
  const { data = [] } = (await api('/v1/exceptions?limit=200')) ?? {};
  const found = data.find(({ code }) => code === 'SHIPTO_INVALID') ?? data[0];
  return found === undefined ? '/exceptions' : `/exceptions/${found.id}`;
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function startDemo() {
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-screenshots-'));
  // As root the database runs as another user, who has to get through.
  chmodSync(dataDir, 0o755);
  const key = randomBytes(24).toString('base64url');
  const child = spawn(process.execPath, [join(root, 'bin', 'crossdock'), 'demo'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      CROSSDOCK_PORT: String(port),
      CROSSDOCK_DATA: dataDir,
      CROSSDOCK_ADMIN_KEY: key,
      CROSSDOCK_LOG_LEVEL: 'warn',
      DATABASE_URL: '',
    },
  });
  const stop = async () => {
    const exited = new Promise((resolve) => child.on('exit', resolve));
    if (child.exitCode === null && child.kill('SIGTERM')) await exited;
    rmSync(dataDir, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  for (const untilMs = Date.now() + 180_000; Date.now() < untilMs; await wait(500)) {
    const ready = await fetch(`${url}/readyz`).catch(() => undefined);
    if (ready?.ok) {
      say(`The demo runs; ${warmUpMs / 1000} s for orders to walk …`);
      await wait(warmUpMs);
      return { url, key, stop };
    }
    if (child.exitCode !== null) break;
  }
  await stop();
  throw new Error('The demo did not become ready');
}

async function shoot(hub) {
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArgs });
  try {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'light' });
    const page = await context.newPage();
    await page.goto(hub.url);
    await page.getByLabel('Access key').first().fill(hub.key);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('navigation').first().waitFor();
    const api = async (path) => {
      const reply = await fetch(hub.url + path, { headers: { authorization: `Bearer ${hub.key}` } });
      return reply.ok ? reply.json() : undefined;
    };
    const folder = join(root, 'docs', 'images');
    mkdirSync(folder, { recursive: true });
    for (const screen of screens) {
      await page.goto(hub.url + (await screen.path(api)));
      // The live stream never falls silent, so the network cannot tell: give charts a moment.
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      await wait(2000);
      await page.screenshot({ path: join(folder, `${screen.name}.png`) });
      say(`docs/images/${screen.name}.png`);
    }
  } finally {
    await browser.close();
  }
}

await ensureInstalled();
if (findChromium() === undefined) throw new Error('No Chromium on this machine; set CHROMIUM_PATH');
const [url, key] = process.argv.slice(2);
const hub = url === undefined ? await startDemo() : { url, key, stop: async () => {} };
try {
  await shoot(hub);
} finally {
  await hub.stop();
}
