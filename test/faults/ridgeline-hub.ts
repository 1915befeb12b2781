import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Lab, type Profile, ridgeline, startLab } from '../../lab/harness.ts';
import { applyDocument } from '../../src/cli/apply.ts';
import { type HubProcess, type HubProcessOptions, freePort, startHubProcess } from './hub-process.ts';

/** Nobody orders these away in a run. */
const plenty = '900000000';

export interface RidgelineHub {
  hub: HubProcess;
  readonly lab: Lab;
  readonly adminKey: string;
  readonly dataDir: string;
  /**
   * Starts the hub again with the same data, at the same address.
   * @param crashAt where it ends itself; @throws EndedAtStart when that is before it is up
   */
  restart(crashAt?: string): Promise<void>;
  /** A second hub on the same database, at an address of its own. */
  startAnother(env?: Record<string, string>): Promise<HubProcess>;
  /** The end of what the hub has logged, for whoever finds it gone. */
  lastWords(): string;
  stop(): Promise<void>;
}

export interface RidgelineHubOptions {
  folder: string;
  /** The hub's data; default: below the folder. */
  dataDir?: string;
  profile?: Profile;
  databaseUrl?: string;
  env?: Record<string, string>;
  /** Whether the lab syncs its logs to disk. */
  durable?: boolean;
  idempotency?: 'A' | 'C';
  /** How the hub reaches its systems, where not directly: e.g. through a fault proxy. */
  urls?: (urls: Lab['urls']) => Promise<Lab['urls']>;
  /** Changes to single connections. */
  settings?: Readonly<Record<string, Record<string, unknown>>>;
  only?: Parameters<typeof startLab>[0]['only'];
}

/** A hub process with Ridgeline and stock without end, and the lab around it; each system a process of its own. */
export async function startRidgelineHub(options: RidgelineHubOptions): Promise<RidgelineHub> {
  const adminKey = 'fault-run-admin-key-0123456789';
  const dataDir = options.dataDir ?? join(options.folder, 'data');
  const lab = await startLab({
    dir: join(options.folder, 'lab'),
    profile: options.profile ?? 'zero',
    durable: options.durable ?? true,
    partnersDir: join(dataDir, 'partners'),
    ...(options.only === undefined ? {} : { only: options.only }),
  });
  const logFile = join(options.folder, 'hub.log');
  const start: HubProcessOptions = {
    dataDir,
    port: await freePort(),
    adminKey,
    databaseUrl: options.databaseUrl,
    env: options.env,
    logFile,
  };
  const running: RidgelineHub = {
    hub: await startHubProcess(start),
    lab,
    adminKey,
    dataDir,
    async restart(crashAt) {
      running.hub = await startHubProcess({ ...start, ...(crashAt === undefined ? {} : { crashAt }) });
    },
    startAnother: async (env) => startHubProcess({ ...start, port: await freePort(), env: { ...start.env, ...env } }),
    lastWords: () => readFileSync(logFile, 'utf8').slice(-3_000),
    async stop() {
      if (running.hub.alive) await running.hub.stop();
      await lab.stop();
    },
  };
  try {
    await lab.setHub(running.hub.url);
    await applyRidgeline(running, options);
    return running;
  } catch (error) {
    await running.stop();
    throw error;
  }
}

async function applyRidgeline({ hub, lab, adminKey }: RidgelineHub, options: RidgelineHubOptions): Promise<void> {
  const now = new Date();
  const document = ridgeline({
    now,
    urls: (await options.urls?.(lab.urls)) ?? lab.urls,
    secrets: lab.secrets,
    settings: {
      ...options.settings,
      // Longer than anything the lab does late; much shorter than in real life, so that doubts are over soon.
      erp: { idempotency: options.idempotency ?? 'C', settleMs: 1_000, ...options.settings?.['erp'] },
    },
  }) as unknown as { stock: { positions: { sku: string; lot?: string; quantity: string }[] }[] };
  for (const snapshot of document.stock) {
    for (const position of snapshot.positions) if (position.lot === undefined) position.quantity = plenty;
  }
  await applyDocument({ url: hub.url, key: adminKey, document, now });
}
