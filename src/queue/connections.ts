import { isDeepStrictEqual } from 'node:util';
import { HubError, type Tx } from '../platform/index.ts';

export type ConnectionRole = 'erp' | 'wms' | 'carrier' | 'storefront' | 'edi';

/** One configured outside system. Its secrets are opened apart, when they are used. */
export interface Connection {
  id: string;
  /** Type of its connector. */
  type: string;
  role: ConnectionRole;
  title?: string;
  settings: Readonly<Record<string, unknown>>;
  /** Names of the secrets that are set. */
  secretNames: readonly string[];
  /** Never receives production traffic. */
  test: boolean;
  version: number;
  updatedAt: Date;
}

export interface NewConnection {
  id: string;
  type: string;
  role: ConnectionRole;
  title?: string;
  settings: Readonly<Record<string, unknown>>;
  /** Those left out keep what is stored. */
  secrets?: Readonly<Record<string, string>>;
  test: boolean;
}

/** How secrets are sealed at rest (security: Sealing). */
export interface SecretSealing {
  seal(tx: Tx, row: string, plaintext: string): Promise<Buffer>;
  open(tx: Tx, row: string, sealed: Uint8Array): Promise<string>;
}

export interface Connections {
  /** By id. */
  list(tx: Tx): Promise<Connection[]>;
  get(tx: Tx, id: string): Promise<Connection | undefined>;
  /** {} when there are none. @throws HubError NOT_FOUND */
  secrets(tx: Tx, id: string): Promise<Readonly<Record<string, string>>>;
  /**
   * The same content again changes nothing and keeps the version.
   * @param options.expectedVersion If-Match; 0: must not exist yet
   * @throws HubError PRECONDITION_FAILED
   */
  put(
    tx: Tx,
    connection: NewConnection,
    options: { now: Date; expectedVersion?: number },
  ): Promise<{ connection: Connection; created: boolean; changed: boolean }>;
}

interface ConnectionRow {
  id: string;
  type: string;
  role: ConnectionRole;
  title: string | null;
  settings: Record<string, unknown>;
  secret_names: string[];
  secrets: Buffer | null;
  test: boolean;
  version: number;
  updated_at: Date;
}

const columns = 'id, type, role, title, settings, secret_names, secrets, test, version, updated_at';

export function createConnections(sealing: SecretSealing): Connections {
  async function read(tx: Tx, id: string, lock = ''): Promise<ConnectionRow | undefined> {
    const text = `SELECT ${columns} FROM connection WHERE tenant_id = $1 AND id = $2 ${lock}`;
    return (await tx.query<ConnectionRow>(text, [tx.tenantId, id]))[0];
  }

  async function open(tx: Tx, row: ConnectionRow): Promise<Record<string, string>> {
    return row.secrets === null ? {} : JSON.parse(await sealing.open(tx, sealedAs(row.id), row.secrets));
  }

  return {
    async list(tx) {
      const rows = await tx.query<ConnectionRow>(`SELECT ${columns} FROM connection WHERE tenant_id = $1 ORDER BY id`, [
        tx.tenantId,
      ]);
      return rows.map(connectionOfRow);
    },
    async get(tx, id) {
      const row = await read(tx, id);
      return row === undefined ? undefined : connectionOfRow(row);
    },
    async secrets(tx, id) {
      const row = await read(tx, id);
      if (row === undefined) throw new HubError('NOT_FOUND', { message: `There is no connection ${id}` });
      return open(tx, row);
    },
    async put(tx, wanted, { now, expectedVersion }) {
      const before = await read(tx, wanted.id, 'FOR UPDATE');
      if (expectedVersion !== undefined && expectedVersion !== (before?.version ?? 0)) {
        throw new HubError('PRECONDITION_FAILED');
      }
      const stored = before === undefined ? {} : await open(tx, before);
      const secrets = { ...stored, ...wanted.secrets };
      const same =
        before !== undefined &&
        isDeepStrictEqual(
          [wanted.type, wanted.role, wanted.title ?? null, wanted.settings, wanted.test, secrets],
          [before.type, before.role, before.title, before.settings, before.test, stored],
        );
      if (same) return { connection: connectionOfRow(before), created: false, changed: false };
      const names = Object.keys(secrets).sort();
      const sealed = names.length === 0 ? null : await sealing.seal(tx, sealedAs(wanted.id), JSON.stringify(secrets));
      const [row] = await tx.query<ConnectionRow>(putConnection, [
        tx.tenantId,
        wanted.id,
        wanted.type,
        wanted.role,
        wanted.title ?? null,
        JSON.stringify(wanted.settings),
        names,
        sealed,
        wanted.test,
        now,
      ]);
      if (row === undefined) throw new Error('the connection was not written');
      return { connection: connectionOfRow(row), created: before === undefined, changed: true };
    },
  };
}

const putConnection = `
  INSERT INTO connection (tenant_id, id, type, role, title, settings, secret_names, secrets, test, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7, $8, $9, $10, $10)
  ON CONFLICT (tenant_id, id) DO UPDATE SET type = excluded.type, role = excluded.role, title = excluded.title,
    settings = excluded.settings, secret_names = excluded.secret_names, secrets = excluded.secrets, test = excluded.test,
    version = connection.version + 1, updated_at = excluded.updated_at
  RETURNING ${columns}`;

/** Sealed secrets open only in the row they were sealed for. */
function sealedAs(id: string): string {
  return `connection/${id}/secrets`;
}

function connectionOfRow(row: ConnectionRow): Connection {
  return {
    id: row.id,
    type: row.type,
    role: row.role,
    ...(row.title === null ? {} : { title: row.title }),
    settings: row.settings,
    secretNames: row.secret_names,
    test: row.test,
    version: row.version,
    updatedAt: row.updated_at,
  };
}
