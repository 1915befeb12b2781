import { describe, expect, it } from 'vitest';
import type { Destination } from '../../src/api/contract.ts';
import {
  addRetry,
  changesOf,
  differencesOf,
  draftOf,
  nextOpenings,
  pausesOf,
  problemsOf,
  rebase,
} from './destination-draft.ts';

const now = new Date('2026-11-21T12:00:00Z');
const row: Destination = {
  name: 'erp',
  kind: 'connection',
  lanes: 4,
  concurrency: 16,
  paused: false,
  inWindow: false,
  windows: [{ cron: '0 2 * * 0', zone: 'America/New_York', durationMinutes: 120 }],
  retry: { baseMs: 1_000, factor: 2, maxMs: 300_000, maxAttempts: 12 },
  retryByReason: { throttled: { baseMs: 5_000, factor: 1, maxMs: 5_000, maxAttempts: 40, jitter: 0.07 } },
  breaker: {
    consecutiveFailures: 5,
    failureRate: 0.29,
    minimumCalls: 20,
    windowMs: 60_000,
    probeAfterMs: 2_000,
    probeFactor: 2,
    probeMaxMs: 60_000,
    alarmAfterMs: 60_000,
  },
  drain: { rampSeconds: 10 },
  health: { intervalMs: 30_000, timeoutMs: 5_000 },
  openMaxInForce: 500_000,
  backlog: {},
  version: 3,
};
const base = draftOf(row);
const set = (values: Record<string, number | ''>) => ({ ...base, values: { ...base.values, ...values } });

describe('a draft of settings', () => {
  it('sends nothing that was not changed, and takes units back to what is stored', () => {
    expect(changesOf(row, base)).toEqual({});
    expect(base.values['/breaker/failureRate']).toBe(29);
    const changed = set({
      '/breaker/failureRate': 7,
      '/drain/perSecond': 2.5,
      '/health/timeoutMs': 0.3,
      '/openMax': 900,
    });
    expect(changesOf(row, changed)).toEqual({
      breaker: { ...row.breaker, failureRate: 0.07 },
      drain: { perSecond: 2.5, rampSeconds: 10 },
      health: { intervalMs: 30_000, timeoutMs: 300 },
      openMax: 900,
    });
    expect(changesOf({ ...row, openMax: 900 }, base)).toEqual({ openMax: null });
  });

  it('has a schedule per reason, begun as the general one and taken away again', () => {
    const more = addRetry(base, 'timeout');
    expect(changesOf(row, more)).toEqual({ retryByReason: { ...row.retryByReason, timeout: row.retry } });
    expect(changesOf(row, { ...base, ownRetries: [] })).toEqual({ retryByReason: {} });
  });

  it('says what is wrong at its place', () => {
    expect(problemsOf(base, now)).toEqual(new Map());
    const wrong = set({ '/concurrency': 0, '/retry/maxMs': 0.5, '/breaker/windowMs': '', '/drain/perSecond': '' });
    const windows = [{ cron: '61 2 * * 0', zone: 'America/New_York', minutes: 0 }];
    const found = problemsOf({ ...wrong, windows }, now);
    expect([...found.keys()].toSorted()).toEqual([
      '/breaker/windowMs',
      '/concurrency',
      '/retry/maxMs',
      '/windows/0/cron',
      '/windows/0/durationMinutes',
    ]);
  });

  it('shows the next openings in the zone of the window, across the change of the clock', () => {
    const spring = nextOpenings({ ...base.windows[0]!, cron: '0 4 * * 0' }, new Date('2026-03-06T00:00:00Z'), 2);
    expect((spring as Date[]).map((at) => at.toISOString())).toEqual([
      '2026-03-08T08:00:00.000Z',
      '2026-03-15T08:00:00.000Z',
    ]);
    expect(nextOpenings({ cron: '0 0 30 2 *', zone: 'UTC', minutes: 1 }, now, 1)).toBe('It never comes due');
    expect(nextOpenings({ cron: 'x', zone: 'UTC', minutes: 1 }, now, 1)).toEqual(expect.any(String));
  });

  it('keeps mine on top of what somebody else has saved meanwhile', () => {
    const theirs = draftOf({ ...row, concurrency: 8, retryByReason: {}, drain: { rampSeconds: 30 }, version: 4 });
    expect(differencesOf(base, theirs).map(({ label, from, to }) => `${label} ${from} ${to}`)).toContain(
      'Calls at once 16 8',
    );
    const mine = set({ '/drain/rampSeconds': 60, '/breaker/minimumCalls': 7 });
    expect(differencesOf(base, theirs, mine)).toContainEqual(
      expect.objectContaining({ from: '10 s', to: '30 s', mine: '60 s' }),
    );
    const both = rebase(base, mine, theirs);
    expect(both.values['/concurrency']).toBe(8);
    expect(both.values['/drain/rampSeconds']).toBe(60);
    expect(both.values['/breaker/minimumCalls']).toBe(7);
    expect(both.ownRetries).toEqual([]);
  });

  it('adds up a schedule', () => {
    expect(pausesOf(base, '/retry')).toEqual({
      firstMs: [1_000, 2_000, 4_000],
      lastMs: 300_000,
      totalMs: (1 + 2 + 4 + 8 + 16 + 32 + 64 + 128 + 256 + 300 + 300) * 1_000,
    });
  });
});
