import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import { lastOfSequence } from './last-of-sequence.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
  await db.owner.query('CREATE SEQUENCE ticket');
});
afterAll(() => db.drop());

/** How often a reading said more than had been handed out a moment later, while two sessions draw numbers for `ms`. */
async function tooHigh(reading: string, ms: number): Promise<number> {
  let drawing = true;
  const draw = async (): Promise<void> => {
    while (drawing) await db.owner.query("SELECT count(nextval('ticket')) FROM generate_series(1, 3200)");
  };
  const drawers = [draw(), draw()];
  let count = 0;
  for (const endMs = performance.now() + ms; performance.now() < endMs; ) {
    const { rows } = await db.owner.query(
      `WITH noted AS MATERIALIZED (SELECT ${reading} AS at) SELECT noted.at > pg_sequence_last_value('ticket') AS high FROM noted`,
    );
    if (rows[0].high === true) count++;
  }
  drawing = false;
  await Promise.all(drawers);
  return count;
}

test('the last number of a sequence is none that has not been handed out', async () => {
  expect((await db.owner.query(`SELECT ${lastOfSequence('ticket')}::int AS at`)).rows).toEqual([{ at: 0 }]);
  await db.owner.query("SELECT nextval('ticket')");
  expect((await db.owner.query(`SELECT ${lastOfSequence('ticket')}::int AS at`)).rows).toEqual([{ at: 1 }]);
  expect(await tooHigh(lastOfSequence('ticket'), 1_500)).toBe(0);
});
