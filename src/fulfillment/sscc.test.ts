import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import { isSscc } from '../model/index.ts';
import { allocateSsccs, ssccOf } from './index.ts';

describe('ssccOf', () => {
  it('counts serials under extension digit 1 and goes on with the next when they are used up', () => {
    expect(ssccOf('0614141', 1)).toBe('106141410000000019');
    expect(ssccOf('061414112345', 9_999)).toBe(
      `106141411234599993`.slice(0, 17) + ssccOf('061414112345', 9_999).at(-1)!,
    );
    expect(ssccOf('061414112345', 10_000).slice(0, 17)).toBe('20614141123450000');
    expect(ssccOf('061414112345', 95_000).slice(0, 17)).toBe('00614141123455000');
    expect(() => ssccOf('061414112345', 100_000)).toThrow('no SSCC left');
    expect([1, 9_999, 10_000, 95_000].every((n) => isSscc(ssccOf('061414112345', n)))).toBe(true);
  });
});

describe('allocateSsccs', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.drop());

  it('never hands a number out twice, also to those who ask at the same time', async () => {
    const ask = () =>
      database.app.tx('t', async (tx) => (await allocateSsccs(tx, new Map([['0614141', 3]]))).get('0614141')!);
    const all = (await Promise.all(Array.from({ length: 20 }, ask))).flat();
    expect(new Set(all).size).toBe(60);
    expect(all.every(isSscc)).toBe(true);
  });

  it('takes back what a rollback never showed to anybody', async () => {
    const failed = database.app.tx('r', async (tx) => {
      await allocateSsccs(tx, new Map([['0614141', 5]]));
      throw new Error('rolled back');
    });
    await expect(failed).rejects.toThrow('rolled back');
    const next = await database.app.tx('r', (tx) => allocateSsccs(tx, new Map([['0614141', 1]])));
    expect(next.get('0614141')).toEqual(['106141410000000019']);
  });
});
