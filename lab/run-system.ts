import { Carrier } from './carrier.ts';
import { Erp } from './erp/erp.ts';
import {
  type Bench,
  type RunningSystem,
  runSystem,
  type System,
  type SystemConfig,
  type SystemKind,
} from './lab-system.ts';
import { Partner } from './partner/partner.ts';
import { Storefront } from './storefront.ts';
import { Warehouse3pl } from './warehouse-3pl/warehouse-3pl.ts';
import { Wms } from './wms/wms.ts';

const builders: Readonly<Record<SystemKind, (bench: Bench) => System>> = {
  erp: (bench) => new Erp(bench),
  wms: (bench) => new Wms(bench),
  carrier: (bench) => new Carrier(bench),
  storefront: (bench) => new Storefront(bench),
  partner: (bench) => new Partner(bench),
  'warehouse-3pl': (bench) => new Warehouse3pl(bench),
};

/** What the parent may say, and what is answered. */
export type ToSystem = { type: 'start'; config: SystemConfig } | { type: 'stop' };
export type FromSystem = { type: 'ready'; port: number } | { type: 'failed'; message: string };

let running: RunningSystem | undefined;

async function start(config: SystemConfig): Promise<FromSystem> {
  try {
    running = await runSystem(config, builders[config.kind]);
    return { type: 'ready', port: running.port };
  } catch (error) {
    return { type: 'failed', message: (error as Error).message };
  }
}

async function stop(): Promise<void> {
  await running?.stop();
  process.exit(0);
}

// A process of its own per system, started by supervisor.ts over the process channel; it never outlives its parent.
process.on('message', (message: ToSystem) => {
  if (message.type === 'start') void start(message.config).then((answer) => process.send?.(answer));
  if (message.type === 'stop') void stop();
});
process.on('disconnect', () => void stop());
process.on('SIGINT', () => {});
process.on('SIGTERM', () => void stop());
