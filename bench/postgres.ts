import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { migrate, silentLogger, startEmbeddedPostgres } from '../src/platform/index.ts';

export interface BenchServer {
  /** A new empty database of this server, owned by the hub's owner. */
  createDatabase(name: string): Promise<string>;
  /** As above, with all migrations applied. */
  createHubDatabase(name: string): Promise<string>;
  dropDatabase(name: string): Promise<void>;
  /** For pgbench, which connects without a password through the same socket. */
  superuserUrl(name: string): string;
  /** Process id of the server's first process. */
  postmaster(): Promise<number>;
  describe(): Promise<Record<string, string>>;
  stop(): Promise<void>;
}

const migrationsDir = fileURLToPath(new URL('../migrations', import.meta.url));

/**
 * The PostgreSQL that both sides of every row run on: the hub's own, with fsync and synchronous commit.
 * @param settings of the server on top of the hub's own, to look closer at what it does
 */
export async function startBenchServer(settings: Record<string, string> = {}): Promise<BenchServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'crossdock-bench-'));
  const server = await startEmbeddedPostgres({ dataDir, log: silentLogger, supervise: false, settings });
  const withName = (url: string, name: string): string => {
    const parsed = new URL(url.replace('@/', '@localhost/'));
    parsed.pathname = `/${name}`;
    return parsed.href;
  };
  const run = async (sql: string): Promise<pg.QueryResult> => {
    const client = new pg.Client({ connectionString: server.superuserUrl });
    await client.connect();
    try {
      return await client.query(sql);
    } finally {
      await client.end();
    }
  };
  await age(run);
  const owner = decodeURIComponent(new URL(server.url.replace('@/', '@localhost/')).username);
  return {
    async createDatabase(name) {
      await run(`CREATE DATABASE ${name} OWNER ${owner}`);
      return withName(server.url, name);
    },
    async createHubDatabase(name) {
      await run(`CREATE DATABASE ${name} OWNER ${owner}`);
      const url = withName(server.url, name);
      await migrate({ url, dir: migrationsDir, log: silentLogger });
      return url;
    },
    dropDatabase: async (name) => void (await run(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)),
    superuserUrl: (name) => withName(server.superuserUrl, name),
    async postmaster() {
      const { rows } = await run("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int AS pid");
      return Number(rows[0]?.pid);
    },
    async describe() {
      const names = ['server_version', 'fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers'];
      const entries = await Promise.all(
        names.map(async (name) => [name, String((await run(`SHOW ${name}`)).rows[0]?.[name])]),
      );
      return Object.fromEntries(entries) as Record<string, string>;
    },
    async stop() {
      await server.stop();
      // As root the cluster is kept where its user can get to, outside the folder.
      await rm(dirname(server.logFile), { recursive: true, force: true });
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** As many segments as the server keeps to be written again (min_wal_size), 16 MB each. */
const keptSegments = 64;

/**
 * Makes a new server like one that has run for an hour: its log is written into segments that were used before. A new
 * server makes every segment anew and fills it with zeros first, which costs whoever writes most of the log most.
 */
async function age(run: (sql: string) => Promise<pg.QueryResult>): Promise<void> {
  await run('CREATE TABLE log_filler (n integer)');
  for (let n = 0; n < keptSegments; n++) {
    await run('INSERT INTO log_filler VALUES (1)');
    await run('SELECT pg_switch_wal()');
  }
  await run('DROP TABLE log_filler');
  await run('CHECKPOINT');
}
