import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { compiledEnv, ensureCompiled } from '../../scripts/compiled.mjs';
import hubProcess from '../../scripts/hub-process.json' with { type: 'json' };

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
/** The fault suite's own root: the same hub, which ends itself where CROSSDOCK_CRASH_AT says. */
const crashingMain = fileURLToPath(new URL('crash/main.ts', import.meta.url));

export interface HubProcess {
  readonly url: string;
  readonly pid: number;
  /** kill −9 of the hub's process group: nothing of it gets to say goodbye. */
  kill(): Promise<void>;
  /** Stops it like a process that gets no processor time, and lets it go on. */
  freeze(): void;
  thaw(): void;
  /** Resolves when the process is gone, with the signal that ended it. */
  readonly ended: Promise<NodeJS.Signals | null>;
  /** SIGTERM: it drains. */
  stop(): Promise<number | null>;
  readonly alive: boolean;
}

export interface HubProcessOptions {
  dataDir: string;
  port: number;
  adminKey: string;
  databaseUrl?: string;
  env?: Record<string, string>;
  /** Everything the hub logs goes here. */
  logFile?: string;
  /** Where it ends itself: `point:n` of crash/crash-points.ts. */
  crashAt?: string;
}

const startLimitMs = 60_000;
/** As `bin/crossdock` does before it starts a hub. */
let compiled: Promise<void> | undefined;

/** A hub that ended itself before it was up. */
export class EndedAtStart extends Error {}

/**
 * A hub as users run it: the command line in a process group of its own. Answers when it says where it is.
 * @throws EndedAtStart when `crashAt` was reached before that
 */
export async function startHubProcess(options: HubProcessOptions): Promise<HubProcess> {
  const { CROSSDOCK_URL: _, DATABASE_URL: __, ...inherited } = process.env;
  await (compiled ??= ensureCompiled());
  const program = options.crashAt === undefined ? [main, 'start', '--json'] : [crashingMain];
  const child = spawn(process.execPath, [...hubProcess.arguments, ...program], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...hubProcess.environment,
      ...inherited,
      CROSSDOCK_DATA: options.dataDir,
      CROSSDOCK_PORT: String(options.port),
      CROSSDOCK_ADMIN_KEY: options.adminKey,
      CROSSDOCK_LOG_LEVEL: 'warn',
      // The partners of the faults rename.
      CROSSDOCK_FOLDER_SETTLE_MS: '0',
      ...compiledEnv,
      ...(options.databaseUrl === undefined ? {} : { DATABASE_URL: options.databaseUrl }),
      ...(options.crashAt === undefined ? {} : { CROSSDOCK_CRASH_AT: options.crashAt }),
      ...options.env,
    },
  });
  const said: string[] = [];
  const log = options.logFile === undefined ? undefined : createWriteStream(options.logFile, { flags: 'a' });
  child.stderr.on('data', (chunk: Buffer) => {
    said.push(String(chunk));
    if (said.length > 50) said.shift();
    log?.write(chunk);
  });
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  try {
    const { url } = await firstLine(child, said);
    return {
      url,
      pid: child.pid ?? 0,
      async kill() {
        if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid ?? 0), 'SIGKILL');
        await exited;
      },
      freeze: () => void process.kill(-(child.pid ?? 0), 'SIGSTOP'),
      thaw: () => void process.kill(-(child.pid ?? 0), 'SIGCONT'),
      ended: exited.then(([, signal]) => signal),
      async stop() {
        child.kill('SIGTERM');
        return (await exited)[0];
      },
      get alive() {
        return child.exitCode === null && child.signalCode === null;
      },
    };
  } catch (error) {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      process.kill(-child.pid, 'SIGKILL');
    }
    throw error;
  }
}

function firstLine(child: ChildProcess, said: readonly string[]): Promise<{ url: string }> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`the hub did not start (${why}): ${said.join('')}`));
    const timer = setTimeout(() => fail('no answer'), startLimitMs);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      if (signal === 'SIGKILL') reject(new EndedAtStart('the hub ended itself while it started'));
      else fail(`exit ${code}`);
    });
    const lines = createInterface({ input: child.stdout ?? process.stdin });
    lines.once('line', (line) => {
      clearTimeout(timer);
      try {
        resolve(JSON.parse(line) as { url: string });
      } catch {
        fail(line);
      }
    });
  });
}

/** A port that was free a moment ago: a hub that comes back has to come back where its peers know it. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
