import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualClock, type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import { silentLogger } from '../platform/index.ts';
import {
  actionsOf,
  createApiKey,
  createSealing,
  createSecurity,
  createUser,
  ensureTenant,
  hashPassword,
  listAudit,
  listTenants,
  loadAdminKey,
  recordAudit,
  revokeApiKey,
  ROLES,
  type Security,
  updateUser,
  verifyAudit,
  verifyPassword,
} from './index.ts';

const masterKey = Buffer.alloc(32, 7);
const adminKey = 'the-admin-key-of-this-test';
const clock = manualClock('2026-06-01T13:00:00Z');
let database: TestDatabase;
let security: Security;

beforeAll(async () => {
  database = await testDatabase();
  security = createSecurity({ db: database.app, clock, homeTenantId: 'acme', adminKey, masterKey, log: silentLogger });
  for (const id of ['acme', 'other']) {
    await database.app.tx(id, (tx) => ensureTenant(tx, { id, name: `${id} Inc.`, demo: false }));
  }
});
afterAll(() => database?.drop());

const inAcme = <T>(fn: Parameters<typeof database.app.tx<T>>[1]): Promise<T> => database.app.tx('acme', fn);

describe('tenants', () => {
  it('are listed across the hub by the engine only, and see each other nowhere', async () => {
    expect((await listTenants(database.engine)).map((tenant) => tenant.id)).toEqual(['acme', 'other']);
    const seen = await inAcme((tx) => tx.query('SELECT id FROM tenant'));
    expect(seen).toEqual([{ id: 'acme' }]);
  });
});

describe('API keys', () => {
  it('name their tenant and roles, and stop working when revoked', async () => {
    const created = await inAcme((tx) =>
      createApiKey(tx, clock, { name: 'shop', roles: ['integration'], createdBy: 'admin-key' }),
    );
    const principal = await security.authenticateKey(created.key);
    expect(principal).toMatchObject({ tenantId: 'acme', actor: `key:${created.id}`, roles: ['integration'] });
    expect(principal?.actions.has('order.submit')).toBe(true);
    expect(principal?.actions.has('identity.manage')).toBe(false);
    await inAcme((tx) => revokeApiKey(tx, clock, created.id));
    security.forget();
    expect(await security.authenticateKey(created.key)).toBeUndefined();
  });

  it('are answered from memory the second time, without a promise', async () => {
    const created = await inAcme((tx) =>
      createApiKey(tx, clock, { name: 'x', roles: ['edi'], createdBy: 'admin-key' }),
    );
    expect(security.authenticateKey(created.key)).toBeInstanceOf(Promise);
    await security.authenticateKey(created.key);
    expect(security.authenticateKey(created.key)).not.toBeInstanceOf(Promise);
  });

  it('are honoured only a little longer by a process that has not heard of the revocation', async () => {
    const created = await inAcme((tx) =>
      createApiKey(tx, clock, { name: 'x', roles: ['edi'], createdBy: 'admin-key' }),
    );
    await security.authenticateKey(created.key);
    await inAcme((tx) => revokeApiKey(tx, clock, created.id));
    expect(await security.authenticateKey(created.key)).toBeDefined();
    clock.advance(10_001);
    expect(await security.authenticateKey(created.key)).toBeUndefined();
  });

  it('expire', async () => {
    const expiresAt = new Date(clock.now().getTime() + 5000);
    const created = await inAcme((tx) =>
      createApiKey(tx, clock, { name: 'x', roles: ['edi'], expiresAt, createdBy: 'admin-key' }),
    );
    expect(await security.authenticateKey(created.key)).toBeDefined();
    clock.advance(5001);
    expect(await security.authenticateKey(created.key)).toBeUndefined();
  });

  it('do not open another tenant by writing its name into them', async () => {
    const created = await inAcme((tx) =>
      createApiKey(tx, clock, { name: 'x', roles: ['edi'], createdBy: 'admin-key' }),
    );
    expect(await security.authenticateKey(created.key.replace('acme', 'other'))).toBeUndefined();
  });

  it('are stored as hashes: the key is nowhere in the database', async () => {
    const created = await inAcme((tx) =>
      createApiKey(tx, clock, { name: 'x', roles: ['edi'], createdBy: 'admin-key' }),
    );
    const { rows } = await database.owner.query('SELECT api_key::text AS text FROM api_key');
    const secret = created.key.split('.')[1]!;
    expect(rows.some((row: { text: string }) => row.text.includes(secret))).toBe(false);
  });

  it('include the admin’s key, and nothing that only looks like it', async () => {
    expect(await security.authenticateKey(adminKey)).toMatchObject({ actor: 'admin-key', roles: ['admin'] });
    expect(await security.authenticateKey(`${adminKey}x`)).toBeUndefined();
    expect(await security.authenticateKey('')).toBeUndefined();
  });
});

describe('sign-in', () => {
  it('opens a session with the admin’s key and closes it again', async () => {
    const { token, principal } = await security.signIn({ key: adminKey }, '127.0.0.1');
    expect(await security.authenticateSession(token)).toMatchObject({ actor: 'admin-key', tenantId: 'acme' });
    await security.signOut(principal);
    expect(await security.authenticateSession(token)).toBeUndefined();
  });

  it('takes a password whatever the case of the address, and ends the session when the user is deactivated', async () => {
    const passwordHash = await hashPassword('correct horse battery');
    const user = await inAcme((tx) =>
      createUser(tx, clock, { email: 'Ann@acme.example', displayName: 'Ann', passwordHash, roles: ['finance'] }),
    );
    const credentials = { email: 'ann@ACME.example', password: 'correct horse battery' };
    const { token, principal } = await security.signIn(credentials, '10.0.0.1');
    expect(principal).toMatchObject({ actor: `user:${user.id}`, displayName: 'Ann', roles: ['finance'] });
    await inAcme((tx) => updateUser(tx, user.id, user.version, { active: false }));
    security.forget();
    expect(await security.authenticateSession(token)).toBeUndefined();
    await expect(security.signIn(credentials, '10.0.0.1')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('makes a guesser wait after ten failures, and others not', async () => {
    const wrong = { email: 'bob@acme.example', password: 'wrong' };
    for (let i = 0; i < 10; i++) {
      await expect(security.signIn(wrong, '10.0.0.2')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    }
    await expect(security.signIn(wrong, '10.0.0.2')).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await expect(security.signIn(wrong, '10.0.0.3')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    clock.advance(15 * 60_000);
    await expect(security.signIn(wrong, '10.0.0.2')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('refuses to create two users with one address', async () => {
    const facts = { email: 'eve@acme.example', displayName: 'Eve', passwordHash: 'x', roles: ['edi'] as const };
    await inAcme((tx) => createUser(tx, clock, facts));
    await expect(inAcme((tx) => createUser(tx, clock, { ...facts, email: 'EVE@acme.example' }))).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });

  it('lets a session run out after twelve hours', async () => {
    const { token } = await security.signIn({ key: adminKey }, '127.0.0.1');
    clock.advance(12 * 3_600_000 + 1);
    expect(await security.authenticateSession(token)).toBeUndefined();
  });
});

describe('passwords', () => {
  it('are salted and verified', async () => {
    const [one, two] = await Promise.all([hashPassword('a pass phrase'), hashPassword('a pass phrase')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
    expect(await verifyPassword('a pass phrase', one)).toBe(true);
    expect(await verifyPassword('another phrase', one)).toBe(false);
    expect(await verifyPassword('a pass phrase', 'not a hash')).toBe(false);
  });
});

describe('roles', () => {
  it('give admin everything and everybody reading, and keep identities to admin', () => {
    expect(actionsOf(['admin'])).toContain('identity.manage');
    for (const role of ROLES) {
      expect(actionsOf([role])).toContain('order.read');
      if (role !== 'admin') expect(actionsOf([role])).not.toContain('identity.manage');
    }
    expect(actionsOf(['finance'])).not.toContain('connection.write');
    expect(actionsOf(['customer_service'])).not.toContain('delivery.discard');
  });
});

describe('audit', () => {
  const entry = (n: number) => ({
    actor: 'admin-key',
    action: 'order.cancel',
    subject: { kind: 'order', id: `o${n}` },
    reason: 'because',
    detail: { n },
  });

  it('chains entries per tenant, also when many are written at once', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, n) => inAcme((tx) => recordAudit(tx, clock, [entry(n)]))));
    const verdict = await inAcme((tx) => verifyAudit(tx));
    expect(verdict).toMatchObject({ ok: true, entries: 20 });
    const [newest] = await inAcme((tx) => listAudit(tx, { limit: 1 }));
    expect(verdict).toMatchObject({ head: newest?.hash });
    expect(await database.app.tx('other', (tx) => verifyAudit(tx))).toMatchObject({ ok: true, entries: 0 });
  });

  it('cannot be changed or shortened by the hub’s own roles', async () => {
    await expect(inAcme((tx) => tx.query('UPDATE audit_entry SET reason = NULL'))).rejects.toMatchObject({
      code: '42501',
    });
    await expect(inAcme((tx) => tx.query('DELETE FROM audit_entry'))).rejects.toMatchObject({ code: '42501' });
  });

  it.each([
    ['edited', `UPDATE audit_entry SET reason = 'other' WHERE sequence = 5`, 5],
    ['edited in its detail', `UPDATE audit_entry SET detail = '{"n":99}' WHERE sequence = 7`, 7],
    ['deleted', 'DELETE FROM audit_entry WHERE sequence = 9', 9],
    [
      'swapped',
      'UPDATE audit_entry a SET subject_id = b.subject_id FROM audit_entry b WHERE a.sequence = 11 AND b.sequence = 12',
      11,
    ],
  ])('shows where an entry was %s', async (_how, sql, brokenAt) => {
    const before = await database.owner.query('SELECT * FROM audit_entry');
    await database.owner.query(sql);
    expect(await inAcme((tx) => verifyAudit(tx))).toEqual({ ok: false, brokenAt });
    await database.owner.query('DELETE FROM audit_entry');
    for (const row of before.rows as Record<string, unknown>[]) {
      const names = Object.keys(row);
      await database.owner.query(
        `INSERT INTO audit_entry (${names.join(', ')}) VALUES (${names.map((_, i) => `$${i + 1}`).join(', ')})`,
        Object.values(row),
      );
    }
    expect(await inAcme((tx) => verifyAudit(tx))).toMatchObject({ ok: true });
  });

  it('leaves nothing of a deed that was rolled back', async () => {
    const before = await inAcme((tx) => verifyAudit(tx));
    await inAcme(async (tx) => {
      await recordAudit(tx, clock, [entry(99)]);
      throw new Error('undone');
    }).catch(() => undefined);
    expect(await inAcme((tx) => verifyAudit(tx))).toEqual(before);
  });
});

describe('sealed secrets', () => {
  const canary = 'canary-9f2b7c';
  const sealing = createSealing({ masterKey, clock });

  it('open in their own row and tenant only', async () => {
    const sealed = await inAcme((tx) => sealing.seal(tx, 'connection/erp/secrets', canary));
    expect(await inAcme((tx) => sealing.open(tx, 'connection/erp/secrets', sealed))).toBe(canary);
    await expect(inAcme((tx) => sealing.open(tx, 'connection/wms/secrets', sealed))).rejects.toMatchObject({
      code: 'INTERNAL',
    });
    await expect(
      database.app.tx('other', (tx) => sealing.open(tx, 'connection/erp/secrets', sealed)),
    ).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('open after a restart with the same master key, and with no other', async () => {
    const sealed = await inAcme((tx) => sealing.seal(tx, 'row', canary));
    const again = createSealing({ masterKey, clock });
    expect(await inAcme((tx) => again.open(tx, 'row', sealed))).toBe(canary);
    const wrong = createSealing({ masterKey: Buffer.alloc(32, 8), clock });
    await expect(inAcme((tx) => wrong.open(tx, 'row', sealed))).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('notice every flipped byte', async () => {
    const sealed = await inAcme((tx) => sealing.seal(tx, 'row', canary));
    for (let i = 0; i < sealed.length; i++) {
      const changed = Buffer.from(sealed);
      changed[i] = changed[i]! ^ 1;
      await expect(inAcme((tx) => sealing.open(tx, 'row', changed))).rejects.toMatchObject({ code: 'INTERNAL' });
    }
  });

  it('never use a key whose transaction was rolled back', async () => {
    const fresh = createSealing({ masterKey, clock });
    await database.app
      .tx('third', async (tx) => {
        await fresh.seal(tx, 'row', canary);
        throw new Error('undone');
      })
      .catch(() => undefined);
    const sealed = await database.app.tx('third', (tx) => fresh.seal(tx, 'row', canary));
    const again = createSealing({ masterKey, clock });
    expect(await database.app.tx('third', (tx) => again.open(tx, 'row', sealed))).toBe(canary);
  });
});

describe('the admin’s key file', () => {
  it('is made once, readable by its owner only, and found again', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'crossdock-keys-'));
    try {
      const keys = await Promise.all(Array.from({ length: 5 }, () => loadAdminKey({ dataDir })));
      expect(new Set(keys).size).toBe(1);
      expect((await stat(join(dataDir, 'admin.key'))).mode & 0o777).toBe(0o600);
      expect((await readFile(join(dataDir, 'admin.key'), 'utf8')).trim()).toBe(keys[0]);
      expect(await loadAdminKey({ dataDir, configured: 'preset' })).toBe('preset');
    } finally {
      await rm(dataDir, { recursive: true });
    }
  });

  it('is closed to others when it was left open', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'crossdock-keys-'));
    try {
      await writeFile(join(dataDir, 'admin.key'), 'left-open\n', { mode: 0o644 });
      expect(await loadAdminKey({ dataDir })).toBe('left-open');
      expect((await stat(join(dataDir, 'admin.key'))).mode & 0o777).toBe(0o600);
    } finally {
      await rm(dataDir, { recursive: true });
    }
  });
});
