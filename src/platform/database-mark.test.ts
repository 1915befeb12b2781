import { randomUUID } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { tempDir, testDatabase } from '../../test/harness/index.ts';
import { testServer } from '../../test/harness/test-server.ts';
import {
  advanceMark,
  beginHistory,
  type DatabaseMark,
  judgeMark,
  noteMark,
  openDatabase,
  readMark,
  readMarksSeen,
  type ServerIdentity,
} from './index.ts';

const mark: DatabaseMark = {
  history: 'h1',
  seq: 100,
  markedAt: new Date('2026-06-01T12:00:00Z'),
  serverId: '7',
  timeline: 1,
};
const cloned = (isStillThere: boolean): DatabaseMark => ({ ...mark, clonedFrom: { name: 'crossdock', isStillThere } });
const server: ServerIdentity = { serverId: '7', timeline: 1, isEmbedded: false };
const label = 'START WAL LOCATION: 0/2000028\nSTART TIME: 2026-06-01 11:00:00 UTC\nLABEL: pg_basebackup base backup';

test('what a crash, a failover, an upgrade or another node leaves is not taken for a restore', () => {
  const quiet: [string, DatabaseMark | undefined, ServerIdentity, Record<string, number>][] = [
    ['a new database', undefined, server, {}],
    ['a data folder that was lost', mark, server, {}],
    ['a crash: what was seen was committed', mark, server, { h1: 100 }],
    ['other nodes moved it on', mark, server, { h1: 7 }],
    ['a failover', mark, { ...server, timeline: 2 }, { h1: 100 }],
    ['a failover, seen by a node without memory', mark, { ...server, timeline: 2 }, {}],
    ['a promoted standby, which was made from a copy', mark, { ...server, timeline: 2, backupLabel: label }, {}],
    ['a copy that was taken note of', { ...mark, backupLabel: label }, { ...server, backupLabel: label }, {}],
    ['another server, and nothing is missing', mark, { ...server, serverId: '8' }, { h1: 100 }],
    ['a clone in the place of what it was made from', cloned(false), server, { h1: 100 }],
    ['a clone on another server, and nothing is missing', cloned(true), { ...server, serverId: '8' }, { h1: 100 }],
    ['another node has taken note of a restore', { ...mark, history: 'h2', seq: 1 }, server, { h1: 100 }],
  ];
  for (const [what, found, at, seen] of quiet)
    expect([what, judgeMark(found, at, seen, true)]).toEqual([what, undefined]);
  expect(judgeMark(undefined, server, { other: 3 }, false)).toBeUndefined();
});

test('what stands behind what was seen, or comes from a copy, was put back', () => {
  expect(judgeMark(mark, server, { h1: 101 }, true)).toMatch(/has seen it later than 2026-06-01T12:00:00.000Z/);
  expect(judgeMark(mark, { ...server, timeline: 2 }, { h1: 101 }, true)).toMatch(/seen it later/);
  expect(judgeMark(mark, { ...server, backupLabel: label }, {}, true)).toMatch(
    /physical copy of 2026-06-01 11:00:00 UTC/,
  );
  const embedded = { ...server, isEmbedded: true, backupLabel: label };
  expect(judgeMark(mark, { ...embedded, timeline: 2 }, { h1: 100 }, true)).toMatch(/physical copy/);
  expect(judgeMark(mark, { ...server, serverId: '8' }, {}, true)).toMatch(/on another server/);
  expect(judgeMark(undefined, server, { h1: 100 }, true)).toMatch(/from a time before/);
  for (const seen of [{}, { h1: 100 }, { h1: 7 }] as Record<string, number>[]) {
    expect(judgeMark(cloned(true), server, seen, true)).toBe(
      'it was cloned from the database crossdock of the same server',
    );
  }
  expect(judgeMark(cloned(false), server, {}, true)).toMatch(/cloned from the database crossdock/);
});

test('a data folder remembers the furthest mark of each history, and survives what cannot be written', async () => {
  const folder = tempDir();
  try {
    expect(readMarksSeen(folder.path)).toEqual({});
    await Promise.all([noteMark(folder.path, mark), noteMark(folder.path, { ...mark, history: 'h2', seq: 3 })]);
    await noteMark(folder.path, { ...mark, seq: 101 });
    await noteMark(folder.path, { ...mark, seq: 99 });
    expect(readMarksSeen(folder.path).h1).toBe(101);
    expect(readdirSync(folder.path)).toEqual(['database-mark.json']);
    writeFileSync(join(folder.path, 'database-mark.json'), '');
    expect(readMarksSeen(folder.path)).toEqual({});
    await expect(noteMark(join(folder.path, 'database-mark.json', 'below'), mark)).rejects.toThrow();
  } finally {
    folder.remove();
  }
});

test('a clone made on the same server knows what it was made from, until somebody has taken note', async () => {
  const original = await testDatabase();
  const name = `clone_${randomUUID().replaceAll('-', '')}`;
  const url = new URL(original.url);
  const source = url.pathname.slice(1);
  url.pathname = `/${name}`;
  const server = await testServer();
  const asSuperuser = new pg.Client({ connectionString: server.superuserUrl });
  await asSuperuser.connect();
  try {
    await advanceMark(original.engine, { serverId: '7', timeline: 1, isEmbedded: false });
    expect(await original.engine.engineTx(readMark)).not.toHaveProperty('clonedFrom');
    await original.app.close();
    await original.engine.close();
    await original.owner.end();
    await asSuperuser.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [source]);
    await asSuperuser.query(`CREATE DATABASE ${name} TEMPLATE ${source}`);
    const clone = await openDatabase({
      url: url.href,
      role: 'crossdock_engine',
      maxConnections: 1,
      applicationName: 't',
    });
    try {
      const found = await clone.engineTx(readMark);
      expect(found).toMatchObject({ clonedFrom: { name: source, isStillThere: true } });
      await clone.engineTx((tx) => beginHistory(tx, { serverId: '7', timeline: 1, isEmbedded: false }));
      expect(await clone.engineTx(readMark)).not.toHaveProperty('clonedFrom');
    } finally {
      await clone.close();
    }
  } finally {
    await asSuperuser.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await asSuperuser.query(`DROP DATABASE IF EXISTS ${source} WITH (FORCE)`);
    await asSuperuser.end();
  }
});
