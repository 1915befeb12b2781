import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HubError } from '../../platform/index.ts';
import { laneOfKey } from '../hash-key.ts';
import { judgeFailure } from './flow-failure.ts';
import { markAgeMs, markStep, noMarks } from './read-mark.ts';
import { backOffMs } from './retry-step.ts';
import { closedBreaker } from './breaker-step.ts';
import { backSince } from './drain-step.ts';
import { latestWindowEnd, windowProblem, windowStatus } from './window-step.ts';

const retry = { baseMs: 1_000, factor: 2, maxMs: 60_000, maxAttempts: 3 };

test('back-off doubles up to its limit, and half of it is random', () => {
  expect([1, 2, 3, 10].map((tries) => backOffMs(retry, tries, 0))).toEqual([500, 1_000, 2_000, 30_000]);
  expect([1, 2, 3, 10].map((tries) => backOffMs(retry, tries, 0.999999))).toEqual([1_000, 2_000, 4_000, 60_000]);
});

test('a flow that fails is retried, held or dead by its error', () => {
  expect(judgeFailure(new HubError('MAP_FAILED'), 0, retry, 0)).toMatchObject({ to: 'held', code: 'MAP_FAILED' });
  expect(judgeFailure(new HubError('UNKNOWN_ITEM'), 0, retry, 0)).toMatchObject({ to: 'dead' });
  expect(judgeFailure(new HubError('DATABASE_CONFLICT'), 0, retry, 0)).toMatchObject({
    to: 'retry_wait',
    dueInMs: 500,
  });
  expect(judgeFailure(new TypeError('bug'), 1, retry, 0)).toMatchObject({
    to: 'retry_wait',
    dueInMs: 1_000,
    code: 'INTERNAL',
  });
  expect(judgeFailure(new TypeError('bug'), 2, retry, 0)).toMatchObject({ to: 'dead', tries: 3 });
  // What the next try meets again does not keep its key for as long as a system that is down may.
  const patient = { ...retry, maxAttempts: 12 };
  expect(judgeFailure(new TypeError('bug'), 3, patient, 0)).toMatchObject({ to: 'dead', tries: 4 });
  expect(judgeFailure(new HubError('DATABASE_UNAVAILABLE'), 3, patient, 0)).toMatchObject({ to: 'retry_wait' });
});

test('a mark is passed when every older transaction has ended', () => {
  // Transaction 10 runs and has taken position 5; the mark is noted under 12.
  let marks = markStep(noMarks, { xmin: 10, position: 6, xid: 12 }, 100);
  expect(marks.safe).toBe(0);
  expect(markAgeMs(marks, 350)).toBe(250);
  marks = markStep(marks, { xmin: 11, position: 8, xid: 13 }, 200);
  expect(marks.safe).toBe(0);
  marks = markStep(marks, { xmin: 12, position: 9, xid: 14 }, 300);
  expect(marks.safe).toBe(6);
  marks = markStep(marks, { xmin: 15, position: 9, xid: 15 }, 400);
  expect(marks).toEqual({ safe: 9, pending: [] });
});

test('no position of a running writer is ever safe', () => {
  // A clock of transaction ids and positions, as PostgreSQL hands them out: an id first, positions after.
  const script = fc.array(fc.constantFrom('begin', 'take', 'end', 'read', 'begin', 'take', 'read'), { maxLength: 80 });
  fc.assert(
    fc.property(script, fc.infiniteStream(fc.nat(1000)), (actions, pick) => {
      let xid = 100;
      let position = 0;
      const running = new Map<number, number[]>();
      let marks = noMarks;
      for (const action of actions) {
        const ids = [...running.keys()];
        const one = ids[(pick.next().value ?? 0) % Math.max(1, ids.length)];
        if (action === 'begin') running.set(xid++, []);
        else if (action === 'take' && one !== undefined) running.get(one)?.push(++position);
        else if (action === 'end' && one !== undefined) running.delete(one);
        else if (action === 'read') {
          const own = xid++;
          marks = markStep(marks, { xmin: Math.min(own, ...running.keys()), position, xid: own }, 0);
          for (const taken of running.values()) for (const open of taken) expect(open).toBeGreaterThan(marks.safe);
        }
      }
    }),
  );
});

test('maintenance windows keep to their zone over a change of clocks', () => {
  const windows = [{ cron: '0 2 * * 6', zone: 'America/New_York', durationMinutes: 120 }];
  // Saturdays; daylight saving ended on 1 November 2026.
  expect(windowStatus(windows, new Date('2026-10-31T06:30:00Z')).inWindow).toBe(true);
  expect(windowStatus(windows, new Date('2026-11-07T06:30:00Z')).inWindow).toBe(false);
  expect(windowStatus(windows, new Date('2026-11-07T07:30:00Z'))).toEqual({
    inWindow: true,
    until: new Date('2026-11-07T09:00:00Z'),
  });
  expect(windowStatus(windows, new Date('2026-11-07T09:00:00Z'))).toEqual({
    inWindow: false,
    until: new Date('2026-11-14T07:00:00Z'),
  });
});

test('overlapping windows join, and none is never open', () => {
  const hourly = { cron: '0 * * * *', zone: 'UTC', durationMinutes: 90 };
  expect(windowStatus([hourly], new Date('2026-06-01T12:10:00Z'))).toEqual({
    inWindow: true,
    until: new Date('2026-06-01T13:30:00Z'),
  });
  expect(windowStatus([], new Date())).toEqual({ inWindow: false, until: undefined });
});

test.each<[cron: string, durationMinutes: number, field: string | undefined, why?: string]>([
  ['0 2 * * *', 30, undefined],
  ['61 2 * * *', 30, 'cron'],
  ['0 2 * * *', 0, 'durationMinutes', 'whole number'],
  ['0 2 30 2 *', 30, 'cron', 'never comes due'],
  ['* * * * * *', 10_080, 'cron', 'five fields'],
  ['0 0 2 * * *', 30, 'cron', 'five fields'],
  ['2020-01-01T00:00:00', 30, 'cron', 'five fields'],
  ['@daily', 30, 'cron', 'five fields'],
  ['* * * * *', 10_080, 'durationMinutes', 'never close'],
  ['* * * * *', 1, 'durationMinutes', 'never close'],
  ['0 * * * *', 59, undefined],
  ['0 * * * *', 60, 'durationMinutes', 'never close'],
  ['0 2 * * *', 1_439, undefined],
  ['0 2 * * *', 1_440, 'durationMinutes', 'never close'],
  // It closes for the week-end, or at night, only.
  ['* * * * 1-5', 60, undefined],
  ['* * * * 1-5', 2_880, undefined],
  ['* * * * 1-5', 2_881, 'durationMinutes', 'never close'],
  ['* 8-17 * * *', 840, undefined],
  ['* 8-17 * * *', 841, 'durationMinutes', 'never close'],
  ['0 2 * * 6,0', 1_500, undefined],
  ['0 2 1 * *', 10_080, undefined],
  ['0 2 29 2 *', 10_080, undefined],
])('window %s for %d minutes: %s %s', (cron, durationMinutes, field, why = '') => {
  const problem = windowProblem({ cron, zone: 'UTC', durationMinutes });
  expect(problem?.field).toBe(field);
  expect(problem?.message ?? '').toContain(why);
});

test('a window in a zone that does not exist is told so', () => {
  expect(windowProblem({ cron: '0 2 * * *', zone: 'Mars/Olympus', durationMinutes: 30 })?.field).toBe('zone');
});

test('a window costs next to nothing to look at, whatever is stored, and one that cannot be read never opens', () => {
  const at = new Date('2026-06-01T12:10:30.250Z');
  const startedMs = performance.now();
  for (const cron of ['* * * * * *', '* * * * *']) {
    const window = { cron, zone: 'America/New_York', durationMinutes: 10_080 };
    const { inWindow, until } = windowStatus([window], at);
    expect(inWindow).toBe(true);
    expect((until?.getTime() ?? 0) - at.getTime()).toBeGreaterThan(10_079 * 60_000 - 30_250);
    latestWindowEnd([window], at);
  }
  // Walking every opening within the duration took two minutes.
  expect(performance.now() - startedMs).toBeLessThan(2_000);
  const broken = [
    { cron: 'every now and then', zone: 'UTC', durationMinutes: 10 },
    { cron: '0 2 * * *', zone: 'Mars/Olympus', durationMinutes: 10 },
    { cron: '2020-01-01T00:00:00', zone: 'UTC', durationMinutes: 10 },
  ];
  expect(windowStatus(broken, at)).toEqual({ inWindow: false, until: undefined });
});

test('a key keeps its lane for ever', () => {
  // Pinned: with another hash, keys would change lanes and overtake themselves.
  expect(['', 'a', 'order-1', '019a1b2c-0000-7000-8000-000000000001'].map((key) => laneOfKey(key, 4))).toEqual([
    1, 0, 1, 0,
  ]);
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < 4_000; i++) counts[laneOfKey(`order-${i}`, 4)]!++;
  for (const count of counts) expect(count).toBeGreaterThan(800);
});

test('the latest end of a window counts for an hour, however many there were', () => {
  const hourly = { cron: '0 * * * *', zone: 'UTC', durationMinutes: 10 };
  const short = { cron: '30 12 * * *', zone: 'UTC', durationMinutes: 1 };
  const at = (time: string) =>
    latestWindowEnd([hourly, short], new Date(`2026-06-01T${time}Z`))
      ?.toISOString()
      .slice(11, 19);
  expect(at('12:10:00')).toBe('12:10:00');
  expect(at('12:29:59')).toBe('12:10:00');
  expect(at('12:31:00')).toBe('12:31:00');
  expect(at('12:59:59')).toBe('12:31:00');
  expect(at('13:10:01')).toBe('13:10:00');
  const daily = { ...hourly, cron: '0 3 * * *' };
  expect(latestWindowEnd([daily], new Date('2026-06-01T04:09:59Z'))?.toISOString()).toBe('2026-06-01T03:10:00.000Z');
  expect(latestWindowEnd([daily], new Date('2026-06-01T04:10:01Z'))).toBeUndefined();
  expect(latestWindowEnd([], new Date())).toBeUndefined();
});

test('a destination counts as back since its breaker closed or its window ended, for an hour', () => {
  const nowMs = Date.parse('2026-06-01T12:00:00Z');
  const closed = (minutesAgo: number) => ({ ...closedBreaker, sinceMs: nowMs - minutesAgo * 60_000 });
  expect(backSince(closedBreaker, undefined, nowMs)).toBeUndefined();
  expect(backSince(closed(5), undefined, nowMs)).toBe(nowMs - 300_000);
  expect(backSince(closed(5), nowMs - 1_000, nowMs)).toBe(nowMs - 1_000);
  expect(backSince(closed(61), undefined, nowMs)).toBeUndefined();
  expect(backSince({ ...closed(5), phase: 'open' }, nowMs - 1_000, nowMs)).toBeUndefined();
});
