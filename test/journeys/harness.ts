import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Lab, ridgeline, startLab, type SystemName } from '../../lab/harness.ts';
import type { SalesOrder } from '../../src/model/index.ts';
import { type RunningHub, startHub } from '../../src/app/start-hub.ts';
import { type Clock, loadConfig, silentLogger, createLogger, systemClock } from '../../src/platform/index.ts';
import { applyDocument } from '../../src/cli/apply.ts';
import { tempDir, testDatabase, until } from '../harness/index.ts';

/** Ridgeline's "now": Monday 2026-06-01, 09:00 in New York. */
export const ridgelineNow = new Date('2026-06-01T13:00:00Z');

/** The real passage of time, begun at another moment. */
export function clockStartingAt(start: Date): Clock {
  const offsetMs = start.getTime() - Date.now();
  return { ...systemClock, now: () => new Date(Date.now() + offsetMs) };
}

export interface Journey {
  readonly hub: RunningHub;
  readonly lab: Lab;
  readonly dataDir: string;
  /** One call of the hub's API as the admin; throws on anything but 2xx unless `allow` names the status. */
  api<T>(method: string, path: string, body?: unknown, options?: CallOptions): Promise<T>;
  call(
    method: string,
    path: string,
    body?: unknown,
    options?: CallOptions,
  ): Promise<{ status: number; body: any; headers: Headers }>;
  /** Posts an order and answers it. */
  order(body: Record<string, unknown>, headers?: Record<string, string>): Promise<SalesOrder>;
  /** Drops bytes into the partner's folder as partners do: under another name first, then renamed. */
  drop(partner: string, fileName: string, text: string): Promise<void>;
  /** What lies in the partner's `out`, by name. */
  files(partner: string): Promise<Map<string, string>>;
  /** Asks again until `read` answers something, or fails with what it saw last. */
  until<T>(what: string, read: () => Promise<T | undefined | false>, limitMs?: number): Promise<T>;
  /** A second hub on the same database, without doors; it shares the lanes, and stops with the journey. */
  addHub(): Promise<RunningHub>;
  stop(): Promise<void>;
}

export interface CallOptions {
  headers?: Record<string, string>;
  key?: string;
}

export interface JourneyOptions {
  only?: readonly SystemName[];
  settings?: Record<string, Record<string, unknown>>;
  /** When it begins, in the hub and around it. Default `ridgelineNow`; the database tells the real time all the same. */
  startAt?: Date;
  /** Changes Ridgeline before it is applied. */
  change?: (document: Record<string, any>) => void;
}

const adminKey = 'journey-admin-key-0123456789';
const impatienceMs = 20_000;

/** A hub with Ridgeline and the lab at zero latency, in a database and folder of its own. */
export async function startJourney(options: JourneyOptions = {}): Promise<Journey> {
  const { startAt = ridgelineNow } = options;
  const clock = clockStartingAt(startAt);
  const database = await testDatabase();
  const folder = tempDir();
  const dataDir = join(folder.path, 'data');
  await mkdir(join(dataDir, 'partners', 'C100', 'in'), { recursive: true });
  const lab = await startLab({
    dir: join(folder.path, 'lab'),
    profile: 'zero',
    // The same time as the hub's: what happens there is not to be in its future.
    startAt: clock.now(),
    durable: false,
    partnersDir: join(dataDir, 'partners'),
    ...(options.only ? { only: options.only } : {}),
  });
  const startOne = (roles: string) =>
    startHub({
      config: loadConfig({
        CROSSDOCK_DATA: dataDir,
        DATABASE_URL: database.url,
        CROSSDOCK_ADMIN_KEY: adminKey,
        CROSSDOCK_PORT: '0',
        CROSSDOCK_ROLES: roles,
        // The lab's partners rename.
        CROSSDOCK_FOLDER_SETTLE_MS: '0',
      }),
      log: process.env.JOURNEY_LOG ? createLogger({ level: 'info', name: 'hub' }) : silentLogger,
      clock,
      tenant: { id: 'ridgeline', name: 'Ridgeline Industrial Supply', demo: true },
      pollMs: 100,
    });
  const hub = await startOne('api,worker,scheduler');
  const others: RunningHub[] = [];
  await lab.setHub(hub.url);
  const document = ridgeline({
    now: startAt,
    urls: lab.urls,
    secrets: lab.secrets,
    ...(options.settings ? { settings: options.settings } : {}),
  });
  options.change?.(document as Record<string, any>);
  await applyDocument({ url: hub.url, key: adminKey, document, now: startAt });
  const journey = assemble(hub, lab, dataDir, async () => {
    await Promise.all(others.map((other) => other.stop('the journey ends')));
    await hub.stop('the journey ends');
    await lab.stop();
    await database.drop();
    folder.remove();
  });
  return {
    ...journey,
    async addHub() {
      const other = await startOne('worker');
      others.push(other);
      return other;
    },
  };
}

function assemble(hub: RunningHub, lab: Lab, dataDir: string, stop: () => Promise<void>): Omit<Journey, 'addHub'> {
  let counter = 0;
  const call: Journey['call'] = async (method, path, body, { headers = {}, key = adminKey } = {}) => {
    const raw = typeof body === 'string' || body instanceof Uint8Array;
    const response = await fetch(`${hub.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined || raw ? {} : { 'content-type': 'application/json' }),
        ...(method === 'POST' ? { 'idempotency-key': `journey-${(counter += 1)}` } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body: raw ? (body as string) : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: text && response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text,
      headers: response.headers,
    };
  };
  const api: Journey['api'] = async (method, path, body, options) => {
    const reply = await call(method, path, body, options);
    if (reply.status >= 300) throw new Error(`${method} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
    return reply.body;
  };
  return {
    hub,
    lab,
    dataDir,
    call,
    api,
    stop,
    order: (body, headers) => api('POST', '/v1/orders', body, headers ? { headers } : {}),
    async drop(partner, fileName, text) {
      const folder = join(dataDir, 'partners', partner, 'in');
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, `.${fileName}.tmp`), text);
      await rename(join(folder, `.${fileName}.tmp`), join(folder, fileName));
    },
    async files(partner) {
      const folder = join(dataDir, 'partners', partner, 'out');
      const names = await readdir(folder).catch(() => []);
      const found = new Map<string, string>();
      for (const name of names.toSorted((a, b) => (a < b ? -1 : 1))) {
        const text = await readFile(join(folder, name), 'utf8').catch(() => undefined);
        if (text !== undefined && !name.startsWith('.')) found.set(name, text);
      }
      return found;
    },
    until: (what, read, limitMs = impatienceMs) => until(read, limitMs, { what, everyMs: 40 }),
  };
}
