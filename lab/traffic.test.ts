import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exceptionsLeft, notePlayed } from './traffic.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossdock-traffic-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const names = (file: string) => exceptionsLeft(file).map(({ name }) => name);

describe('the planned exceptions', () => {
  test('are eight, of which seven come at once and the ERP goes down later', () => {
    const left = exceptionsLeft(join(folder, 'state.json'));
    expect(left).toHaveLength(8);
    const later = left.filter(({ afterMs }) => afterMs !== undefined);
    expect(later).toMatchObject([{ name: 'ERP down', afterMs: 300_000 }]);
  });

  test('are each played once in a folder, also over a restart in between', () => {
    const file = join(folder, 'state.json');
    notePlayed(file, 'bad GTIN');
    notePlayed(file, 'oversell');
    expect(names(file)).toHaveLength(6);
    expect(names(file)).not.toContain('oversell');
    // Those who want none of them write this.
    writeFileSync(file, '{}\n');
    expect(names(file)).toEqual([]);
  });
});
