import { access, stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { Check } from './doctor-check.ts';
import { runCommand } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { type Config, isHubError, loadConfig, makeDataFolder, othersInDataFolder } from '../platform/index.ts';
import { adminKeyFile, masterKeyFile } from '../security/index.ts';

const leastDiskBytes = 1024 ** 3;

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check what the hub needs and what it is at, from Node to the oldest delivery; each with a fix')
    .option('--start', 'start the hub’s own database to look inside, where it does not run, and stop it again')
    .option('--json', 'machine-readable')
    .action((options: { json?: boolean; start?: boolean }) =>
      runCommand(options, async ({ output }) => {
        const checks = await examine(process.env, options.start === true);
        const words = { ok: 'ok     ', warning: 'warning', failing: 'FAILING' };
        output.result({ checks }, () =>
          checks
            .map(
              (check) =>
                `${words[check.state]}  ${check.name}: ${check.detail}${check.fix === undefined ? '' : `\n         fix: ${check.fix}`}`,
            )
            .join('\n'),
        );
        return checks.some((check) => check.state === 'failing') ? exitCodes.refused : exitCodes.ok;
      }),
    );
}

async function examine(env: NodeJS.ProcessEnv, start: boolean): Promise<Check[]> {
  const checks = [checkNode()];
  let config: Config;
  try {
    config = loadConfig(env);
  } catch (error) {
    if (!isHubError(error)) throw error;
    const problems = (error.errors ?? []).map((problem) => `${problem.pointer} ${problem.message ?? problem.code}`);
    return [
      ...checks,
      { name: 'configuration', state: 'failing', detail: problems.join('; '), fix: 'correct these variables' },
    ];
  }
  checks.push(checkVariables(config));
  checks.push(await checkDataFolder(config), await checkDisk(config), await checkKeys(config));
  checks.push(await checkPort(config), await checkConsole());
  // The hub's rooms are loaded only where they are needed: other commands must not wait for them.
  const { examineDatabase } = await import('./doctor-database.ts');
  checks.push(...(await examineDatabase(config, start)));
  return checks;
}

function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const good = major > 24 || (major === 24 && minor >= 12);
  const detail = `version ${process.versions.node}`;
  return good
    ? { name: 'Node', state: 'ok', detail }
    : { name: 'Node', state: 'failing', detail, fix: 'start by ./bin/crossdock, which uses its own Node 24' };
}

function checkVariables(config: Config): Check {
  const unknown = config.unknownVariables;
  if (unknown.length === 0) return { name: 'configuration', state: 'ok', detail: 'every variable is understood' };
  return {
    name: 'configuration',
    state: 'warning',
    detail: `not understood: ${unknown.join(', ')}`,
    fix: 'check their spelling',
  };
}

async function checkDataFolder(config: Config): Promise<Check> {
  const name = 'data folder';
  try {
    makeDataFolder(config.dataDir);
    const { mode } = await stat(config.dataDir);
    if ((mode & 0o007 & ~othersInDataFolder) === 0) return { name, state: 'ok', detail: config.dataDir };
    const fix = `chmod o-rw${othersInDataFolder === 0 ? 'x' : ''} ${config.dataDir}`;
    return { name, state: 'warning', detail: `${config.dataDir} is open to every user of this machine`, fix };
  } catch (error) {
    return { name, state: 'failing', detail: (error as Error).message, fix: 'make it writable, or set CROSSDOCK_DATA' };
  }
}

async function checkDisk(config: Config): Promise<Check> {
  const name = 'disk';
  const found = await statfs(config.dataDir).catch(() => undefined);
  if (found === undefined) return { name, state: 'warning', detail: 'free space is not known' };
  const free = found.bavail * found.bsize;
  const detail = `${(free / 1024 ** 3).toFixed(1)} GB free`;
  return free >= leastDiskBytes
    ? { name, state: 'ok', detail }
    : { name, state: 'failing', detail, fix: 'free at least 1 GB' };
}

async function checkKeys(config: Config): Promise<Check> {
  const name = 'keys';
  const open: string[] = [];
  for (const file of [adminKeyFile, masterKeyFile]) {
    const found = await stat(join(config.dataDir, file)).catch(() => undefined);
    if (found !== undefined && (found.mode & 0o077) !== 0) open.push(file);
  }
  if (open.length === 0) return { name, state: 'ok', detail: 'readable by their owner only, or not made yet' };
  const fix = `chmod 600 ${open.map((file) => join(config.dataDir, file)).join(' ')}`;
  return { name, state: 'failing', detail: `others can read ${open.join(', ')}`, fix };
}

async function checkPort(config: Config): Promise<Check> {
  const name = 'port';
  const live = await fetch(`http://127.0.0.1:${config.port}/livez`, { signal: AbortSignal.timeout(2000) }).catch(
    () => undefined,
  );
  if (live?.ok === true) return { name, state: 'ok', detail: `a hub answers on ${config.port}` };
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen(config.port, config.host, () => server.close(() => resolve(undefined)));
  });
  if (error === undefined) return { name, state: 'ok', detail: `${config.host}:${config.port} is free` };
  return {
    name,
    state: 'failing',
    detail: `${config.host}:${config.port}: ${error.code ?? error.message}`,
    fix: 'stop what uses it, or set CROSSDOCK_PORT',
  };
}

async function checkConsole(): Promise<Check> {
  const index = fileURLToPath(new URL('../../console/dist/index.html', import.meta.url));
  const built = await access(index).then(
    () => true,
    () => false,
  );
  if (built) return { name: 'console', state: 'ok', detail: 'built' };
  return {
    name: 'console',
    state: 'warning',
    detail: 'not built',
    fix: 'npm run build:console, or start by ./bin/crossdock',
  };
}
