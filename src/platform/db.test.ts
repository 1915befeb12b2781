import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import { isUniqueViolation, openDatabase, uuidv7 } from './index.ts';

let database: TestDatabase;
const [anna, berta] = [uuidv7(), uuidv7()];

beforeAll(async () => {
  database = await testDatabase();
  await database.owner.query(`
    CREATE TABLE parcel (tenant_id uuid NOT NULL, code text NOT NULL, weight numeric(18,6), due date, amount int8,
      CONSTRAINT parcel_pk PRIMARY KEY (tenant_id, code));
    ALTER TABLE parcel ENABLE ROW LEVEL SECURITY;
    ALTER TABLE parcel FORCE ROW LEVEL SECURITY;
    CREATE POLICY tenant ON parcel TO crossdock_app
      USING (tenant_id = nullif(current_setting('crossdock.tenant', true), '')::uuid);
    GRANT SELECT, INSERT, UPDATE, DELETE ON parcel TO crossdock_app`);
});
afterAll(() => database.drop());

const add = (tenantId: string, code: string) =>
  database.app.tx(tenantId, (tx) => tx.query('INSERT INTO parcel (tenant_id, code) VALUES ($1, $2)', [tenantId, code]));
const codes = async (tenantId: string) =>
  (await database.app.query<{ code: string }>(tenantId, 'SELECT code FROM parcel ORDER BY code')).map((r) => r.code);

describe('tx', () => {
  it('sees one tenant only, also on a connection that another tenant has used', async () => {
    await add(anna, 'a1');
    await add(berta, 'b1');
    expect(await codes(anna)).toEqual(['a1']);
    expect(await codes(berta)).toEqual(['b1']);
    await expect(
      add(anna, 'x').then(() =>
        database.app.tx(berta, (tx) =>
          tx.query('INSERT INTO parcel (tenant_id, code) VALUES ($1, $2)', [anna, 'stolen']),
        ),
      ),
    ).rejects.toThrow(/row-level security/);
  });

  it('rolls back when the work throws, and then runs no afterCommit', async () => {
    const seen: string[] = [];
    const work = database.app.tx(anna, async (tx) => {
      tx.afterCommit(() => void seen.push('committed'));
      await tx.query("INSERT INTO parcel (tenant_id, code) VALUES ($1, 'gone')", [anna]);
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    expect(await codes(anna)).not.toContain('gone');
    expect(seen).toEqual([]);
  });

  it('runs afterCommit when others can see the rows', async () => {
    let seen: Promise<string[]> | undefined;
    await database.app.tx(anna, async (tx) => {
      tx.afterCommit(() => void (seen = codes(anna)));
      await tx.query("INSERT INTO parcel (tenant_id, code) VALUES ($1, 'kept')", [anna]);
    });
    expect(await seen).toContain('kept');
  });

  it('says so when a swallowed error has turned COMMIT into ROLLBACK', async () => {
    const work = database.app.tx(anna, async (tx) => {
      await tx.query('SELECT 1/0').catch(() => {});
    });
    await expect(work).rejects.toMatchObject({ code: 'TRANSACTION_ABORTED' });
  });

  it('refuses a query after its end, and a missing tenant', async () => {
    const tx = await database.app.tx(anna, (open) => Promise.resolve(open));
    await expect(tx.query('SELECT 1')).rejects.toThrow(/had ended/);
    expect(() => database.app.tx('', () => Promise.resolve())).toThrow(/tenant/);
  });

  it('gives exact values: numeric and date as text, int8 as a number', async () => {
    const rows = await database.app.tx(anna, (tx) =>
      tx.query(
        "INSERT INTO parcel VALUES ($1, 'exact', 0.1, '2026-06-01', 9007199254740991) RETURNING weight, due, amount",
        [anna],
      ),
    );
    expect(rows).toEqual([{ weight: '0.100000', due: '2026-06-01', amount: Number.MAX_SAFE_INTEGER }]);
    const unsafe = database.app.query(anna, 'SELECT 9007199254740993::int8 AS n');
    await expect(unsafe).rejects.toThrow(/does not fit/);
  });

  it('names the constraint of a unique violation', async () => {
    const error = await add(anna, 'a1').catch((e: unknown) => e);
    expect(isUniqueViolation(error, 'parcel_pk')).toBe(true);
    expect(isUniqueViolation(error, 'other')).toBe(false);
  });

  it('turns a lock time-out into a conflict that retries', async () => {
    const impatient = await openDatabase({
      url: database.url,
      role: 'crossdock_app',
      maxConnections: 1,
      applicationName: 'impatient',
      lockTimeoutMs: 50,
    });
    await database.app.tx(anna, async (tx) => {
      await tx.query("UPDATE parcel SET amount = 1 WHERE code = 'a1'");
      const blocked = impatient.tx(anna, (other) => other.query("UPDATE parcel SET amount = 2 WHERE code = 'a1'"));
      await expect(blocked).rejects.toMatchObject({ code: 'DATABASE_CONFLICT', disposition: 'retry' });
    });
    await impatient.close();
  });

  it('does not take a code of the operating system for one of the database', async () => {
    const broken = Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write', errno: -32 });
    await expect(database.app.tx(anna, () => Promise.reject(broken))).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
    });
  });

  it.each(['53100', '53200'])('says that the database is unavailable when it has no room (%s)', async (state) => {
    const full = database.app.tx(anna, (tx) =>
      tx.query(`DO $$ BEGIN RAISE 'no space' USING ERRCODE = '${state}'; END $$`),
    );
    await expect(full).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  });

  it('replaces a connection that the server has cut, and says that the database was unavailable', async () => {
    const cut = database.app.tx(anna, async (tx) => {
      const [row] = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await database.owner.query('SELECT pg_terminate_backend($1)', [row!.pid]);
      await tx.query('SELECT pg_sleep(60)');
    });
    await expect(cut).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    expect(await codes(berta)).toEqual(['b1']);
    expect(database.app.stats.waiting).toBe(0);
  });
});

describe('commitWith', () => {
  const insert = (code: string) => ({
    sql: 'INSERT INTO parcel (tenant_id, code) VALUES ($1, $2)',
    params: [anna, code],
  });

  it('commits with its statements, after which nothing can be asked', async () => {
    let seen: Promise<string[]> | undefined;
    const late = database.app.tx(anna, async (tx) => {
      await tx.query('SELECT 1');
      tx.afterCommit(() => void (seen = codes(anna)));
      await tx.commitWith([insert('w1'), insert('w2')]);
      return tx;
    });
    await expect(late.then((tx) => tx.query('SELECT 1'))).rejects.toThrow(/had ended/);
    expect(await seen).toEqual(expect.arrayContaining(['w1', 'w2']));
    await expect(
      database.app.tx(anna, async (tx) => {
        await tx.commitWith([]);
        await tx.commitWith([]);
      }),
    ).rejects.toMatchObject({ code: 'COMMIT_OUTCOME_UNKNOWN' });
  });

  it('writes nothing when one fails, says which, and keeps the connection', async () => {
    const { total } = database.app.stats;
    const work = database.app.tx(anna, (tx) =>
      tx.commitWith([insert('f1'), { sql: 'SELECT 1/0', params: [] }, insert('f2')]),
    );
    await expect(work).rejects.toMatchObject({ code: '22012' });
    expect(await codes(anna)).not.toContain('f1');
    expect(database.app.stats).toMatchObject({ total, waiting: 0 });
  });

  it('writes nothing when one of them cannot be sent', async () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const unsendable = { sql: 'INSERT INTO parcel (tenant_id, code) VALUES ($1, $2)', params: [anna, circular] };
    const work = database.app.tx(anna, (tx) => tx.commitWith([insert('u1'), unsendable, insert('u2')]));
    await expect(work).rejects.toThrow(/circular/i);
    const swallowed = database.app.tx(anna, async (tx) => {
      await tx.query(insert('u3').sql, insert('u3').params);
      await tx.query(unsendable.sql, unsendable.params).catch(() => {});
    });
    await expect(swallowed).rejects.toMatchObject({ code: 'TRANSACTION_ABORTED' });
    expect((await codes(anna)).filter((code) => code.startsWith('u'))).toEqual([]);
    expect(database.app.stats.waiting).toBe(0);
  });

  it('says what COMMIT itself refused', async () => {
    await database.owner.query(`CREATE TABLE late (n integer UNIQUE DEFERRABLE INITIALLY DEFERRED);
      GRANT INSERT, SELECT ON late TO crossdock_app`);
    const twice = { sql: 'INSERT INTO late VALUES (1)', params: [] };
    await expect(database.app.tx(anna, (tx) => tx.commitWith([twice, twice]))).rejects.toMatchObject({ code: '23505' });
    expect(await database.app.query(anna, 'SELECT * FROM late')).toEqual([]);
  });

  it('does not know what became of it when the connection breaks on the way', async () => {
    const cut = database.app.tx(anna, async (tx) => {
      const [row] = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      const slow = tx.commitWith([insert('cut'), { sql: 'SELECT pg_sleep(60)', params: [] }]);
      await Promise.all([slow, database.owner.query('SELECT pg_terminate_backend($1)', [row!.pid])]);
    });
    await expect(cut).rejects.toMatchObject({ code: 'COMMIT_OUTCOME_UNKNOWN' });
    expect(await codes(anna)).not.toContain('cut');
  });
});

describe('query', () => {
  it('is read only', async () => {
    await expect(database.app.query(anna, 'DELETE FROM parcel')).rejects.toThrow(/read-only transaction/);
  });

  it('prepares a named statement once per connection', async () => {
    const statement = { name: 'count-parcels', text: 'SELECT count(*) AS n FROM parcel WHERE code = $1' };
    const counts = [
      await database.app.query(anna, statement, ['a1']),
      await database.app.query(anna, statement, ['zz']),
    ];
    expect(counts).toEqual([[{ n: 1 }], [{ n: 0 }]]);
  });
});

describe('engineTx', () => {
  it('has no tenant until it is given one', async () => {
    const seen = await database.engine.engineTx(async (tx) => {
      const before = tx.tenantId;
      await database.engine.setTenant(tx, anna);
      const rows = await tx.query("SELECT current_setting('crossdock.tenant') AS tenant");
      return [before, tx.tenantId, rows[0]];
    });
    expect(seen).toEqual([null, anna, { tenant: anna }]);
  });

  it('is refused on a pool of the app role', () => {
    expect(() => database.app.engineTx(() => Promise.resolve())).toThrow(/without tenant/);
  });
});

describe('a connection that the server ends', () => {
  /** Answers the start-up packet, and in the same packet ends the connection, as a server does whose postmaster was killed. */
  async function endingServer(): Promise<{ port: number; close(): Promise<void> }> {
    const message = (type: string, body: Buffer): Buffer => {
      const head = Buffer.alloc(5);
      head.write(type);
      head.writeInt32BE(body.length + 4, 1);
      return Buffer.concat([head, body]);
    };
    const fatal = Buffer.from('SFATAL\0VFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0');
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        socket.end(Buffer.concat([message('R', Buffer.alloc(4)), message('Z', Buffer.from('I')), message('E', fatal)]));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return { port, close: () => new Promise((resolve) => void server.close(() => resolve())) };
  }

  it('before anybody has it in hand is an unavailable database, and not the end of the process', async () => {
    const server = await endingServer();
    try {
      const opened = openDatabase({
        url: `postgres://anybody@127.0.0.1:${server.port}/hub`,
        role: 'crossdock_app',
        maxConnections: 1,
        applicationName: 'test',
      });
      await expect(opened).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    } finally {
      await server.close();
    }
  });
});

describe('openDatabase', () => {
  it('refuses an effective role that bypasses row-level security', async () => {
    const name = `bypass_${Date.now()}`;
    await database.owner.query(`CREATE ROLE ${name} BYPASSRLS NOLOGIN; GRANT ${name} TO crossdock`);
    const open = openDatabase({
      url: database.url,
      role: name as 'crossdock_app',
      maxConnections: 1,
      applicationName: 'test',
    });
    await expect(open).rejects.toMatchObject({ code: 'UNSAFE_DATABASE_ROLE' });
    await database.owner.query(`REVOKE ${name} FROM crossdock; DROP ROLE ${name}`);
  });

  it('does not lead back to the owner by RESET ROLE', async () => {
    const rows = await database.app.tx(anna, async (tx) => {
      await tx.query('RESET ROLE');
      return tx.query('SELECT current_user AS name');
    });
    expect(rows).toEqual([{ name: 'crossdock_app' }]);
  });

  it('says that a database cannot be reached', async () => {
    const open = openDatabase({
      url: 'postgresql://nobody@127.0.0.1:1/none',
      role: 'crossdock_app',
      maxConnections: 1,
      applicationName: 'test',
    });
    await expect(open).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  });
});
