import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { silentLogger, startEmbeddedPostgres } from '../../src/platform/index.ts';

/** The PostgreSQL that the tests of one run share. */
export interface TestServer {
  /** The schema owner's URL: what DATABASE_URL is to a hub. */
  readonly ownerUrl: string;
  /** Sees every tenant's rows; makes and drops databases. */
  readonly superuserUrl: string;
}

/** Set by the global set-up; names the folder of the run. */
export const serverDirVariable = 'CROSSDOCK_TEST_SERVER_DIR';

let server: Promise<TestServer> | undefined;

/** The server of DATABASE_URL, or an embedded one that the first caller of the run starts. */
export function testServer(): Promise<TestServer> {
  server ??= findOrStart();
  return server;
}

async function findOrStart(): Promise<TestServer> {
  const given = process.env['DATABASE_URL'];
  if (given !== undefined && given !== '') return { ownerUrl: given, superuserUrl: given };
  const dir = process.env[serverDirVariable];
  if (dir === undefined) throw new Error('No test server: run the tests by vitest, whose global set-up prepares it');
  const note = join(dir, 'server.json');
  if (existsSync(note)) return JSON.parse(readFileSync(note, 'utf8')) as TestServer;
  const embedded = await startEmbeddedPostgres({
    dataDir: dir,
    log: silentLogger,
    supervise: false,
    // Durability as in production; only sized for a short life beside other work.
    settings: { shared_buffers: '128MB', max_connections: '200', max_wal_size: '1GB' },
  });
  const found: TestServer = { ownerUrl: embedded.url, superuserUrl: embedded.superuserUrl };
  writeFileSync(`${note}.${process.pid}`, JSON.stringify(found));
  renameSync(`${note}.${process.pid}`, note);
  return found;
}

/** Stops the server of a run's folder and deletes the folder, and where the database was kept elsewhere that too. */
export async function removeServer(dir: string): Promise<void> {
  if (existsSync(join(dir, 'server.json'))) {
    const embedded = await startEmbeddedPostgres({ dataDir: dir, log: silentLogger, supervise: false });
    await embedded.stop();
    rmSync(dirname(embedded.logFile), { recursive: true, force: true });
  }
  rmSync(dir, { recursive: true, force: true });
}
