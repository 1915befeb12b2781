import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Dials, Profile } from './dials.ts';
import { type Effect, readEffects } from './effect-log.ts';
import type { SystemConfig, SystemKind } from './lab-system.ts';
import type { FromSystem, ToSystem } from './run-system.ts';

/** The systems of the lab, each a process; those that speak HTTP are the connections of the same name at the hub. */
export const SYSTEMS = ['erp', 'wms-dc1', 'warehouse-3pl', 'carrier', 'storefront', 'partner'] as const;
export type SystemName = (typeof SYSTEMS)[number];

const kinds: Readonly<Record<SystemName, SystemKind>> = {
  erp: 'erp',
  'wms-dc1': 'wms',
  'warehouse-3pl': 'warehouse-3pl',
  carrier: 'carrier',
  storefront: 'storefront',
  partner: 'partner',
};

/** The accounts under which the hub keeps the mailboxes of those who trade by EDI. */
const accounts: Readonly<Partial<Record<SystemName, string>>> = { partner: 'C100', 'warehouse-3pl': 'RENO' };

/** Ports of the demo, so that links and bookmarks stay; tests take whatever is free (0). */
export const DEMO_PORTS: Readonly<Record<SystemName, number>> = {
  erp: 8091,
  'wms-dc1': 8092,
  'warehouse-3pl': 8093,
  carrier: 8094,
  storefront: 8095,
  partner: 8096,
};

export interface SystemSecrets {
  /** What the hub calls it with. */
  apiKey: string;
  /** What it signs its webhooks with, `whsec_…`. */
  webhookSecret: string;
}

export interface LabOptions {
  /** Logs go to `<dir>/<system>.ndjson`; a lab started again in the same folder goes on where it was. */
  dir: string;
  /** Where webhooks go; may be told later by `setHub`. */
  hubUrl?: string;
  profile: Profile;
  only?: readonly SystemName[];
  ports?: Partial<Record<SystemName, number>>;
  /** Made at random where absent. */
  secrets?: Partial<Record<SystemName, SystemSecrets>>;
  dials?: Partial<Record<SystemName, Partial<Dials>>>;
  /** The time it is in the lab when it starts; from then on it passes as usual. Default: now. */
  startAt?: Date;
  /** Whether every effect is synced to disk before it is answered; default true. */
  durable?: boolean;
  /** The hub's folder of mailboxes, `$CROSSDOCK_DATA/partners`; without it those who trade by EDI talk to themselves. */
  partnersDir?: string;
}

export interface Lab {
  readonly urls: Readonly<Partial<Record<SystemName, string>>>;
  readonly secrets: Readonly<Record<SystemName, SystemSecrets>>;
  setHub(url: string): Promise<void>;
  /** Turns dials; answers all of them. */
  dials(system: SystemName, change?: Partial<Dials>): Promise<Dials>;
  /** Everything the system has logged, oldest first. */
  logs(system: SystemName): Effect[];
  /** A control call, e.g. `control('erp', 'POST', '/_payments', {…})`. */
  control(system: SystemName, method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<unknown>;
  /** kill −9, for tests of the hub's patience. */
  kill(system: SystemName): Promise<void>;
  /** Starts a stopped system again on its old port. */
  start(system: SystemName): Promise<void>;
  stop(): Promise<void>;
}

interface Running {
  child: ChildProcess;
  port: number;
}

/** Starts the systems side by side, the carrier first because the warehouses meet it. */
export async function startLab(options: LabOptions): Promise<Lab> {
  const names = options.only ?? SYSTEMS;
  const running = new Map<SystemName, Running>();
  const ports = new Map<SystemName, number>();
  const secrets = Object.fromEntries(
    SYSTEMS.map((name) => [name, options.secrets?.[name] ?? randomSecrets()]),
  ) as Record<SystemName, SystemSecrets>;
  const clockOffsetMs = options.startAt ? options.startAt.getTime() - Date.now() : 0;
  let hubUrl = options.hubUrl ?? '';

  const urlOf = (name: SystemName): string | undefined => {
    const port = ports.get(name);
    return port === undefined ? undefined : `http://127.0.0.1:${port}`;
  };
  const start = async (name: SystemName): Promise<void> => {
    const config: SystemConfig = {
      system: name,
      kind: kinds[name],
      port: ports.get(name) ?? options.ports?.[name] ?? 0,
      dir: options.dir,
      hubUrl,
      connection: name,
      ...secrets[name],
      profile: options.profile,
      dials: options.dials?.[name],
      clockOffsetMs,
      durable: options.durable ?? true,
      carrierUrl: urlOf('carrier'),
      mailboxDir: mailboxOf(options.partnersDir, name),
    };
    const started = await startProcess(config);
    running.set(name, started);
    ports.set(name, started.port);
  };
  const control: Lab['control'] = async (name, method, path, body) => {
    const reply = await fetch(`${urlOf(name)}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = await reply.json();
    if (!reply.ok) throw new Error(`${name} ${method} ${path}: HTTP ${reply.status} ${JSON.stringify(answer)}`);
    return answer;
  };
  const stop = async (): Promise<void> => {
    await Promise.all([...running.values()].map(({ child }) => endProcess(child)));
    running.clear();
  };
  try {
    if (names.includes('carrier')) await start('carrier');
    await Promise.all(names.filter((name) => name !== 'carrier').map(start));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    urls: Object.fromEntries(names.map((name) => [name, urlOf(name)])),
    secrets,
    async setHub(url) {
      hubUrl = url;
      await Promise.all([...running.keys()].map((name) => control(name, 'PUT', '/_hub', { url })));
    },
    dials: async (name, change) => (await control(name, change ? 'PUT' : 'GET', '/_dials', change)) as Dials,
    logs: (name) => readEffects(join(options.dir, `${name}.ndjson`)),
    control,
    async kill(name) {
      const child = running.get(name)?.child;
      running.delete(name);
      if (child) await endProcess(child, 'SIGKILL');
    },
    start,
    stop,
  };
}

function mailboxOf(partnersDir: string | undefined, name: SystemName): string | undefined {
  const account = accounts[name];
  return partnersDir === undefined || account === undefined ? undefined : join(partnersDir, account);
}

function randomSecrets(): SystemSecrets {
  return {
    apiKey: randomBytes(24).toString('base64url'),
    webhookSecret: `whsec_${randomBytes(24).toString('base64')}`,
  };
}

const script = fileURLToPath(new URL('run-system.ts', import.meta.url));

async function startProcess(config: SystemConfig): Promise<Running> {
  const child = fork(script, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
  const answer = await new Promise<FromSystem>((resolve) => {
    child.once('message', (message: FromSystem) => resolve(message));
    child.once('exit', (code) => resolve({ type: 'failed', message: `ended with code ${code}` }));
    child.send({ type: 'start', config } satisfies ToSystem);
  });
  if (answer.type === 'failed') {
    child.kill('SIGKILL');
    throw new Error(`The lab's ${config.system} did not start: ${answer.message}`);
  }
  return { child, port: answer.port };
}

async function endProcess(child: ChildProcess, signal?: 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  if (signal) child.kill(signal);
  else child.send({ type: 'stop' } satisfies ToSystem, () => {});
  const impatience = setTimeout(() => child.kill('SIGKILL'), 3_000);
  await ended;
  clearTimeout(impatience);
}
