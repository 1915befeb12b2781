import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeServer, serverDirVariable } from './test-server.ts';

const prefix = 'crossdock-test-';

/**
 * Gives all test processes of a run one folder; the first that asks for a database starts PostgreSQL there, so that a
 * run without database tests starts none. Also sweeps the folders of runs that were killed.
 */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  // Every vitest project calls this in the same process: the first one does the work.
  if (process.env[serverDirVariable] !== undefined) return undefined;
  await sweep();
  const dir = join(tmpdir(), `${prefix}${process.pid}`);
  // Left by a killed run that had the same number.
  if (existsSync(dir)) await removeServer(dir);
  mkdirSync(dir, { recursive: true });
  // As root PostgreSQL runs as another user, who has to get through whatever the umask says.
  chmodSync(dir, 0o755);
  process.env[serverDirVariable] = dir;
  return async () => {
    delete process.env[serverDirVariable];
    await removeServer(dir);
  };
}

async function sweep(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length)) : Number.NaN;
    if (Number.isInteger(pid) && !lives(pid)) await sweepRun(join(tmpdir(), name));
  }
}

/** Removes the folder of a run that was killed; of several runs that find it, one does. @returns whether it was this one */
export async function sweepRun(dir: string): Promise<boolean> {
  if (!claim(join(dir, 'swept-by'))) return false;
  // A folder that cannot be removed must not keep tests from running.
  await removeServer(dir).catch(() => {});
  return true;
}

/** True for the one who may sweep: nobody else does, or who did has died over it. */
function claim(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    // The folder is gone: somebody has finished.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false;
  }
  const taken = `${file}.${process.pid}`;
  try {
    const holder = Number(readFileSync(file, 'utf8'));
    if (holder === 0 || lives(holder)) return false;
    // Only one of those who find the dead one's claim can move it away.
    renameSync(file, taken);
    rmSync(taken);
    return claim(file);
  } catch {
    return false;
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
