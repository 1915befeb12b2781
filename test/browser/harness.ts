import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { chromiumArgs, findChromium } from '../../scripts/find-chromium.mjs';
import { tempDir, until } from '../harness/index.ts';

/** A running demo: the hub with the lab's systems and gentle traffic, and a Chromium to look at it. */
export interface BrowserHub {
  readonly url: string;
  readonly key: string;
  /** What the lab's systems were told to expect, as the demo keeps it. */
  secretsOf(connection: string): Record<string, string>;
  /** One call of the API as the admin; throws on anything but 2xx. */
  api<T>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<T>;
  /** Asks again until `read` answers something. */
  until<T>(what: string, read: () => Promise<T | undefined | false>, limitMs?: number): Promise<T>;
  /** A page of its own, signed in unless `signedIn` is false; what it complains about fails `complaints`. */
  page(options?: PageOptions): Promise<Page>;
  /** Errors that the pages reported: scripts that threw, requests that the content security policy refused. */
  readonly complaints: string[];
  stop(): Promise<void>;
}

export interface PageOptions {
  readonly signedIn?: boolean;
  readonly scheme?: 'light' | 'dark';
  readonly width?: number;
}

export const chromiumPath = findChromium();

const repository = join(import.meta.dirname, '..', '..');
const readyMs = 90_000;
const walkMs = 150_000;

/** Starts the demo as a user would, and waits until an order has walked all the way to its invoice. */
export async function startBrowserHub(): Promise<BrowserHub> {
  const folder = tempDir('browser');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const key = 'browser-test-key-0123456789';
  const demo = startDemo({ port, key, dataDir: folder.path });
  const stopDemo = async () => {
    await end(demo.process);
    folder.remove();
  };
  let browser: Browser | undefined;
  try {
    const hub = connect(url, key);
    await hub.until('the hub is ready', async () => demo.isRunning() && (await isReady(url)), readyMs);
    await hub.until('an order has been invoiced', () => hasInvoicedOrder(hub), walkMs);
    browser = await chromium.launch({ executablePath: chromiumPath!, args: chromiumArgs });
    return withBrowser(hub, browser, stopDemo, folder.path);
  } catch (error) {
    await browser?.close();
    await stopDemo();
    throw new Error(`The demo did not come up:\n${demo.output()}`, { cause: error });
  }
}

/** Gives the reason that an open dialog asks for, and confirms it. */
export async function confirmWithReason(page: Page, button: string, reason: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill(reason);
  await dialog.getByRole('button', { name: button, exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
}

type Connected = Pick<BrowserHub, 'url' | 'key' | 'api' | 'until'>;

function startDemo({ port, key, dataDir }: { port: number; key: string; dataDir: string }) {
  const lines: string[] = [];
  const child = spawn(process.execPath, [join(repository, 'bin', 'crossdock'), 'demo'], {
    cwd: repository,
    env: {
      ...process.env,
      CROSSDOCK_PORT: String(port),
      CROSSDOCK_DATA: dataDir,
      CROSSDOCK_ADMIN_KEY: key,
      DATABASE_URL: '',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      lines.push(text);
      if (lines.length > 200) lines.shift();
    });
  }
  const isRunning = () => {
    if (child.exitCode !== null) throw new Error(`crossdock demo ended with status ${child.exitCode}`);
    return true;
  };
  return { process: child, output: () => lines.join(''), isRunning };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
  await exited;
  clearTimeout(timer);
}

function connect(url: string, key: string): Connected {
  let counter = 0;
  const api: BrowserHub['api'] = async (method, path, body, headers = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(method === 'POST' ? { 'idempotency-key': `browser-${(counter += 1)}` } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  return {
    url,
    key,
    api,
    until: (what, read, limitMs = 60_000) => until(read, limitMs, { what, everyMs: 250 }),
  };
}

function withBrowser(hub: Connected, browser: Browser, stopDemo: () => Promise<void>, dataDir: string): BrowserHub {
  const complaints: string[] = [];
  return {
    ...hub,
    complaints,
    secretsOf(connection) {
      const document = JSON.parse(readFileSync(join(dataDir, 'lab', 'ridgeline.json'), 'utf8')) as {
        connections: { id: string; secrets?: Record<string, string> }[];
      };
      return document.connections.find(({ id }) => id === connection)?.secrets ?? {};
    },
    async page({ signedIn = true, scheme = 'light', width = 1440 } = {}) {
      const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 900 } });
      if (signedIn) {
        const response = await context.request.post(`${hub.url}/v1/session`, { data: { key: hub.key } });
        if (!response.ok()) throw new Error(`Signing in answered ${response.status()}`);
      }
      const page = await context.newPage();
      page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
      page.on('console', (message) => {
        if (message.text().includes('Content Security Policy')) complaints.push(`${page.url()}: ${message.text()}`);
      });
      return page;
    },
    async stop() {
      await browser.close();
      await stopDemo();
    },
  };
}

const isReady = (url: string): Promise<boolean> =>
  fetch(`${url}/readyz`).then(
    (response) => response.ok,
    () => false,
  );

interface ListedOrder {
  id: string;
  status: { invoice: string };
}

async function hasInvoicedOrder(hub: Connected): Promise<boolean> {
  const { data } = await hub.api<{ data: ListedOrder[] }>('GET', '/v1/orders?limit=100');
  return data.some((order) => order.status.invoice === 'invoiced');
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

const axeSource = readFileSync(join(repository, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8');

/** What axe finds on the page as it is now, in the light and in the dark scheme: one line per rule and element. */
export async function findAxeViolations(page: Page): Promise<string[]> {
  const found = new Set<string>();
  for (const [scheme, rules] of [
    ['dark', colourRules],
    // Everything else is the same in both.
    ['light', undefined],
  ] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.locator(`html[data-mantine-color-scheme="${scheme}"]`).waitFor();
    for (const violation of await runAxe(page, rules)) found.add(`${scheme} ${violation}`);
  }
  return [...found];
}

const colourRules = ['color-contrast', 'link-in-text-block'];

async function runAxe(page: Page, rules: readonly string[] | undefined): Promise<string[]> {
  // Evaluated over the debugging protocol, which the page's content security policy does not reach.
  await page.evaluate(axeSource);
  const violations = await page.evaluate(async (only) => {
    const { axe } = globalThis as unknown as Axe;
    return (await axe.run(only === undefined ? {} : { runOnly: [...only] })).violations;
  }, rules);
  return violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${node.target.join(' ')} ${node.failureSummary}`),
  );
}

interface Axe {
  axe: { run(options: { runOnly?: string[] }): Promise<{ violations: AxeViolation[] }> };
}

interface AxeViolation {
  id: string;
  nodes: { target: string[]; failureSummary: string }[];
}
