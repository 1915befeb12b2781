import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import { binaryArray } from './index.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

type Row = Record<'u' | 't' | 'j' | 'jb' | 'i' | 'f', unknown> & { b: Buffer | null };

test('PostgreSQL reads every type as it was written, NULL included', async () => {
  const id = '01890a5d-ac96-774b-bcce-b302099a8057';
  const texts = ['plain', '', 'Ünïcode 漢字 🚚', null, '{"not","an array"}'];
  const documents = ['{"b": 1,  "a": [true, null]}', '"text"', '0', undefined, '{"é": "\\n"}'];
  const rows = await db.app.query<Row>(
    'main',
    `SELECT u, t, j::text AS j, jb, b, i, f FROM unnest($1::uuid[], $2::text[], $3::json[], $4::jsonb[], $5::bytea[],
       $6::bigint[], $7::boolean[]) AS r(u, t, j, jb, b, i, f)`,
    [
      binaryArray('uuid', [id, id, null, undefined, id]),
      binaryArray('text', texts),
      binaryArray('json', documents),
      binaryArray('jsonb', documents),
      binaryArray('bytea', [Buffer.from([0, 255]), new Uint8Array(0), null, new Uint8Array([7]), Buffer.from('é')]),
      binaryArray('int8', [0, -1, Number.MAX_SAFE_INTEGER, null, Number.MIN_SAFE_INTEGER]),
      binaryArray('bool', [true, false, null, true, false]),
    ],
  );
  expect(rows.map((row) => row.u)).toEqual([id, id, null, null, id]);
  expect(rows.map((row) => row.t)).toEqual(texts);
  expect(rows.map((row) => row.j)).toEqual(documents.map((document) => document ?? null));
  expect(rows.map((row) => row.jb)).toEqual(
    documents.map((document) => (document === undefined ? null : JSON.parse(document))),
  );
  expect(rows.map((row) => (row.b === null ? null : [...row.b]))).toEqual([[0, 255], [], null, [7], [195, 169]]);
  expect(rows.map((row) => (row.i === null ? null : Number(row.i)))).toEqual([
    0,
    -1,
    Number.MAX_SAFE_INTEGER,
    null,
    Number.MIN_SAFE_INTEGER,
  ]);
  expect(rows.map((row) => row.f)).toEqual([true, false, null, true, false]);
});

test('no rows are an array without elements, and what is no UUID is refused here', async () => {
  const rows = await db.app.query('main', 'SELECT count(*)::int AS n FROM unnest($1::text[]) AS t', [
    binaryArray('text', []),
  ]);
  expect(rows).toEqual([{ n: 0 }]);
  const wrong = db.app.query('main', 'SELECT $1::uuid[] AS ids', [binaryArray('uuid', ['order-1'])]);
  await expect(wrong).rejects.toThrow('not a UUID: order-1');
  expect(await db.app.query('main', 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});
