import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import hubFlags from '../../scripts/hub-flags.json' with { type: 'json' };

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export interface HubProcess {
  readonly url: string;
  readonly pid: number;
  /** kill −9 of the hub's process group: nothing of it gets to say goodbye. */
  kill(): Promise<void>;
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
}

const startLimitMs = 60_000;

/** A hub as users run it: the command line in a process group of its own. Answers when it says where it is. */
export async function startHubProcess(options: HubProcessOptions): Promise<HubProcess> {
  const { CROSSDOCK_URL: _, DATABASE_URL: __, ...inherited } = process.env;
  const child = spawn(process.execPath, [...hubFlags, main, 'start', '--json'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...inherited,
      CROSSDOCK_DATA: options.dataDir,
      CROSSDOCK_PORT: String(options.port),
      CROSSDOCK_ADMIN_KEY: options.adminKey,
      CROSSDOCK_LOG_LEVEL: 'warn',
      ...(options.databaseUrl === undefined ? {} : { DATABASE_URL: options.databaseUrl }),
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
  const exited = once(child, 'exit') as Promise<[number | null]>;
  try {
    const { url } = await firstLine(child, said);
    return {
      url,
      pid: child.pid ?? 0,
      async kill() {
        if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid ?? 0), 'SIGKILL');
        await exited;
      },
      async stop() {
        child.kill('SIGTERM');
        return (await exited)[0];
      },
      get alive() {
        return child.exitCode === null && child.signalCode === null;
      },
    };
  } catch (error) {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    throw error;
  }
}

function firstLine(child: ChildProcess, said: readonly string[]): Promise<{ url: string }> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`the hub did not start (${why}): ${said.join('')}`));
    const timer = setTimeout(() => fail('no answer'), startLimitMs);
    child.once('exit', (code) => fail(`exit ${code}`));
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
