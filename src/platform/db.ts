import type { Duplex } from 'node:stream';
import pg from 'pg';
import type { Clock } from './clock.ts';
import { HubError } from './errors.ts';
import { sendStatement } from './prepared-query.ts';
import { isConnectionError, sqlState, translate } from './sql-errors.ts';

/** A statement; with a `name` it is prepared once per connection. The same name must always carry the same text. */
export type Sql = string | { name: string; text: string };

/** A statement with its parameters. */
export interface Statement {
  readonly sql: Sql;
  readonly params: readonly unknown[];
}

/**
 * One open transaction. Values come back as: `int8` a number (an error beyond 2^53), `numeric` an exact string, `date` the
 * string `YYYY-MM-DD`, `timestamptz` a Date, `json`/`jsonb` parsed. A jsonb parameter is passed as JSON text
 * (`JSON.stringify(rows)`): the driver would turn a JavaScript array into a PostgreSQL array.
 */
export interface Tx {
  /** The tenant whose rows this transaction sees; null in an engine transaction until `setTenant`. */
  readonly tenantId: string | null;
  /** Which of the databases that this process has opened: part of the key of whatever is remembered of its rows. */
  readonly database: number;
  query<R = Record<string, unknown>>(sql: Sql, params?: readonly unknown[]): Promise<R[]>;
  /** Runs after COMMIT has been confirmed, never after a rollback. For wake-ups and caches; must not throw. */
  afterCommit(fn: () => void): void;
}

/** What the transaction's own function gets: whoever it hands it on to as a Tx cannot end it. */
export interface CommittableTx extends Tx {
  /**
   * The last statements of the transaction, with COMMIT right behind them: one wait for all. Nothing can be decided between
   * them, so that each has to fail by itself where what it finds is not as it must be (`ledger_refuse()`). No query follows.
   * Answers the rows of each.
   */
  commitWith(statements: readonly Statement[]): Promise<unknown[][]>;
}

export interface DbStats {
  readonly total: number;
  readonly idle: number;
  readonly waiting: number;
}

export interface Db {
  /**
   * Runs `fn` in one READ COMMITTED transaction that sees the rows of one tenant. Rolls back when `fn` throws.
   * Inside a transaction never await anything but its queries: row locks are held meanwhile.
   * @throws HubError COMMIT_OUTCOME_UNKNOWN when the connection breaks during COMMIT: re-read by key.
   */
  tx<T>(tenantId: string, fn: (tx: CommittableTx) => Promise<T>): Promise<T>;
  /** A transaction without a tenant, across all of them; only for a pool opened as crossdock_engine. */
  engineTx<T>(fn: (tx: Tx) => Promise<T>): Promise<T>;
  /** Gives an engine transaction a tenant (until its end or the next call), before it reads payloads. */
  setTenant(tx: Tx, tenantId: string): Promise<void>;
  /** One statement in a short READ ONLY transaction of its own. */
  query<R = Record<string, unknown>>(tenantId: string, sql: Sql, params?: readonly unknown[]): Promise<R[]>;
  close(): Promise<void>;
  readonly stats: DbStats;
}

export type DatabaseRole = 'crossdock_app' | 'crossdock_engine';

export interface OpenDatabaseOptions {
  /** The owner's URL; the role below is taken on in the start-up packet of every connection. */
  url: string;
  role: DatabaseRole;
  maxConnections: number;
  /** Shown in pg_stat_activity. */
  applicationName: string;
  clock?: Clock;
  /** How long a statement waits for a row lock. */
  lockTimeoutMs?: number;
  /** How long a transaction may sit without a statement before the server ends it. */
  idleInTransactionTimeoutMs?: number;
  /** How long to wait for a connection of the pool or of the server. */
  connectTimeoutMs?: number;
}

/** How the hub reads PostgreSQL's types; see Tx. */
export const databaseTypes: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (format !== 'binary' && oid === pg.types.builtins.INT8) return parseInt8;
    // The driver's own parser makes a Date at local midnight: another day elsewhere.
    if (format !== 'binary' && oid === pg.types.builtins.DATE) return (text: string) => text;
    return pg.types.getTypeParser(oid, format as 'text');
  },
};

function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8 ${text} does not fit a number`);
  return value;
}

/**
 * What works the lanes asks for rows by their keys, thousands of times a second, in tables that grow: its plans are fixed
 * to index lookups. A plan made while a table was small would read all of it for as long as the session lasts (measured on
 * a walk of a thousand orders in a new database: four fifths of the server's time), and planning anew costs half a
 * millisecond each time.
 */
const indexPlans = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
};

/** Settings every connection of the hub starts with. Merged with an `options` parameter of the URL. */
function startupOptions(options: OpenDatabaseOptions): string {
  const settings = {
    role: options.role,
    lock_timeout: options.lockTimeoutMs ?? 10_000,
    idle_in_transaction_session_timeout: options.idleInTransactionTimeoutMs ?? 60_000,
    default_transaction_isolation: 'read\\ committed',
    timezone: 'UTC',
    ...(options.role === 'crossdock_engine' ? indexPlans : {}),
  };
  const own = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  const fromUrl = URL.parse(options.url.replace('@/', '@localhost/'))?.searchParams.get('options');
  return [fromUrl ?? '', ...own].join(' ').trim();
}

function withoutOptions(url: string): string {
  const at = url.indexOf('?');
  if (at < 0) return url;
  const search = new URLSearchParams(url.slice(at + 1));
  search.delete('options');
  return `${url.slice(0, at)}?${search.toString()}`;
}

/**
 * Opens a pool whose connections work as a role without any bypass of row-level security. The role comes with the
 * start-up packet, so that it is the session's default: RESET ROLE and DISCARD ALL lead back to it, not to the owner.
 * @throws HubError UNSAFE_DATABASE_ROLE, DATABASE_UNAVAILABLE
 */
export async function openDatabase(options: OpenDatabaseOptions): Promise<Db> {
  const pool = new pg.Pool({
    connectionString: withoutOptions(options.url),
    options: startupOptions(options),
    max: options.maxConnections,
    application_name: options.applicationName,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 10_000,
    idleTimeoutMillis: 60_000,
    types: databaseTypes,
    keepAlive: true,
    // Statements that do not wait for each other's answers travel together (measured: intake in batches needs a third
    // of the round trips). In a transaction the statements behind a failed one are refused by the server.
    pipeline: true,
  } as pg.PoolConfig);
  // An idle connection that breaks is replaced at the next checkout; without a listener it would end the process.
  pool.on('error', () => {});
  // The same for the moment between the pool's hands and ours: what ends a connection may come in one packet with the
  // answer that freed it, before whoever waited for it has heard of it.
  pool.on('connect', (client) => void client.on('error', () => {}));
  try {
    await refuseUnsafeRole(pool, options.role);
  } catch (error) {
    await pool.end();
    throw translate(error);
  }
  return new PgDb(pool, options.role, databaseNumber(options.url));
}

async function refuseUnsafeRole(pool: pg.Pool, role: DatabaseRole): Promise<void> {
  const client = await checkout(pool);
  try {
    const result = await client.query<{ name: string; super: boolean; bypass: boolean }>(
      'SELECT rolname AS name, rolsuper AS super, rolbypassrls AS bypass FROM pg_roles WHERE rolname = current_user',
    );
    const effective = result.rows[0];
    if (effective === undefined || effective.name !== role || effective.super || effective.bypass) {
      throw new HubError('UNSAFE_DATABASE_ROLE', {
        message: `The hub must work as ${role} without SUPERUSER and BYPASSRLS, but the effective role is ${describeRole(effective)}`,
      });
    }
  } finally {
    client.release();
  }
}

function describeRole(role: { name: string; super: boolean; bypass: boolean } | undefined): string {
  if (role === undefined) return 'unknown';
  return [role.name, role.super ? 'SUPERUSER' : '', role.bypass ? 'BYPASSRLS' : ''].filter(Boolean).join(' ');
}

/** Databases by their URLs, in the order in which this process first opened them. */
const opened: string[] = [];

function databaseNumber(url: string): number {
  const known = opened.indexOf(url);
  return known < 0 ? opened.push(url) - 1 : known;
}

class PgTx implements CommittableTx {
  tenantId: string | null;
  readonly database: number;
  readonly callbacks: (() => void)[] = [];
  /** What made the transaction fail; statements sent behind it only say that it had. */
  firstError: unknown;
  readonly client: pg.PoolClient;
  open = true;
  /** A statement of it was never sent: what the server knows of it must not be committed. */
  #incomplete = false;
  /** The answer to COMMIT, once it has been sent with the last statements. */
  committing: Promise<pg.QueryResult> | undefined;

  constructor(client: pg.PoolClient, tenantId: string | null, database: number) {
    this.client = client;
    this.tenantId = tenantId;
    this.database = database;
  }

  async query<R = Record<string, unknown>>(sql: Sql, params: readonly unknown[] = []): Promise<R[]> {
    this.#refuseEnded();
    try {
      gatherWrites(this.client);
      const { text, name } = typeof sql === 'string' ? { text: sql, name: undefined } : sql;
      const { answer, unsent } = sendStatement(this.client, text, params, name);
      if (unsent !== undefined) this.#incomplete = true;
      return (await answer).rows as R[];
    } catch (error) {
      // Where it was thrown leads to the socket that the answer came from; whoever waits for it is of more use.
      if (error instanceof Error) Error.captureStackTrace(error);
      this.firstError ??= error;
      throw error;
    }
  }

  async commitWith(statements: readonly Statement[]): Promise<unknown[][]> {
    this.#refuseEnded();
    const answers = statements.map(({ sql, params }) => this.query<unknown>(sql, params));
    this.open = false;
    this.committing = this.client.query(this.ending);
    this.committing.catch(() => {});
    return await Promise.all(answers);
  }

  /** What ends it; the answer to ROLLBACK says that nothing was committed. */
  get ending(): 'COMMIT' | 'ROLLBACK' {
    return this.#incomplete ? 'ROLLBACK' : 'COMMIT';
  }

  afterCommit(fn: () => void): void {
    this.callbacks.push(fn);
  }

  #refuseEnded(): void {
    if (!this.open) throw new HubError('INTERNAL', { message: 'A query was sent after its transaction had ended' });
  }
}

/**
 * Lets the statements of one turn of the event loop leave together: the driver writes each by itself, and each write is a
 * system call (measured on a walk of orders: two fifths of the hub's processor time).
 */
function gatherWrites(client: pg.PoolClient): void {
  const { stream } = (client as unknown as { connection: { stream: Duplex } }).connection;
  if (stream.writableCorked > 0) return;
  stream.cork();
  process.nextTick(() => stream.uncork());
}

class PgDb implements Db {
  readonly #pool: pg.Pool;
  readonly #role: DatabaseRole;
  readonly #database: number;

  constructor(pool: pg.Pool, role: DatabaseRole, database: number) {
    this.#pool = pool;
    this.#role = role;
    this.#database = database;
  }

  get stats(): DbStats {
    return { total: this.#pool.totalCount, idle: this.#pool.idleCount, waiting: this.#pool.waitingCount };
  }

  tx<T>(tenantId: string, fn: (tx: CommittableTx) => Promise<T>): Promise<T> {
    return this.#run('BEGIN', requireTenant(tenantId), fn);
  }

  engineTx<T>(fn: (tx: Tx) => Promise<T>): Promise<T> {
    if (this.#role !== 'crossdock_engine') {
      throw new HubError('UNSAFE_DATABASE_ROLE', {
        message: `A pool of ${this.#role} has no transactions without tenant`,
      });
    }
    return this.#run('BEGIN', null, fn);
  }

  async setTenant(tx: Tx, tenantId: string): Promise<void> {
    await tx.query({ name: 'set-tenant', text: "SELECT set_config('crossdock.tenant', $1, true)" }, [
      requireTenant(tenantId),
    ]);
    (tx as PgTx).tenantId = tenantId;
  }

  query<R = Record<string, unknown>>(tenantId: string, sql: Sql, params?: readonly unknown[]): Promise<R[]> {
    return this.#run('BEGIN READ ONLY', requireTenant(tenantId), (tx) => tx.query<R>(sql, params));
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #run<T>(begin: string, tenantId: string | null, fn: (tx: CommittableTx) => Promise<T>): Promise<T> {
    const client = await checkout(this.#pool);
    const tx = new PgTx(client, tenantId, this.#database);
    let broken: Error | undefined;
    const onError = (error: Error): void => void (broken = error);
    client.on('error', onError);
    try {
      // One round trip instead of two; the simple protocol takes no parameters, hence the escaped literal. It travels
      // with the first statement of `fn`: without a transaction or tenant row-level security shows and takes no row.
      gatherWrites(client);
      const begun = client.query(
        tenantId === null ? begin : `${begin}; SET LOCAL crossdock.tenant = ${client.escapeLiteral(tenantId)}`,
      );
      begun.catch(() => {});
      const value = await fn(tx);
      await begun;
      tx.open = false;
      await endOf(tx.committing ?? client.query(tx.ending), () => broken);
      for (const callback of tx.callbacks) callback();
      return value;
    } catch (thrown) {
      tx.open = false;
      // 25P02: a statement that travelled behind the failed one; which of them is heard of first is chance.
      const error = sqlState(thrown) === '25P02' ? (tx.firstError ?? thrown) : thrown;
      if (tx.committing !== undefined) {
        broken ??= isConnectionError(error) ? (error as Error) : undefined;
        if (!(await isUndone(tx.committing, () => broken))) {
          throw new HubError('COMMIT_OUTCOME_UNKNOWN', { cause: error });
        }
      } else if (broken === undefined && !isConnectionError(error)) {
        broken = await client.query('ROLLBACK').then(
          () => undefined,
          (e: Error) => e,
        );
      } else {
        broken ??= error as Error;
      }
      throw translate(error);
    } finally {
      client.removeListener('error', onError);
      // A connection in an unknown state is closed rather than handed to the next caller.
      client.release(broken);
    }
  }
}

/** True when the COMMIT behind a statement that failed is known to have committed nothing. */
async function isUndone(committing: Promise<pg.QueryResult>, broken: () => Error | undefined): Promise<boolean> {
  try {
    const result = await committing;
    return result.command !== 'COMMIT';
  } catch (error) {
    return broken() === undefined && !isConnectionError(error);
  }
}

/** Waits for the answer to COMMIT. */
async function endOf(committing: Promise<pg.QueryResult>, broken: () => Error | undefined): Promise<void> {
  let result: pg.QueryResult;
  try {
    result = await committing;
  } catch (error) {
    if (broken() !== undefined || isConnectionError(error)) {
      throw new HubError('COMMIT_OUTCOME_UNKNOWN', { cause: error });
    }
    throw error;
  }
  // After a swallowed error PostgreSQL answers COMMIT with ROLLBACK and no error of its own.
  if (result.command !== 'COMMIT') throw new HubError('TRANSACTION_ABORTED');
}

function requireTenant(tenantId: string): string {
  if (typeof tenantId !== 'string' || tenantId.length === 0 || tenantId.length > 100) {
    throw new HubError('TENANT_REQUIRED');
  }
  return tenantId;
}

async function checkout(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw translate(error, true);
  }
}
