import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/harness/index.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

const query = <R>(sql: Parameters<TestDatabase['app']['query']>[1], params?: unknown[]): Promise<R[]> =>
  db.app.query<R>('main', sql, params);

test('each kind of value arrives as the driver itself would send it', async () => {
  const at = new Date('2026-11-21T10:00:00.123Z');
  const params = [
    'Ünï 漢字 🚚',
    '',
    null,
    undefined,
    true,
    12.5,
    9_007_199_254_740_991n,
    at,
    ['a', 'b,"c'],
    { a: [1] },
  ];
  const text = `SELECT $1::text AS text, $2::text AS empty, $3::text AS nothing, $4::text AS missing, $5::boolean AS yes,
    $6::numeric AS number, $7::bigint AS big, $8::timestamptz AS at, $9::text[] AS list, $10::jsonb AS json`;
  const { rows } = await db.owner.query(text, params);
  for (const sql of [text, { name: 'prepared-query-kinds', text }, { name: 'prepared-query-kinds', text }]) {
    const [row] = await query(sql, params);
    expect(row).toEqual({ ...rows[0], big: Number(rows[0].big) });
  }
});

test('bytes arrive as they are, and so does a statement without parameters', async () => {
  const bytes = randomBytes(300);
  const [row] = await query<{ bytes: Buffer }>('SELECT $1::bytea AS bytes', [bytes]);
  expect(row?.bytes).toEqual(bytes);
  const [views] = await query<{ bytes: Buffer }>('SELECT $1::bytea AS bytes', [new Uint8Array([0, 255])]);
  expect(views?.bytes).toEqual(Buffer.from([0, 255]));
  expect(await query({ name: 'prepared-query-bare', text: 'SELECT 1 AS one' })).toEqual([{ one: 1 }]);
});

test('what waits to be sent on one connection is not overwritten by what another one writes', async () => {
  const work = Array.from({ length: 60 }, (_, i) => {
    const bytes = randomBytes(i % 7 === 0 ? 1_500_000 : 1 + i * 4_000);
    const text = bytes.toString('base64');
    return { bytes, text };
  });
  const md5 = (value: Buffer | string): string => createHash('md5').update(value).digest('hex');
  const seen = await Promise.all(
    [0, 1, 2].map((third) =>
      db.app.tx('main', (tx) =>
        Promise.all(
          work
            .filter((_, i) => i % 3 === third)
            .map(({ bytes, text }) => {
              const sql = { name: 'prepared-query-md5', text: 'SELECT md5($1::bytea) AS bytes, md5($2::text) AS text' };
              return tx.query(sql, [bytes, text]);
            }),
        ),
      ),
    ),
  );
  const expected = [0, 1, 2].map((third) =>
    work.filter((_, i) => i % 3 === third).map(({ bytes, text }) => [{ bytes: md5(bytes), text: md5(text) }]),
  );
  expect(seen).toEqual(expected);
});

test('a value that cannot be sent fails its transaction and leaves the connection usable', async () => {
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  const work = db.app.tx('main', async (tx) => {
    await tx.query('SELECT 1');
    await tx.query({ name: 'prepared-query-circular', text: 'SELECT $1::jsonb' }, [circular]);
  });
  await expect(work).rejects.toThrow(/circular/i);
  expect(await query({ name: 'prepared-query-circular', text: 'SELECT $1::jsonb' }, ['[1]'])).toEqual([{ jsonb: [1] }]);
  expect(db.app.stats).toMatchObject({ total: db.app.stats.idle, waiting: 0 });
});

test('an error leads to whoever sent the statement', async () => {
  const error: unknown = await query('SELECT $1::int / 0', ['1']).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: '22012' });
  expect((error as Error).stack).toContain('prepared-query.test.ts');
});
