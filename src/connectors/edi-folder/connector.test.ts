import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger, systemClock } from '../../platform/index.ts';
import type { ConnectorContext, ConnectorRequest } from '../connector.ts';
import { ediFolder } from './connector.ts';

let dir: string;
const at = (...names: string[]): string => join(dir, 'partners', 'C100', ...names);
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'edi-folder-'));
});
afterEach(() => rm(dir, { recursive: true }));

const operation = ediFolder.operations['order.acknowledge']!;
const ctx = (): ConnectorContext => ({
  settings: { folder: 'C100' },
  secrets: {},
  http: { request: () => Promise.reject(new Error('no network here')), close: () => Promise.resolve() },
  log: silentLogger,
  clock: systemClock,
  signal: new AbortController().signal,
  dataDir: dir,
});
const request = (text: string, fileName = '855-1.x12'): ConnectorRequest => ({
  native: { fileName, bytes: Buffer.from(text) },
  naturalKey: fileName,
  idempotencyKey: 'd1',
  correlationId: 'c1',
});

describe('edi-folder', () => {
  it('publishes a complete file and leaves nothing half-written', async () => {
    expect(await operation.send(ctx(), request('ISA'))).toEqual({ kind: 'confirmed', outsideId: '855-1.x12' });
    expect(await readdir(at('out'))).toEqual(['855-1.x12']);
    expect(await readFile(at('out', '855-1.x12'), 'utf8')).toBe('ISA');
    expect(await readdir(at('staging'))).toEqual([]);
  });

  it('publishes a file once for all the documents in it, also at the same moment', async () => {
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => operation.send(ctx(), request('ISA'))));
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['confirmed']));
    expect(await readdir(at('out'))).toEqual(['855-1.x12']);
    expect(await readdir(at('staging'))).toEqual([]);
    // The partner takes it; a document whose answer was lost does not bring it back.
    await rename(at('out', '855-1.x12'), join(dir, 'taken'));
    expect(await operation.send(ctx(), request('ISA'))).toMatchObject({ kind: 'confirmed' });
    expect(await readdir(at('out'))).toEqual([]);
  });

  it('does not publish again what the partner has taken already', async () => {
    await operation.send(ctx(), request('ISA'));
    await rename(at('out', '855-1.x12'), join(dir, 'taken'));
    expect(await operation.send(ctx(), request('ISA'))).toMatchObject({ kind: 'confirmed' });
    expect(await readdir(at('out'))).toEqual([]);
    expect(await operation.lookup!(ctx(), request('ISA'))).toEqual({
      kind: 'found',
      outsideId: '855-1.x12',
      sameContent: true,
    });
    expect(await operation.lookup!(ctx(), request('other'))).toMatchObject({ kind: 'found', sameContent: false });
    expect(await operation.send(ctx(), request('other'))).toMatchObject({ kind: 'rejected', code: 'DUPLICATE' });
  });

  it('finishes what a crash before the rename left in staging', async () => {
    for (const folder of ['out', 'staging', 'sent']) await mkdir(at(folder), { recursive: true });
    await writeFile(at('staging', '855-1.x12'), 'IS');
    await writeFile(at('sent', '855-1.x12'), 'IS');
    expect(await operation.lookup!(ctx(), request('ISA'))).toEqual({ kind: 'none' });
    expect(await operation.send(ctx(), request('ISA'))).toMatchObject({ kind: 'confirmed' });
    expect(await readFile(at('out', '855-1.x12'), 'utf8')).toBe('ISA');
    expect(await readFile(at('sent', '855-1.x12'), 'utf8')).toBe('ISA');
  });

  it('takes away what a crash left half-written, but not what another worker is writing', async () => {
    await mkdir(at('staging'), { recursive: true });
    const [old, fresh] = [randomUUID(), randomUUID()].map((id) => at('staging', `855-0.x12.${id}`));
    for (const path of [old!, fresh!]) await writeFile(path, 'IS');
    const twoHoursAgo = new Date(Date.now() - 7_200_000);
    await utimes(old!, twoHoursAgo, twoHoursAgo);
    expect(await operation.send(ctx(), request('ISA'))).toMatchObject({ kind: 'confirmed' });
    expect((await readdir(at('staging'))).map((name) => at('staging', name))).toEqual([fresh]);
  });

  it('says that nothing was sent when the disk refuses', async () => {
    await mkdir(join(dir, 'partners'));
    await writeFile(at(), 'a file where a folder belongs');
    expect(await operation.send(ctx(), request('ISA'))).toMatchObject({ kind: 'retryable', sent: false });
  });

  it('refuses names that lead elsewhere', async () => {
    for (const name of ['../x', '.hidden', 'a/b', '']) {
      expect(await operation.send(ctx(), request('ISA', name))).toMatchObject({ kind: 'rejected', code: 'FILE_NAME' });
    }
  });
});
