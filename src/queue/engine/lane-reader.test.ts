import { expect, test } from 'vitest';
import { noFlows, scriptedSystem } from '../../../test/faults/scripted-queue.ts';
import { type Db, type Tx, silentLogger, systemClock } from '../../platform/index.ts';
import type { MarkReading } from '../step/read-mark.ts';
import { createLaneReader } from './lane-reader.ts';

test('who waits for the transactions of this moment is not served by a mark that was taken before', async () => {
  const marks: ((reading: MarkReading) => void)[] = [];
  let asked = (): void => {};
  const nextMark = (): Promise<void> => new Promise((resolve) => (asked = resolve));
  const query = (): Promise<never> =>
    new Promise((resolve) => {
      marks.push((reading) => resolve([reading] as never));
      asked();
    });
  const engineTx = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> =>
    fn({ tenantId: null, database: 0, query, afterCommit: () => {} });
  const options = {
    engine: { engineTx } as Db,
    clock: systemClock,
    log: silentLogger,
    random: () => 0,
    flows: noFlows,
    deliverer: scriptedSystem().deliverer,
    leaseMs: 1_000,
    workerId: 'w',
    pollMs: 100,
  };
  const reader = createLaneReader(
    options,
    new Map(),
    () => {},
    { inMemory: 0, worked: new Map(), writing: new Map() },
    () => true,
  );
  const over: string[] = [];
  let mark = nextMark();
  const first = reader.afterRunning().then(() => over.push('first'));
  await mark;
  // The first look is under way; its transaction id is taken, and others may have begun since.
  mark = nextMark();
  const second = reader.afterRunning().then(() => over.push('second'));
  marks.shift()?.({ xmin: 5, position: 0, xid: 5 });
  await first;
  await mark;
  expect(over).toEqual(['first']);
  marks.shift()?.({ xmin: 9, position: 0, xid: 9 });
  await second;
  await reader.stop();
});
