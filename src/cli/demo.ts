import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { RunningHub } from '../app/index.ts';
import { applyDocument } from './apply.ts';
import { HubError, type Logger } from '../platform/index.ts';

const labMain = fileURLToPath(new URL('../../lab/main.ts', import.meta.url));
const labStartMs = 60_000;
const labStopMs = 10_000;
const restartDelayMs = 2_000;

export interface Demo {
  stop(): Promise<void>;
}

interface DemoOptions {
  readonly hub: RunningHub;
  readonly dataDir: string;
  readonly log: Logger;
  readonly traffic: boolean;
}

/**
 * Surrounds a hub with the simulated systems of Ridgeline, as processes of their own that speak HTTP and files to it, and
 * applies Ridgeline's data pointed at them. The hub knows nothing of the lab: it is a client and a peer like any other.
 */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  let stopping = false;
  let lab = await startLab(options);
  const document: unknown = JSON.parse(await readFile(lab.ridgeline, 'utf8'));
  await applyDocument({ url: options.hub.url, key: options.hub.adminKey, document, now: new Date() });

  const watch = (): void => {
    lab.process.once('exit', (code, signal) => {
      if (stopping) return;
      options.log.warn({ code, signal }, 'the simulated systems ended and are started again');
      setTimeout(() => {
        if (stopping) return;
        startLab(options).then(
          (next) => {
            lab = next;
            watch();
          },
          (error: Error) => options.log.error({ err: error }, 'the simulated systems could not be started again'),
        );
      }, restartDelayMs).unref();
    });
  };
  watch();
  return {
    async stop() {
      stopping = true;
      await endLab(lab.process);
    },
  };
}

interface Lab {
  readonly process: ChildProcess;
  /** Path of Ridgeline as an apply file, with the addresses and secrets of these systems. */
  readonly ridgeline: string;
}

async function startLab(options: DemoOptions): Promise<Lab> {
  try {
    return await spawnLab(options, []);
  } catch (error) {
    options.log.warn({ err: error }, 'the simulated systems did not start on their usual ports; trying free ones');
    return spawnLab(options, ['--free-ports']);
  }
}

async function spawnLab({ hub, dataDir, traffic }: DemoOptions, extra: readonly string[]): Promise<Lab> {
  const args = [
    labMain,
    '--hub',
    hub.url,
    '--dir',
    join(dataDir, 'lab'),
    '--partners-dir',
    join(dataDir, 'partners'),
    '--profile',
    'demo',
  ];
  const child = spawn(process.execPath, [...args, ...(traffic ? ['--traffic'] : []), ...extra], {
    // The channel closes when the hub is gone, however it went; the lab ends with it.
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: { ...process.env, CROSSDOCK_ADMIN_KEY: hub.adminKey },
  });
  try {
    return { process: child, ridgeline: await readAnnouncement(child) };
  } catch (error) {
    await endLab(child);
    throw error;
  }
}

async function readAnnouncement(child: ChildProcess): Promise<string> {
  const lines = createInterface({ input: child.stdout! });
  const timeout = AbortSignal.timeout(labStartMs);
  const failed = once(child, 'exit', { signal: timeout }).then(([code]) => {
    throw new HubError('INTERNAL', { message: `The simulated systems ended at once, with status ${code}` });
  });
  const said = once(lines, 'line', { signal: timeout }).then(
    ([line]) => JSON.parse(String(line)) as { ridgeline: string },
  );
  // Whichever comes second has nobody left to tell.
  failed.catch(() => {});
  said.catch(() => {});
  const { ridgeline } = await Promise.race([said, failed]);
  child.stdout!.resume();
  return ridgeline;
}

async function endLab(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), labStopMs);
  await ended;
  clearTimeout(timer);
}
