import { expect, test } from 'vitest';
import { HubError } from '../platform/index.ts';
import { createGroupCommit } from './index.ts';

function controlled() {
  const batches: { items: number[]; finish(results?: (number | Error)[]): void; fail(error: Error): void }[] = [];
  const run = (items: number[]): Promise<(number | Error)[]> =>
    new Promise((resolve, reject) => {
      batches.push({ items, finish: (results = items) => resolve(results), fail: reject });
    });
  return { batches, run };
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

test('an idle request goes at once; others gather while two batches are in flight', async () => {
  const { batches, run } = controlled();
  const group = createGroupCommit({ maxBatch: 3, maxInFlight: 2, run });
  const answers = [group.submit(1)];
  await turn();
  answers.push(group.submit(2));
  await turn();
  answers.push(...[3, 4, 5, 6].map((item) => group.submit(item)));
  await turn();
  expect(batches.map((batch) => batch.items)).toEqual([[1], [2]]);
  batches[0]?.finish();
  await turn();
  expect(batches[2]?.items).toEqual([3, 4, 5]);
  batches[1]?.finish();
  batches[2]?.finish();
  await turn();
  batches[3]?.finish();
  expect(await Promise.all(answers)).toEqual([1, 2, 3, 4, 5, 6]);
  await group.idle();
});

test('a member answers with its own error; a failed batch is run again member by member', async () => {
  const group = createGroupCommit<number, number>({
    maxBatch: 10,
    maxInFlight: 1,
    async run(batch) {
      if (batch.includes(2)) throw new Error(`cannot do ${batch.join()}`);
      return batch.map((item) => (item === 3 ? new Error('three') : item * 10));
    },
  });
  const answers = await Promise.allSettled([1, 2, 3].map((item) => group.submit(item)));
  expect(answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : answer.reason.message))).toEqual([
    10,
    'cannot do 2',
    'three',
  ]);
});

test('a batch of which nobody knows whether it committed is not run again', async () => {
  let runs = 0;
  const group = createGroupCommit<number, number>({
    maxBatch: 10,
    maxInFlight: 1,
    async run() {
      runs++;
      throw new HubError('COMMIT_OUTCOME_UNKNOWN');
    },
  });
  const answers = await Promise.allSettled([1, 2].map((item) => group.submit(item)));
  expect(answers.map((answer) => answer.status)).toEqual(['rejected', 'rejected']);
  expect(runs).toBe(1);
});

test('a full queue refuses', async () => {
  const { run } = controlled();
  const group = createGroupCommit({
    maxBatch: 1,
    maxInFlight: 1,
    maxWaiting: 1,
    run,
    refuse: () => new HubError('OVERLOADED'),
  });
  void group.submit(1);
  await turn();
  void group.submit(2);
  await expect(group.submit(3)).rejects.toMatchObject({ code: 'OVERLOADED' });
});

test('what is worth a commit leaves while the others are still coming in', async () => {
  const { batches, run } = controlled();
  const group = createGroupCommit({ maxBatch: 8, maxInFlight: 2, run });
  const answers = [1, 2, 3, 4, 5].map((item) => group.submit(item));
  expect(batches.map((batch) => batch.items)).toEqual([
    [1, 2],
    [3, 4],
  ]);
  await turn();
  expect(batches).toHaveLength(2);
  batches[1]?.finish();
  await turn();
  // One alone is not worth a commit of its own beside the other, and leaves when that is done.
  expect(batches).toHaveLength(2);
  batches[0]?.finish();
  await turn();
  expect(batches[2]?.items).toEqual([5]);
  batches[2]?.finish();
  expect(await Promise.all(answers)).toEqual([1, 2, 3, 4, 5]);
});
