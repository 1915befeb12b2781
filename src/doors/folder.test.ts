import { appendFile, chmod, mkdir, mkdtemp, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { manualClock } from '../../test/harness/index.ts';
import { silentLogger } from '../platform/index.ts';
import { createFolderDoor, type FolderFile, type RefusedFile, type WatchedFolder } from './index.ts';

let root: string;
let files: FolderFile[];
let refused: RefusedFile[];
let fail: boolean;
let clock: ReturnType<typeof manualClock>;
const c100: WatchedFolder = { tenantId: 't', folder: 'C100', partner: 'C100', maxBytes: 100 };

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'folder-door-'));
  [files, refused, fail] = [[], [], false];
  clock = manualClock('2026-06-01T13:00:00Z');
  await mkdir(join(root, 'C100', 'in'), { recursive: true });
});
afterEach(() => rm(root, { recursive: true }));

const at = (...names: string[]): string => join(root, 'C100', ...names);
async function drop(name: string, text: string): Promise<void> {
  await writeFile(at('in', `.${name}`), text);
  await rename(at('in', `.${name}`), at('in', name));
}
const door = (folders: WatchedFolder[] = [c100], settleMs = 0) =>
  createFolderDoor({
    settleMs,
    root,
    folders: () => Promise.resolve(folders),
    onFile: (file) => {
      if (fail) return Promise.reject(new Error('database down'));
      files.push(file);
      return Promise.resolve({ messageId: `m${files.length}` });
    },
    onRefused: (file) => {
      refused.push(file);
      return Promise.resolve();
    },
    clock,
    log: silentLogger,
  });

describe('folder door', () => {
  it('takes in files by name, archives them, and looks at each once', async () => {
    await drop('b.edi', 'second');
    await drop('a.edi', 'first');
    expect(await door().scan()).toBe(2);
    expect(files.map((file) => [file.fileName, Buffer.from(file.bytes).toString()])).toEqual([
      ['a.edi', 'first'],
      ['b.edi', 'second'],
    ]);
    expect(await readdir(at('in'))).toEqual([]);
    expect((await readdir(at('archive'))).sort()).toEqual(['20260601T130000-m1-a.edi', '20260601T130000-m2-b.edi']);
    expect(await door().scan()).toBe(0);
  });

  it('takes a file that is written slowly under its final name only when it is whole', async () => {
    const patient = door([c100], 1_000);
    await writeFile(at('in', 'slow.edi'), 'first half,');
    expect(await patient.scan()).toBe(0);
    clock.advance(900);
    expect(await patient.scan()).toBe(0);
    await appendFile(at('in', 'slow.edi'), ' second half');
    clock.advance(900);
    expect(await patient.scan()).toBe(0);
    clock.advance(999);
    expect(await patient.scan()).toBe(0);
    clock.advance(1);
    expect(await patient.scan()).toBe(1);
    expect(Buffer.from(files[0]!.bytes).toString()).toBe('first half, second half');
  });

  it('does not count the wait of a file for another of its name', async () => {
    const patient = door([c100], 1_000);
    await writeFile(at('in', 'a.edi'), 'one');
    await patient.scan();
    await rm(at('in', 'a.edi'));
    clock.advance(1_000);
    await patient.scan();
    await writeFile(at('in', 'a.edi'), 'two');
    expect(await patient.scan()).toBe(0);
  });

  it('keeps two tenants apart whose partners have one account number', async () => {
    const theirs = await mkdtemp(join(tmpdir(), 'folder-door-other-'));
    try {
      await mkdir(join(theirs, 'C100', 'in'), { recursive: true });
      await writeFile(join(theirs, 'C100', 'in', 'theirs.edi'), 'theirs');
      await drop('ours.edi', 'ours');
      expect(await door([c100, { ...c100, tenantId: 'other', root: theirs }]).scan()).toBe(2);
      expect(files.map((file) => [file.folder.tenantId, file.fileName])).toEqual([
        ['t', 'ours.edi'],
        ['other', 'theirs.edi'],
      ]);
      expect((await readdir(at('archive'))).join()).toContain('ours.edi');
      expect((await readdir(join(theirs, 'C100', 'archive'))).join()).toContain('theirs.edi');
    } finally {
      await rm(theirs, { recursive: true });
    }
  });

  it('ignores files that are still being written, folders and links', async () => {
    for (const name of ['.hidden', 'x.tmp', 'x.part', 'x.filepart', 'x.edi~']) await writeFile(at('in', name), 'x');
    await mkdir(at('in', 'sub'));
    await writeFile(join(root, 'secret'), 'x');
    await symlink(join(root, 'secret'), at('in', 'link.edi'));
    expect(await door().scan()).toBe(0);
    expect(files).toEqual([]);
    expect(await readdir(at('in'))).toHaveLength(7);
  });

  it('refuses a huge file without reading it, and says so where people look', async () => {
    await drop('huge.edi', 'x'.repeat(101));
    await drop('fits.edi', 'x'.repeat(100));
    expect(await door().scan()).toBe(1);
    expect(refused).toMatchObject([
      { fileName: 'huge.edi', sizeBytes: 101, reason: expect.stringContaining('at most 100') },
    ]);
    expect((await readdir(at('refused'))).sort()).toEqual(['20260601T130000-huge.edi', 'huge.edi.txt']);
    expect(await readdir(at('in'))).toEqual([]);
  });

  it('takes in names that are no UTF-8, and names as long as a file system has them', async () => {
    const latin1 = Buffer.from('Bestellung-f\u00fcr.edi', 'latin1');
    await writeFile(Buffer.concat([Buffer.from(`${at('in')}/`), latin1]), 'latin');
    const long = `${'\u00fc'.repeat(125)}x.edi`;
    await writeFile(at('in', long), 'long');
    expect(Buffer.byteLength(long)).toBe(255);
    expect(await door().scan()).toBe(2);
    expect(files.map((file) => file.fileName)).toEqual(['Bestellung-f\u00fcr.edi', long]);
    expect(await readdir(at('in'))).toEqual([]);
    const archived = (await readdir(at('archive'))).sort();
    expect(archived[0]).toBe('20260601T130000-m1-Bestellung-f\u00fcr.edi');
    expect(archived[1]).toMatch(/^20260601T130000-m2-\u00fc+x\.edi$/);
    expect(Buffer.byteLength(archived[1]!)).toBeLessThanOrEqual(255);
    await drop(`${'y'.repeat(249)}.edi`, 'x'.repeat(101));
    await door().scan();
    expect(await readdir(at('in'))).toEqual([]);
    expect(await readdir(at('refused'))).toHaveLength(2);
  });

  it('says once to people that a file cannot be taken in, and tries again', async () => {
    await drop('a.edi', 'text');
    const lines: unknown[] = [];
    const told = { ...silentLogger, error: (entry: unknown) => void lines.push(entry) } as typeof silentLogger;
    let failing = true;
    const running = createFolderDoor({
      settleMs: 0,
      root,
      folders: () => Promise.resolve([c100]),
      onFile: () =>
        failing
          ? Promise.reject(Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' }))
          : Promise.resolve({ messageId: 'm1' }),
      onRefused: (file) => {
        refused.push(file);
        return Promise.resolve();
      },
      clock: manualClock('2026-06-01T13:00:00Z'),
      log: told,
    });
    for (let look = 0; look < 3; look++) await running.scan();
    expect(refused).toMatchObject([{ fileName: 'a.edi', reason: expect.stringContaining('EACCES') }]);
    expect(lines).toHaveLength(1);
    failing = false;
    expect(await running.scan()).toBe(1);
  });

  it('leaves what it archives, and its folders, to its own user and group', async () => {
    await drop('a.edi', 'text');
    await chmod(at('in', 'a.edi'), 0o644);
    await door().scan();
    const [archived] = await readdir(at('archive'));
    expect((await stat(at('archive', archived!))).mode & 0o777).toBe(0o640);
    expect((await stat(at('archive'))).mode & 0o007).toBe(0);
  });

  it('shows a file again after a failure, under the key it had', async () => {
    await drop('a.edi', 'text');
    fail = true;
    expect(await door().scan()).toBe(0);
    expect(await readdir(at('in'))).toEqual(['a.edi']);
    fail = false;
    expect(await door().scan()).toBe(1);
    await drop('a.edi', 'text');
    await door().scan();
    expect(files[0]!.dedupeKey).not.toBe(files[1]!.dedupeKey);
  });

  it("keeps one partner's trouble from the others", async () => {
    await writeFile(join(root, 'C200'), 'a file where a folder belongs');
    await drop('a.edi', 'text');
    const others = [{ ...c100, folder: '../C100' }, { ...c100, folder: 'C200' }, c100];
    expect(await door(others).scan()).toBe(1);
  });

  it('notices a dropped file by itself, and stops', async () => {
    const running = createFolderDoor({
      root,
      folders: () => Promise.resolve([c100]),
      onFile: (file) => {
        files.push(file);
        arrived();
        return Promise.resolve({ messageId: 'm' });
      },
      onRefused: () => Promise.resolve(),
      clock: {
        now: () => new Date(),
        monotonicMs: () => performance.now(),
        setTimeout: (fn, ms) => {
          const t = setTimeout(fn, ms);
          return () => clearTimeout(t);
        },
      },
      log: silentLogger,
      pollMs: 60_000,
      settleMs: 20,
    });
    let arrived = (): void => {};
    const seen = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    running.start();
    await drop('a.edi', 'text');
    await seen;
    await running.stop();
    await drop('b.edi', 'text');
    expect(files.map((file) => file.fileName)).toEqual(['a.edi']);
  });
});
