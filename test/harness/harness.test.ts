import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, manualClock, testDatabase } from './index.ts';
import { sweepRun } from './global-setup.ts';

describe('testDatabase', () => {
  let one: TestDatabase;
  let two: TestDatabase;
  beforeAll(async () => {
    [one, two] = await Promise.all([testDatabase(), testDatabase()]);
  });
  afterAll(() => Promise.all([one.drop(), two.drop()]));

  it('gives every caller a database of its own', async () => {
    await one.owner.query('CREATE TABLE only_in_one (n int)');
    const result = await two.owner.query("SELECT to_regclass('only_in_one') AS found");
    expect(result.rows).toEqual([{ found: null }]);
  });

  it('opens the pools with the roles of the hub', async () => {
    const roles = [
      await one.app.query('t', 'SELECT current_user AS name'),
      await one.engine.engineTx((tx) => tx.query('SELECT current_user AS name')),
    ];
    expect(roles).toEqual([[{ name: 'crossdock_app' }], [{ name: 'crossdock_engine' }]]);
  });

  it('has every migration applied', async () => {
    const result = await one.owner.query('SELECT count(*) AS applied FROM schema_migration');
    expect(result.rows[0]).toEqual({ applied: expect.any(Number) });
  });
});

describe('manualClock', () => {
  it('runs due timers in order, each at its own moment, with those they set', () => {
    const clock = manualClock('2026-06-01T13:00:00Z');
    const seen: string[] = [];
    const note = (name: string): void => void seen.push(`${name} ${clock.now().toISOString().slice(14, 19)}`);
    clock.setTimeout(() => note('late'), 3000);
    clock.setTimeout(() => {
      note('early');
      clock.setTimeout(() => note('nested'), 1000);
    }, 1000);
    const cancel = clock.setTimeout(() => note('cancelled'), 1500);
    cancel();
    clock.advance(2500);
    expect(seen).toEqual(['early 00:01', 'nested 00:02']);
    clock.advance(500);
    expect(seen.at(-1)).toBe('late 00:03');
    expect(clock.pendingTimers).toBe(0);
  });

  it('keeps monotonic time when the wall clock is set', () => {
    const clock = manualClock('2026-06-01T13:00:00Z');
    clock.advance(10);
    clock.setWall('2026-05-31T13:00:00Z');
    expect(clock.monotonicMs()).toBe(10);
    expect(clock.now().toISOString()).toBe('2026-05-31T13:00:00.000Z');
  });
});

it('lets one of several runs sweep the folder that a killed one has left, and takes over from one that died over it', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'sweep-test-'));
  const swept = await Promise.all([sweepRun(dir), sweepRun(dir), sweepRun(dir)]);
  expect(swept.filter(Boolean)).toHaveLength(1);
  expect(existsSync(dir)).toBe(false);
  mkdirSync(dir);
  // The pid of no process: above the kernel's bound.
  writeFileSync(join(dir, 'swept-by'), '99999999');
  expect(await sweepRun(dir)).toBe(true);
  expect(existsSync(dir)).toBe(false);
  mkdirSync(dir);
  writeFileSync(join(dir, 'swept-by'), String(process.ppid));
  expect(await sweepRun(dir)).toBe(false);
  expect(existsSync(dir)).toBe(true);
  rmSync(dir, { recursive: true });
});
