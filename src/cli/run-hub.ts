import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RunningHub, startHub } from '../app/index.ts';
import { type Demo, startDemo } from './demo.ts';
import { runCommand } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import type { Output } from './output.ts';
import {
  type Config,
  createLogger,
  loadConfig,
  type Logger,
  makeDataFolder,
  stopOnSignals,
  tryPort,
} from '../platform/index.ts';
import { adminKeyFile, type Tenant } from '../security/index.ts';

const consoleDir = fileURLToPath(new URL('../../console/dist', import.meta.url));

const mainTenant: Tenant = { id: 'main', name: 'Main', demo: false };
const demoTenant: Tenant = { id: 'ridgeline', name: 'Ridgeline Industrial Supply', demo: true };

/** Runs the hub until it is stopped: empty, or as the demo with Ridgeline and the systems around it. */
export async function runHub(options: { readonly json?: boolean }, demo?: { traffic: boolean }): Promise<void> {
  const tenant = demo === undefined ? mainTenant : demoTenant;
  await runCommand(options, async ({ output }) => {
    const config = loadConfig(process.env);
    makeDataFolder(config.dataDir);
    if (config.roles.includes('api')) await tryPort(config);
    const quiet = demo !== undefined && process.env.CROSSDOCK_LOG_LEVEL === undefined;
    const log = createLogger({ level: quiet ? 'warn' : config.logLevel, name: 'crossdock' });
    if (config.unknownVariables.length > 0)
      log.warn({ variables: config.unknownVariables }, 'variables that mean nothing to the hub');
    const hub = await startHub({
      config,
      log,
      tenant,
      // At once: a graceful stop would write what is in memory into a database that it is not about.
      onPutBack: () => process.exit(exitCodes.refused),
      ...(existsSync(consoleDir) ? { consoleDir } : {}),
    });
    stopOnSignals(hub.stopper);
    const running = demo === undefined ? undefined : await runDemo(hub, config, log, demo, output);
    if (running !== undefined) hub.stopper.onStop('lab', () => running.stop());
    welcome(hub, config, tenant, output);
    return exitCodes.ok;
  });
}

async function runDemo(
  hub: RunningHub,
  config: Config,
  log: Logger,
  demo: { traffic: boolean },
  output: Output,
): Promise<Demo> {
  output.say('setting up Ridgeline and the systems around it …');
  try {
    return await startDemo({ hub, dataDir: config.dataDir, log, traffic: demo.traffic });
  } catch (error) {
    await hub.stop('the demo could not be set up');
    throw error;
  }
}

/** Says where the console is and how to get in. The key itself is shown to a person at a terminal only, never to a log. */
function welcome(hub: RunningHub, config: Config, tenant: Tenant, output: Output): void {
  const keyFile = join(config.dataDir, adminKeyFile);
  const preset = config.adminKey !== undefined;
  const signIn = preset
    ? 'sign in with the key in CROSSDOCK_ADMIN_KEY'
    : process.stdout.isTTY
      ? `sign in with the key ${hub.adminKey}  (kept in ${keyFile})`
      : `sign in with the key in ${keyFile}`;
  output.result(
    {
      url: hub.url,
      console: `${hub.url}/`,
      docs: `${hub.url}/docs`,
      tenant: tenant.id,
      adminKeyFile: preset ? null : keyFile,
    },
    [
      `Crossdock is running (${tenant.name}).`,
      `  console  ${hub.url}/`,
      `           ${signIn}`,
      `  API      ${hub.url}/docs`,
      '  stop     Ctrl-C',
    ].join('\n'),
  );
}
