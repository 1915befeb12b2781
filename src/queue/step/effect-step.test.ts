import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { IdempotencyClass, LookupResult, Outcome } from '../delivery.ts';
import { type EffectInput, type EffectState, effectStep, freshEffect, recoveriesMax } from './effect-step.ts';
import { backOffMs } from './retry-step.ts';

const retry = { baseMs: 100, factor: 2, maxMs: 1_000, maxAttempts: 4 };
const rules = (idempotency: IdempotencyClass) => ({ idempotency, retry, settleMs: 5_000 });

/** How the outside answers a call: whether it carried the request out, and what the caller saw. */
type Reply = { effect: boolean; outcome: Outcome };
const replies = fc.constantFrom<Reply>(
  { effect: true, outcome: { kind: 'confirmed', outsideId: 'x' } },
  { effect: true, outcome: { kind: 'unknown', detail: 'reply lost' } },
  { effect: false, outcome: { kind: 'unknown', detail: 'time-out' } },
  { effect: false, outcome: { kind: 'retryable', sent: false, detail: 'refused' } },
  { effect: false, outcome: { kind: 'retryable', sent: true, detail: '503' } },
  { effect: true, outcome: { kind: 'retryable', sent: true, detail: '502 after the fact' } },
);
const lookupsFail = fc.array(fc.boolean(), { maxLength: 6 });

/** Drives one delivery to rest, over hub crashes as well. */
function drive(
  idempotency: IdempotencyClass,
  script: readonly Reply[],
  failing: readonly boolean[],
  crashes: readonly boolean[],
) {
  const idempotent = idempotency === 'A' || idempotency === 'B';
  let effects = 0;
  let state: EffectState = freshEffect;
  let sends = 0;
  let lookups = 0;
  let next: EffectInput = { type: 'begin' };
  for (let guard = 0; guard < 100; guard++) {
    const { state: after, action } = effectStep(state, next, rules(idempotency), 0.5);
    state = after;
    if (action.type === 'send') {
      const reply: Reply = script[sends] ?? { effect: true, outcome: { kind: 'confirmed', outsideId: 'x' } };
      const crash = crashes[sends] ?? false;
      sends++;
      if (reply.effect) effects = idempotent ? 1 : effects + 1;
      next = crash ? { type: 'recovered' } : { type: 'outcome', outcome: reply.outcome };
    } else if (action.type === 'look-up') {
      const found: LookupResult =
        effects === 0 ? { kind: 'none' } : { kind: 'found', outsideId: 'x', sameContent: true };
      const result: LookupResult = (failing[lookups++] ?? false) ? { kind: 'unavailable', detail: 'down' } : found;
      next = { type: 'lookup', result };
    } else if (action.dueInMs === undefined) {
      return { effects, sends, lookups, to: action.to };
    } else {
      next = { type: 'begin' };
    }
  }
  throw new Error('never came to rest');
}

test.each<IdempotencyClass>(['A', 'B', 'C', 'D'])(
  'class %s: at most one effect, and a delivered one has exactly one',
  (idempotency) => {
    fc.assert(
      fc.property(
        fc.array(replies, { maxLength: 8 }),
        lookupsFail,
        fc.array(fc.boolean(), { maxLength: 8 }),
        (script, failing, crashes) => {
          const end = drive(idempotency, script, failing, crashes);
          expect(end.effects).toBeLessThanOrEqual(1);
          if (end.to === 'delivered') expect(end.effects).toBe(1);
          // Dead means given up on: nothing may have happened outside, or it would be unknown.
          if (end.to === 'dead') expect(end.effects).toBe(0);
          expect(end.sends).toBeLessThanOrEqual(retry.maxAttempts + crashes.filter(Boolean).length);
        },
      ),
      { numRuns: 1_000 },
    );
  },
);

test('an unknown outcome of class C waits for the settle time before its look-up', () => {
  const { state, action } = effectStep(
    freshEffect,
    { type: 'outcome', outcome: { kind: 'unknown', detail: '' } },
    rules('C'),
    0.5,
  );
  expect(action).toMatchObject({ type: 'settle', to: 'outcome_unknown', dueInMs: 5_000 });
  expect(effectStep(state, { type: 'begin' }, rules('C'), 0.5).action).toEqual({ type: 'look-up' });
});

test('the peer may ask for a longer wait than the back-off, never for a shorter one', () => {
  const outcome: Outcome = { kind: 'retryable', sent: false, retryAfterMs: 60_000, detail: '429' };
  const long = effectStep(freshEffect, { type: 'outcome', outcome }, rules('A'), 0.5).action;
  expect(long).toMatchObject({ dueInMs: 60_000 });
  const short = effectStep(
    freshEffect,
    { type: 'outcome', outcome: { ...outcome, retryAfterMs: 1 } },
    rules('A'),
    0.5,
  ).action;
  expect(short).toMatchObject({ dueInMs: 75 });
});

test('what the outside refuses for business reasons is held, what its schema refuses is dead', () => {
  const refused = (as: 'business' | 'auth' | 'schema') =>
    effectStep(
      freshEffect,
      { type: 'outcome', outcome: { kind: 'rejected', class: as, code: 'X', message: 'x' } },
      rules('A'),
      0,
    ).action;
  expect(refused('business')).toMatchObject({ to: 'held' });
  expect(refused('auth')).toMatchObject({ to: 'held' });
  expect(refused('schema')).toMatchObject({ to: 'dead' });
});

test('a hub that dies again and again leaves the budget for the peer alone, and in the end asks a person', () => {
  let state: EffectState = freshEffect;
  for (let death = 1; death < recoveriesMax; death++) {
    const step = effectStep(state, { type: 'recovered' }, rules('A'), 0.5);
    // A hub that dies often keeps nobody waiting for minutes: the wait grows three times only.
    expect(step.action).toMatchObject({ to: 'outcome_unknown', dueInMs: backOffMs(retry, Math.min(death, 3), 0.5) });
    expect(step.state.tries).toBe(0);
    state = step.state;
  }
  expect(effectStep(state, { type: 'begin' }, rules('A'), 0.5).action).toEqual({ type: 'send' });
  const last = effectStep(state, { type: 'recovered' }, rules('A'), 0.5).action;
  expect(last).toMatchObject({
    to: 'outcome_unknown',
    outcome: { detail: expect.stringContaining('500 times in a row') },
  });
  expect(last).not.toHaveProperty('dueInMs');
  // Whatever the peer has answered meanwhile, the count begins anew.
  const outcome: Outcome = { kind: 'retryable', sent: false, detail: 'refused' };
  expect(effectStep(state, { type: 'outcome', outcome }, rules('A'), 0.5).state.recoveries).toBe(0);
});

test('what was given up by a hub that goes on is not said to come of one that stopped', () => {
  const said = (why: 'stopped' | 'given-up') =>
    effectStep(freshEffect, { type: 'recovered', why }, rules('A'), 0.5).action;
  expect(said('stopped')).toMatchObject({ outcome: { detail: expect.stringContaining('The hub stopped') } });
  expect(said('given-up')).not.toMatchObject({ outcome: { detail: expect.stringContaining('stopped') } });
});

test.each<[number, number]>([
  [1e300, 86_400_000],
  [300_000_000_000, 86_400_000],
  [Number.POSITIVE_INFINITY, 86_400_000],
  [Number.NaN, 75],
  [-5, 75],
])('a peer that asks for a wait of %d ms gets a finite one, of a day at most', (retryAfterMs, dueInMs) => {
  const answers: Outcome[] = [
    { kind: 'retryable', sent: false, retryAfterMs, detail: '429' },
    { kind: 'unknown', retryAfterMs, detail: '500' },
  ];
  for (const outcome of answers) {
    const { action } = effectStep(freshEffect, { type: 'outcome', outcome }, rules('A'), 0.5);
    expect(action).toMatchObject({ dueInMs });
  }
});

test('no wait that leaves the step is without end, whatever schedule is stored', () => {
  const broken = { ...retry, baseMs: Number.NaN, maxMs: Number.NaN };
  const outcome: Outcome = { kind: 'retryable', sent: false, detail: 'no' };
  const { action } = effectStep(freshEffect, { type: 'outcome', outcome }, { ...rules('A'), retry: broken }, 0.5);
  expect(action).toMatchObject({ to: 'retry_wait', dueInMs: expect.toSatisfy(Number.isFinite) });
});

test('class C: a last look-up that finds nothing, with no try left, is dead: it certainly had no effect', () => {
  const state: EffectState = { ...freshEffect, phase: 'unknown', tries: 4, lookups: 1 };
  const none = { type: 'lookup', result: { kind: 'none' } } as const;
  const end = effectStep(state, none, rules('C'), 0.5);
  expect(end.action).toMatchObject({ to: 'dead', code: 'DESTINATION_UNAVAILABLE' });
  expect(end.state.phase).toBe('clear');
  // The tries are those of the reason's own schedule, where it has one.
  const patient = { ...rules('C'), retryByReason: { timeout: { ...retry, maxAttempts: 9 } } };
  expect(effectStep({ ...state, reason: 'timeout' }, none, patient, 0.5).action).toMatchObject({ to: 'retry_wait' });
  expect(effectStep({ ...state, reason: 'server_error' }, none, patient, 0.5).action).toMatchObject({ to: 'dead' });
  const unknown: Outcome = { kind: 'unknown', detail: 'time-out', reason: 'timeout' };
  expect(effectStep(freshEffect, { type: 'outcome', outcome: unknown }, patient, 0.5).state.reason).toBe('timeout');
});

test('a refusal of a second send says nothing of a first one without an answer', () => {
  const before: EffectState = { ...freshEffect, phase: 'unknown', tries: 1 };
  for (const [as, to] of [
    ['business', 'held'],
    ['schema', 'dead'],
    ['auth', 'held'],
  ] as const) {
    const outcome: Outcome = { kind: 'rejected', class: as, code: 'X', message: 'no' };
    const after = effectStep(before, { type: 'outcome', outcome }, rules('A'), 0);
    expect(after.action).toMatchObject({ to, outcome: { message: expect.stringContaining('may stand') } });
    expect(after.state.phase).toBe('unknown');
    const first = effectStep(freshEffect, { type: 'outcome', outcome }, rules('A'), 0);
    expect(first.action).toMatchObject({ to, outcome: { message: 'no' } });
    expect(first.state.phase).toBe('clear');
  }
  const outcome: Outcome = { kind: 'rejected', class: 'auth', code: 'X', message: 'no' };
  const probed = effectStep(before, { type: 'outcome', outcome }, { ...rules('A'), isProbe: true }, 0);
  expect(probed).toMatchObject({ action: { to: 'outcome_unknown' }, state: { phase: 'unknown' } });
});

test.each<[LookupResult, { ids: string[]; sameContent: boolean }]>([
  [
    { kind: 'several', ids: ['1', '2'] },
    { ids: ['1', '2'], sameContent: true },
  ],
  [
    { kind: 'found', outsideId: '3', sameContent: false },
    { ids: ['3'], sameContent: false },
  ],
])('%j is not "unknown": a person has to choose, and is told what is there', (result, found) => {
  const unknown: EffectState = { ...freshEffect, phase: 'unknown', tries: 1 };
  const { action } = effectStep(unknown, { type: 'lookup', result }, rules('C'), 0.5);
  expect(action).toMatchObject({
    to: 'outcome_unknown',
    code: 'DUPLICATE_OUTSIDE',
    outcome: { kind: 'unknown', found },
  });
  expect(action).not.toHaveProperty('dueInMs');
});
