import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
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
    if (Number.isInteger(pid) && !lives(pid)) await removeServer(join(tmpdir(), name));
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
