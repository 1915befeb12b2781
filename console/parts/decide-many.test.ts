import { expect, it } from 'vitest';
import type { ActOnExceptionsBody, ExceptionView } from '../../src/api/contract.ts';
import { countReasons, decideMany } from './decide-many.ts';

const rows = Array.from({ length: 60 }, (_, n) => ({ id: `e${n}`, version: n + 1, title: 'Overdue', state: 'open' }));
const decision = { action: 'note', reason: 'because', preview: false } as const;
const answer = (body: ActOnExceptionsBody) => ({
  preview: false,
  done: body.exceptions.length,
  results: body.exceptions.map(({ id }) => ({ id, outcome: 'done' as const })),
});

it('asks some at a time, each with the version that was seen, and tells how far it is', async () => {
  const asked: ActOnExceptionsBody[] = [];
  const told: number[] = [];
  const post = (body: ActOnExceptionsBody) => {
    asked.push(body);
    return Promise.resolve(answer(body));
  };
  const results = await decideMany(post, rows, decision, (answered) => told.push(answered));
  expect(results.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
  expect(asked.flatMap(({ exceptions }) => exceptions)).toEqual(rows.map(({ id, version }) => ({ id, version })));
  expect(told).toEqual([25, 50, 60]);
});

it('tells which were not tried when the hub stops answering, and fails when nothing was done', async () => {
  let calls = 0;
  const post = (body: ActOnExceptionsBody) => {
    calls += 1;
    return calls === 2 ? Promise.reject(new Error('the hub does not answer')) : Promise.resolve(answer(body));
  };
  const results = await decideMany(post, rows, decision);
  expect(results.filter(({ outcome }) => outcome === 'done')).toHaveLength(25);
  expect(results[25]).toMatchObject({ outcome: 'failed', message: expect.stringContaining('does not answer') });
  expect(results.at(-1)).toEqual({ id: 'e59', outcome: 'not_tried' });
  expect(calls).toBe(2);
  await expect(decideMany(() => Promise.reject(new Error('down')), rows, decision)).rejects.toThrow('down');
});

it('asks no more once something has failed inside the hub', async () => {
  let calls = 0;
  const post = (body: ActOnExceptionsBody) => {
    calls += 1;
    const [first, ...rest] = body.exceptions.map(({ id }) => id);
    const failed = { id: first!, outcome: 'failed' as const, code: 'INTERNAL', message: 'broken' };
    const results = [failed, ...rest.map((id) => ({ id, outcome: 'not_tried' as const }))];
    return Promise.resolve({ preview: false, done: 0, results });
  };
  const results = await decideMany(post, rows, decision);
  expect([calls, results.length]).toEqual([1, 60]);
  expect(countReasons(results, [])).toEqual([
    { reason: 'not tried, since one before it failed', count: 59 },
    { reason: 'broken', count: 1 },
  ]);
});

it('counts why rows were refused', () => {
  const refused = (id: string, code: string) => ({ id, outcome: 'refused' as const, code });
  const results = [
    { id: 'e0', outcome: 'done' as const },
    refused('e1', 'PRECONDITION_FAILED'),
    refused('e2', 'ACTION_NOT_ALLOWED'),
    refused('e3', 'ACTION_NOT_ALLOWED'),
  ];
  expect(countReasons(results, rows as unknown as ExceptionView[])).toEqual([
    { reason: '“Overdue” does not allow it', count: 2 },
    { reason: 'changed since you saw it; nobody is overwritten', count: 1 },
  ]);
});
