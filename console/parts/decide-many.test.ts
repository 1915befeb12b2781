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
  expect(results.at(-1)).toMatchObject({ id: 'e59', code: 'NOT_TRIED' });
  expect(calls).toBe(2);
  await expect(decideMany(() => Promise.reject(new Error('down')), rows, decision)).rejects.toThrow('down');
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
