import { mkdirSync, mkdtempSync, rmdirSync, type Stats, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { HubError } from './errors.ts';

/**
 * Makes the data folder and tries that it can be written to. One folder at a time from the first that is there: asked to make
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
    for (const dir of missing) makeOne(dir);
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

function makeOne(dir: string): void {
  try {
    mkdirSync(dir);
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

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Listens for a moment, so that a taken port is known before a database is started for nothing. @throws as {@link listenFailure} */
export async function tryPort(address: Address): Promise<void> {
  const error = await new Promise<Error | undefined>((done) => {
    const server = createServer();
    server.once('error', done);
    server.listen(address.port, address.host, () => server.close(() => done(undefined)));
  });
  if (error !== undefined) throw listenFailure(error, address);
}

/** ALREADY_RUNNING where the port is taken, CONFIG_INVALID where the address cannot be listened on; others as they are. */
export function listenFailure(error: unknown, { host, port }: Address): unknown {
  const at = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const invalid = (pointer: string, why: string): HubError =>
    new HubError('CONFIG_INVALID', { message: why, errors: [{ pointer, code: 'listen', message: why }], cause: error });
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new HubError('ALREADY_RUNNING', {
        message: `${at} is taken: stop what uses it, or set CROSSDOCK_PORT`,
        cause: error,
      });
    case 'EACCES':
      return invalid('CROSSDOCK_PORT', `This user may not listen on ${at}: set CROSSDOCK_PORT to one from 1024 on`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return invalid('CROSSDOCK_HOST', `${host} is not an address of this machine: set CROSSDOCK_HOST to one that is`);
    default:
      return error;
  }
}
