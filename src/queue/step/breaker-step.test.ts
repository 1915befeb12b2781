import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Outcome } from '../delivery.ts';
import { defaultBreaker } from '../destination.ts';
import {
  type BreakerInput,
  type BreakerState,
  breakerStep,
  callsAllowed,
  closedBreaker,
  mayProbe,
  spendsTry,
  type Verdict,
  verdictOf,
  verdictOfLookup,
} from './breaker-step.ts';
import { drainRoom, isRamping, spendDrain, startDrain } from './drain-step.ts';

const settings = { ...defaultBreaker, consecutiveFailures: 3, probeAfterMs: 1_000, probeMaxMs: 5_000 };
const down: Verdict = { kind: 'down', reason: 'unreachable', detail: 'connection refused' };
const up: Verdict = { kind: 'up' };
const answered = (verdict: Verdict): BreakerInput => ({ type: 'answered', verdict });

function run(inputs: readonly [atMs: number, input: BreakerInput][], from: BreakerState = closedBreaker) {
  let state = from;
  const shared: number[] = [];
  for (const [atMs, input] of inputs) {
    const step = breakerStep(state, input, settings, atMs, 0);
    state = step.state;
    if (step.shared) shared.push(atMs);
  }
  return { state, shared };
}

test('opens after failures in a row; a success in between starts the count again', () => {
  const notYet = run([
    [1, answered(down)],
    [2, answered(down)],
    [3, answered(up)],
    [4, answered(down)],
    [5, answered(down)],
  ]);
  expect(notYet.state.phase).toBe('closed');
  expect(notYet.shared).toEqual([]);
  const { state, shared } = run([[6, answered(down)]], notYet.state);
  expect(state).toMatchObject({
    phase: 'open',
    sinceMs: 6,
    openedAtMs: 6,
    nextProbeAtMs: 506,
    lastReason: 'unreachable',
  });
  expect(shared).toEqual([6]);
  expect(callsAllowed(state, 'w', 7)).toBe(0);
});

test('answers that are counted together count as much as one by one', () => {
  const verdicts = fc.array(
    fc.record({ atMs: fc.nat(40_000), isUp: fc.boolean(), times: fc.integer({ min: 1, max: 5 }) }),
  );
  fc.assert(
    fc.property(verdicts, (answers) => {
      const inOrder = answers.toSorted((a, b) => a.atMs - b.atMs);
      const together = run(
        inOrder.map(({ atMs, isUp, times }) => [
          atMs,
          { type: 'answered', verdict: isUp ? up : down, times: isUp ? times : 1 },
        ]),
      );
      const oneByOne = run(
        inOrder.flatMap(({ atMs, isUp, times }) =>
          Array.from({ length: isUp ? times : 1 }, (): [number, BreakerInput] => [atMs, answered(isUp ? up : down)]),
        ),
      );
      expect(together).toEqual(oneByOne);
    }),
  );
});

test('opens when half of enough calls fail, although some succeed in between; old calls are forgotten', () => {
  const mixed = (fromMs: number, calls: number): [number, BreakerInput][] =>
    Array.from({ length: calls }, (_, i) => [fromMs + i, answered(i % 2 === 0 ? down : up)]);
  expect(run(mixed(0, 18)).state.phase).toBe('closed');
  expect(run(mixed(0, 21)).state.phase).toBe('open');
  const long = settings.windowMs * 2;
  expect(run(mixed(long, 18), run(mixed(0, 18)).state).state.phase).toBe('closed');
});

test('what a system refuses in substance, and "too many requests", never open it', () => {
  const answers: Outcome[] = [
    { kind: 'rejected', class: 'business', code: 'ITEM_REFUSED', message: 'no' },
    { kind: 'rejected', class: 'schema', code: 'HTTP_400', message: 'no' },
    { kind: 'retryable', sent: true, retryAfterMs: 10, detail: 'HTTP 429', reason: 'throttled' },
    { kind: 'retryable', sent: false, detail: 'The lease had run out' },
  ];
  const inputs = Array.from({ length: 200 }, (_, i): [number, BreakerInput] => [
    i,
    answered(verdictOf(answers[i % 4]!)),
  ]);
  expect(run(inputs).state.phase).toBe('closed');
  expect(verdictOf({ kind: 'rejected', class: 'auth', code: 'HTTP_401', message: 'no' })).toMatchObject({
    reason: 'auth',
  });
  expect(verdictOfLookup({ kind: 'none' })).toEqual(up);
  expect(verdictOfLookup({ kind: 'unavailable', detail: '', reason: 'timeout' })).toMatchObject({ reason: 'timeout' });
});

test('one worker gets the probe; its answer closes or opens again, with longer pauses up to the limit', () => {
  let { state } = run([
    [1, answered(down)],
    [2, answered(down)],
    [3, answered(down)],
  ]);
  const pauses: number[] = [];
  for (let round = 0; round < 5; round++) {
    const atMs = state.nextProbeAtMs ?? 0;
    pauses.push(atMs - state.sinceMs);
    expect(mayProbe(state, atMs - 1)).toBe(false);
    state = run([[atMs, { type: 'probe', by: 'a', forMs: 100 }]], state).state;
    expect(run([[atMs, { type: 'probe', by: 'b', forMs: 100 }]], state).shared).toEqual([]);
    expect([callsAllowed(state, 'a', atMs), callsAllowed(state, 'b', atMs)]).toEqual([1, 0]);
    // A holder that is not heard of loses the probe.
    expect([callsAllowed(state, 'a', atMs + 100), mayProbe(state, atMs + 100)]).toEqual([0, true]);
    state = run([[atMs + 50, answered(down)]], state).state;
  }
  expect(pauses).toEqual([500, 1_000, 2_000, 2_500, 2_500]);
  expect(state).toMatchObject({ openedAtMs: 3, rounds: 6 });
  const atMs = state.nextProbeAtMs ?? 0;
  const closed = run(
    [
      [atMs, { type: 'probe', by: 'a', forMs: 100 }],
      [atMs + 1, answered(up)],
    ],
    state,
  ).state;
  expect(closed).toMatchObject({ phase: 'closed', rounds: 0 });
  expect(closed.openedAtMs).toBeUndefined();
});

test.each([
  [3_000, 3_003],
  [90_000, 5_003],
  [1e300, 5_003],
  [Number.POSITIVE_INFINITY, 5_003],
  [Number.NaN, 503],
  [-1, 503],
])(
  'Retry-After of %d ms puts the probe off, to the longest pause between probes at most',
  (retryAfterMs, probedAtMs) => {
    const later = { ...down, retryAfterMs };
    const { state } = run([
      [1, answered(later)],
      [2, answered(later)],
      [3, answered(later)],
    ]);
    expect(state.nextProbeAtMs).toBe(probedAtMs);
  },
);

test('a healthy system is sent one delivery at a time until one gets through; with nothing to send it closes', () => {
  const open = run([
    [1, answered(down)],
    [2, answered(down)],
    [3, answered(down)],
  ]).state;
  const probing = run([[600, { type: 'probe', by: 'a', forMs: 100 }]], open).state;
  const well = run([[610, { type: 'checked', ok: true, detail: 'HTTP 200' }]], probing).state;
  expect([callsAllowed(well, 'a', 620), callsAllowed(well, 'b', 620)]).toEqual([1, 1]);
  expect(run([[620, answered(up)]], well).state.phase).toBe('closed');
  expect(run([[620, answered(down)]], well).state).toMatchObject({ phase: 'open', rounds: 2 });
  expect(run([[640, { type: 'checked', ok: true, detail: 'HTTP 200' }]], well).state.phase).toBe('closed');
  expect(run([[610, { type: 'checked', ok: false, detail: 'HTTP 503' }]], probing).state).toMatchObject({
    phase: 'open',
    lastReason: 'health',
    lastError: 'HTTP 503',
  });
});

test('a person holds it open against everything, and closes it', () => {
  const held = run([[1, { type: 'hold', detail: 'cut-over' }]]).state;
  expect([mayProbe(held, 1e12), callsAllowed(held, 'a', 1e12)]).toEqual([false, 0]);
  expect(
    run(
      [
        [2, answered(up)],
        [3, { type: 'probe', by: 'a', forMs: 1 }],
      ],
      held,
    ).state.phase,
  ).toBe('open');
  expect(run([[4, { type: 'reset' }]], held).state).toMatchObject({ phase: 'closed', held: false });
});

test('whatever comes: an open breaker lets nothing through, and time alone leads out of it unless it is held', () => {
  const inputs = fc.array(
    fc.tuple(
      fc.nat(400),
      fc.constantFrom<BreakerInput>(
        answered(down),
        answered(down),
        answered(up),
        { type: 'probe', by: 'a', forMs: 100 },
        { type: 'checked', ok: true, detail: '' },
        { type: 'checked', ok: false, detail: '' },
        { type: 'hold', detail: '' },
        { type: 'reset' },
      ),
    ),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(inputs, (script) => {
      let state = closedBreaker;
      let nowMs = 0;
      for (const [pauseMs, input] of script) {
        nowMs += pauseMs;
        const before = state;
        const step = breakerStep(state, input, settings, nowMs, 0.5);
        state = step.state;
        expect(step.shared || state.phase === before.phase).toBe(true);
        if (state.phase === 'open') expect(callsAllowed(state, 'a', nowMs)).toBe(0);
        expect(state.phase === 'closed').toBe(state.openedAtMs === undefined);
        const muchLater = nowMs + settings.probeMaxMs + 1_000;
        const isFree = callsAllowed(state, 'a', muchLater) > 0 || mayProbe(state, muchLater);
        expect(isFree).toBe(!state.held);
      }
    }),
  );
});

test('a probe that the system did not look at spends no try', () => {
  expect([spendsTry('unreachable'), spendsTry('unavailable'), spendsTry('timeout')]).toEqual([false, false, false]);
  expect([spendsTry('server_error'), spendsTry('broken_reply'), spendsTry(undefined)]).toEqual([true, true, true]);
});

test('a drain ramps its calls up and keeps to its rate, shared by the workers', () => {
  const ramp = { rampSeconds: 10 };
  const callsAt = (ms: number): number => drainRoom(startDrain(0), ramp, ms, 1, 20).calls;
  expect([0, 2_500, 5_000, 10_000].map(callsAt)).toEqual([1, 5, 10, 20]);
  expect([isRamping(startDrain(0), ramp, 9_999), isRamping(startDrain(0), ramp, 10_000)]).toEqual([true, false]);
  const rated = { rampSeconds: 0, perSecond: 40 };
  for (const workers of [1, 2]) {
    let state = startDrain(0);
    let sent = 0;
    for (let nowMs = 0; nowMs < 10_000; nowMs += 7) {
      const next = drainRoom(state, rated, nowMs, workers, 1_000);
      state = spendDrain(next.state, next.room);
      sent += next.room;
      if (next.room === 0) expect(next.waitMs).toBeLessThanOrEqual((1_000 / 40) * workers);
    }
    expect(sent).toBeGreaterThan(395 / workers);
    expect(sent).toBeLessThanOrEqual(401 / workers);
  }
});
