import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import { type Tx, uuidv7 } from '../platform/index.ts';
import { findControlGaps, interchangeSeries, skipControlNumbers, takeControlNumbers } from './control-number.ts';
import { recordInterchange } from './interchange.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

const since = new Date(Date.now() - 60_000);
const parties = { sender: '14:4012345000009', receiver: '14:4098765000001' };

/** Takes the next number and sends an interchange under it; or, as after a loss, sends none. */
async function send(tx: Tx, standard: 'x12' | 'edifact', usage: 'P' | 'T', lost = false): Promise<number> {
  const [kind, scope] = interchangeSeries(standard, { ...parties, usage });
  const number = await takeControlNumbers(tx, kind, scope);
  if (lost) return number;
  await recordInterchange(tx, {
    ...parties,
    messageId: uuidv7(),
    direction: 'out',
    ordinal: 1,
    standard,
    usage,
    control: String(number).padStart(9, '0'),
    sha256: randomBytes(32).toString('hex'),
    outcome: 'sent',
  });
  return number;
}

test.each(['x12', 'edifact'] as const)('%s: production and test beside each other leave no gaps', async (standard) => {
  await db.app.tx(`mixed-${standard}`, async (tx) => {
    for (const usage of ['P', 'T', 'P', 'P', 'T'] as const) await send(tx, standard, usage);
    expect(await findControlGaps(tx, since)).toEqual([]);
  });
});

test.each(['x12', 'edifact'] as const)(
  '%s: what was lost is told from what a restore passed over',
  async (standard) => {
    await db.app.tx(`gaps-${standard}`, async (tx) => {
      await send(tx, standard, 'P');
      await send(tx, standard, 'P', true);
      await send(tx, standard, 'P');
      expect(await findControlGaps(tx, since)).toMatchObject([
        { ...parties, before: 1, after: 3, afterRestore: false },
      ]);
      await skipControlNumbers(tx, 1000);
      await send(tx, standard, 'P');
      expect(await findControlGaps(tx, since)).toMatchObject([
        { before: 1, after: 3, afterRestore: false },
        { before: 3, after: 1004, afterRestore: true },
      ]);
    });
  },
);
