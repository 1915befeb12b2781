import { HubError, type Tx } from '../platform/index.ts';

/** Roles a connection can play for a tenant; flows ask for a role, never for a system by name. */
export type ConnectionRole = 'erp' | 'wms' | 'carrier' | 'storefront' | 'edi';

/** One configured outside system, without its secrets. */
export interface Connection {
  readonly id: string;
  /** Type of the connector. */
  readonly type: string;
  readonly role: ConnectionRole;
  /** What people call it. */
  readonly title?: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** A test connection never receives production traffic. */
  readonly test: boolean;
  /** Names of the secrets that are stored; their values are only opened for a call. */
  readonly secretNames: readonly string[];
  /** When each was stored last. Those stored before this was kept are not in it. */
  readonly secretsChanged: Readonly<Record<string, string>>;
  readonly version: number;
  readonly updatedAt: Date;
}

export interface NewConnection {
  readonly id: string;
  readonly type: string;
  readonly role: ConnectionRole;
  readonly title?: string | undefined;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Those left out keep what is stored. */
  readonly secrets?: Readonly<Record<string, string>> | undefined;
  /** Names of secrets to forget. */
  readonly forgetSecrets?: readonly string[] | undefined;
  readonly test: boolean;
}

/** Seals and opens text for one row of the transaction's tenant; `security` provides it. */
export interface SecretBox {
  seal(tx: Tx, row: string, plaintext: string): Promise<Buffer>;
  open(tx: Tx, row: string, sealed: Uint8Array): Promise<string>;
}

interface ConnectionRow {
  id: string;
  type: string;
  role: ConnectionRole;
  title: string | null;
  settings: Record<string, unknown>;
  secrets: Buffer | null;
  secrets_changed: Record<string, string>;
  test: boolean;
  version: number;
  updated_at: Date;
}

const columns = 'id, type, role, title, settings, secrets, secrets_changed, test, version, updated_at';

/** The tenant's connections and their sealed secrets. */
export interface Connections {
  /** @throws HubError PRECONDITION_FAILED unless `expectedVersion` is the stored one (0: must not exist yet). */
  put(
    tx: Tx,
    connection: NewConnection,
    options: {
      now: Date;
      expectedVersion?: number | undefined;
      /** Looks at what is stored, under its lock, and throws where it must not become what is wanted. */
      judge?: (stored: Connection, wanted: NewConnection) => void;
    },
  ): Promise<{ connection: Connection; created: boolean; changed: boolean }>;
  get(tx: Tx, id: string): Promise<Connection | undefined>;
  /** All of them, by id. */
  list(tx: Tx): Promise<Connection[]>;
  /** The opened secrets; empty when there are none. @throws HubError NOT_FOUND */
  secrets(tx: Tx, id: string): Promise<Readonly<Record<string, string>>>;
}

const rowOf = (id: string): string => `connection/${id}/secrets`;

export function createConnections(box: SecretBox): Connections {
  const openSecrets = async (tx: Tx, row: Pick<ConnectionRow, 'id' | 'secrets'>): Promise<Record<string, string>> =>
    row.secrets === null ? {} : (JSON.parse(await box.open(tx, rowOf(row.id), row.secrets)) as Record<string, string>);
  const toConnection = async (tx: Tx, row: ConnectionRow): Promise<Connection> => ({
    id: row.id,
    type: row.type,
    role: row.role,
    ...(row.title === null ? {} : { title: row.title }),
    settings: row.settings,
    test: row.test,
    secretNames: Object.keys(await openSecrets(tx, row)).sort(),
    secretsChanged: row.secrets_changed,
    version: row.version,
    updatedAt: row.updated_at,
  });
  const find = async (tx: Tx, id: string, lock: '' | ' FOR UPDATE'): Promise<ConnectionRow | undefined> => {
    const rows = await tx.query<ConnectionRow>(`SELECT ${columns} FROM connection WHERE id = $1${lock}`, [id]);
    return rows[0];
  };

  return {
    async put(tx, connection, { now, expectedVersion, judge }) {
      const stored = await find(tx, connection.id, ' FOR UPDATE');
      if (expectedVersion !== undefined && expectedVersion !== (stored?.version ?? 0)) {
        throw new HubError('PRECONDITION_FAILED');
      }
      if (stored !== undefined) judge?.(await toConnection(tx, stored), connection);
      const before = stored === undefined ? {} : await openSecrets(tx, stored);
      const secrets = withoutNames({ ...before, ...connection.secrets }, connection.forgetSecrets ?? []);
      if (stored !== undefined && isSame(stored, before, connection, secrets)) {
        return { connection: await toConnection(tx, stored), created: false, changed: false };
      }
      const sealed =
        Object.keys(secrets).length === 0 ? null : await box.seal(tx, rowOf(connection.id), JSON.stringify(secrets));
      const changedSecrets = Object.entries(secrets).filter(([name, value]) => before[name] !== value);
      const secretsChanged = {
        ...withoutNames(stored?.secrets_changed ?? {}, connection.forgetSecrets ?? []),
        ...Object.fromEntries(changedSecrets.map(([name]) => [name, now.toISOString()])),
      };
      const [row] = await tx.query<ConnectionRow>(
        `INSERT INTO connection (tenant_id, id, type, role, settings, secrets, test, version, created_at, updated_at, title, secrets_changed)
         VALUES (current_setting('crossdock.tenant'), $1, $2, $3, $4, $5, $6, 1, $7, $7, $8, $9)
         ON CONFLICT (tenant_id, id) DO UPDATE SET type = excluded.type, role = excluded.role, title = excluded.title,
           settings = excluded.settings, secrets = excluded.secrets, secrets_changed = excluded.secrets_changed, test = excluded.test, version = connection.version + 1, updated_at = excluded.updated_at
         RETURNING ${columns}`,
        [
          connection.id,
          connection.type,
          connection.role,
          JSON.stringify(connection.settings),
          sealed,
          connection.test,
          now,
          connection.title ?? null,
          JSON.stringify(secretsChanged),
        ],
      );
      return { connection: await toConnection(tx, row!), created: stored === undefined, changed: true };
    },
    async get(tx, id) {
      const row = await find(tx, id, '');
      return row === undefined ? undefined : toConnection(tx, row);
    },
    async list(tx) {
      const rows = await tx.query<ConnectionRow>(`SELECT ${columns} FROM connection ORDER BY id`);
      const connections: Connection[] = [];
      for (const row of rows) connections.push(await toConnection(tx, row));
      return connections;
    },
    async secrets(tx, id) {
      const row = await find(tx, id, '');
      if (row === undefined) throw new HubError('NOT_FOUND');
      return openSecrets(tx, row);
    },
  };
}

function withoutNames(map: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(map).filter(([name]) => !names.includes(name)));
}

/** The same text for the same JSON value: jsonb keeps no order of names. */
function ordered(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

function isSame(
  stored: ConnectionRow,
  before: Record<string, string>,
  connection: NewConnection,
  secrets: Record<string, string>,
): boolean {
  return (
    stored.type === connection.type &&
    stored.role === connection.role &&
    stored.title === (connection.title ?? null) &&
    stored.test === connection.test &&
    ordered(stored.settings) === ordered(connection.settings) &&
    ordered(before) === ordered(secrets)
  );
}
