import { mkdirSync, mkdtempSync, rmdirSync, type Stats, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { HubError } from './errors.ts';

/** When root runs the hub, PostgreSQL works as another user and has to get through; it need not see what lies there. */
const isRoot = process.getuid?.() === 0;

/** What others may do in a data folder at most. */
export const othersInDataFolder = isRoot ? 0o001 : 0;

/**
 * Makes the data folder when it is not there, and tries that it can be written to: it holds keys, orders and the database. One that is
 * there stays as its operator set it up, who may have let a file server's group in; `crossdock doctor` tells of one that is open
 * to everybody. One folder at a time from the first that is there: asked to make
 * all of them at once below /proc, Node never ends.
 * @throws HubError CONFIG_INVALID with what to do
 */
export function makeDataFolder(dataDir: string): void {
  const wanted = resolve(dataDir);
  const missing: string[] = [];
  let there = wanted;
  try {
    let found: Stats | undefined;
    while ((found = statOf(there)) === undefined) {
      missing.unshift(there);
      there = dirname(there);
    }
    if (!found.isDirectory()) throw unusable(wanted, `${there} is not a folder`);
    for (const dir of missing) makeOne(dir, dir === wanted ? { mode: isRoot ? 0o711 : 0o700 } : {});
    // Rights alone do not tell: root has them all, also where nothing can be made.
    rmdirSync(mkdtempSync(join(wanted, '.writable-')));
  } catch (error) {
    if (error instanceof HubError) throw error;
    throw unusable(wanted, reasonOf(error as NodeJS.ErrnoException), error);
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Below a file there is nothing; the file itself is found next.
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

function makeOne(dir: string, options: { mode?: number }): void {
  try {
    mkdirSync(dir, options);
  } catch (error) {
    // Another hub that starts on the same folder was faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'EACCES' || code === 'EPERM') return 'it may not be written to';
  if (code === 'EROFS') return 'it lies on a read-only file system';
  if (code === 'ENOENT') return 'no folder can be made there';
  return message;
}

const unusable = (dir: string, why: string, cause?: unknown): HubError =>
  new HubError('CONFIG_INVALID', {
    message: `The data folder ${dir} cannot be used: ${why}. Set CROSSDOCK_DATA to a folder that the hub may write to`,
    errors: [{ pointer: 'CROSSDOCK_DATA', code: 'folder', message: why }],
    cause,
  });
