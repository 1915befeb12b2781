import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { type Clock, HubError, type Tx, uuidv7 } from '../platform/index.ts';

/**
 * Secrets at rest: AES-256-GCM under a key of the tenant, which is itself wrapped by the master key. The tenant and
 * the row are authenticated with the text, so that a sealed secret copied into another row or tenant does not open.
 *
 * Layout: version (1 byte) · id of the tenant's key (16) · nonce (12) · tag (16) · ciphertext.
 */
export interface Sealing {
  /** @param row names the row and column, e.g. `connection/erp/secrets`; opening needs the same. */
  seal(tx: Tx, row: string, plaintext: string): Promise<Buffer>;
  /** @throws HubError INTERNAL when the bytes were changed, moved, or sealed under another master key. */
  open(tx: Tx, row: string, sealed: Uint8Array): Promise<string>;
}

const version = 1;
const headerLength = 1 + 16 + 12 + 16;

interface TenantKey {
  id: string;
  key: Buffer;
}

export function createSealing(options: { masterKey: Buffer; clock: Clock }): Sealing {
  const current = new Map<string, TenantKey>();
  const byId = new Map<string, Buffer>();

  const remember = (tx: Tx, tenantId: string, row: { id: string; wrapped: Buffer }): TenantKey => {
    const key = decrypt(options.masterKey, row.wrapped, `${tenantId}\0tenant_key\0${row.id}`);
    const tenantKey = { id: row.id, key };
    // A key made in a transaction that is rolled back must not be used again.
    tx.afterCommit(() => {
      current.set(tenantId, tenantKey);
      byId.set(`${tenantId}/${row.id}`, key);
    });
    return tenantKey;
  };

  const currentKey = async (tx: Tx, tenantId: string): Promise<TenantKey> => {
    const known = current.get(tenantId);
    if (known !== undefined) return known;
    await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('tenant_key:' || $1, 0))", [tenantId]);
    const [row] = await tx.query<{ id: string; wrapped: Buffer }>(
      'SELECT id, wrapped FROM tenant_key ORDER BY created_at DESC, id DESC LIMIT 1',
    );
    if (row !== undefined) return remember(tx, tenantId, row);
    const id = uuidv7();
    const wrapped = encrypt(options.masterKey, randomBytes(32), `${tenantId}\0tenant_key\0${id}`);
    await tx.query('INSERT INTO tenant_key (tenant_id, id, wrapped, created_at) VALUES ($1, $2, $3, $4)', [
      tenantId,
      id,
      wrapped,
      options.clock.now(),
    ]);
    return remember(tx, tenantId, { id, wrapped });
  };

  const keyById = async (tx: Tx, tenantId: string, id: string): Promise<Buffer> => {
    const known = byId.get(`${tenantId}/${id}`);
    if (known !== undefined) return known;
    const [row] = await tx.query<{ id: string; wrapped: Buffer }>('SELECT id, wrapped FROM tenant_key WHERE id = $1', [
      id,
    ]);
    if (row === undefined)
      throw new HubError('INTERNAL', { message: 'A stored secret was sealed with a key that is gone' });
    return remember(tx, tenantId, row).key;
  };

  return {
    async seal(tx, row, plaintext) {
      const tenantId = tenantOf(tx);
      const { id, key } = await currentKey(tx, tenantId);
      const box = encrypt(key, Buffer.from(plaintext, 'utf8'), `${tenantId}\0${row}`);
      return Buffer.concat([Buffer.of(version), Buffer.from(id.replaceAll('-', ''), 'hex'), box]);
    },
    async open(tx, row, sealed) {
      const tenantId = tenantOf(tx);
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
      if (bytes.length < headerLength || bytes[0] !== version) throw notOurs();
      const hex = bytes.toString('hex', 1, 17);
      const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
      const key = await keyById(tx, tenantId, id);
      return decrypt(key, bytes.subarray(17), `${tenantId}\0${row}`).toString('utf8');
    },
  };
}

function tenantOf(tx: Tx): string {
  if (tx.tenantId === null) throw new HubError('TENANT_REQUIRED');
  return tx.tenantId;
}

function notOurs(cause?: unknown): HubError {
  return new HubError('INTERNAL', {
    message: 'A stored secret does not open: it was changed, moved or sealed elsewhere',
    cause,
  });
}

function encrypt(key: Buffer, plaintext: Buffer, context: string): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context, 'utf8'));
  const text = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), text]);
}

function decrypt(key: Buffer, box: Buffer, context: string): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(0, 12), { authTagLength: 16 })
      .setAAD(Buffer.from(context, 'utf8'))
      .setAuthTag(box.subarray(12, 28));
    return Buffer.concat([decipher.update(box.subarray(28)), decipher.final()]);
  } catch (error) {
    throw notOurs(error);
  }
}
