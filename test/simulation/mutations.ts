import { type EffectState, freshEffect } from '../../src/queue/step/effect-step.ts';
import type { LaneInput, LaneRow, LaneState } from '../../src/queue/step/lane-step.ts';
import type { Violation } from './checker.ts';
import { type Mutation, inWeather, without } from './mutation.ts';
import { mutationsOfBreakers } from './mutations-of-breakers.ts';
import { mutationsOfBudgets } from './mutations-of-budgets.ts';
import { mutationsOfKeepingBack } from './mutations-of-keeping-back.ts';
import { mutationsOfSending } from './mutations-of-sending.ts';
import { mutationsOfWaiting } from './mutations-of-waiting.ts';
import { makePlan } from './plan.ts';
import { simulate } from './simulate.ts';
import { type Steps, productSteps } from './steps.ts';

function having(changes: Partial<Steps>): Steps {
  return { ...productSteps, ...changes };
}

const { effectStep, laneStep, cursorOf, markStep, judgeFailure } = productSteps;

/** The same state with one thing forgotten. */
const forgets = (changes: Partial<EffectState>): Steps['effectStep'] => {
  return (state, input, rules, random) => effectStep({ ...state, ...changes }, input, rules, random);
};

/** What was settled as unknown is tried again like anything that certainly never left. */
const retriesBlindly: Steps['effectStep'] = (state, input, rules, random) => {
  const step = effectStep(state, input, rules, random);
  const { action } = step;
  if (action.type !== 'settle' || action.to !== 'outcome_unknown') return step;
  return { state: { ...freshEffect, tries: step.state.tries }, action: { ...action, to: 'retry_wait', dueInMs: 50 } };
};

const sendsUnknownOfClassD: Steps['effectStep'] = (state, input, rules, random) =>
  effectStep(state, input, rules.idempotency === 'D' ? { ...rules, idempotency: 'A' } : rules, random);

/** A failed send counts as done. */
const takesFailureForSuccess: Steps['effectStep'] = (state, input, rules, random) => {
  const step = effectStep(state, input, rules, random);
  if (step.action.type !== 'settle' || step.action.to !== 'dead') return step;
  return { state: freshEffect, action: { ...step.action, to: 'delivered', dueInMs: undefined } };
};

const neverGivesUp: Steps['effectStep'] = (state, input, rules, random) =>
  effectStep({ ...state, tries: 0 }, input, { ...rules, retry: { ...rules.retry, maxMs: 200 } }, random);

const looksUpAtOnce: Steps['effectStep'] = (state, input, rules, random) =>
  effectStep(state, input, { ...rules, settleMs: 1 }, random);

const losesTheDueTime: Steps['effectStep'] = (state, input, rules, random) => {
  const step = effectStep(state, input, rules, random);
  if (step.action.type !== 'settle' || step.action.dueInMs === undefined) return step;
  return { ...step, action: { ...step.action, dueInMs: 1e9 } };
};

/** Changes what a step of the lane asks for. */
function asking(
  change: (
    state: LaneState<LaneRow>,
    input: LaneInput<LaneRow>,
    actions: ReturnType<typeof laneStep<LaneRow>>['actions'],
  ) => void,
): Steps['laneStep'] {
  return (state, input) => {
    const step = laneStep(state, input);
    change(state as never, input as never, step.actions as never);
    return step;
  };
}

/** Behind a blocked head the next of its key goes on. */
const overtakesBlockedHead = asking((_state, input, actions) => {
  if (input.type !== 'blocked') return;
  const next = actions.park.shift();
  if (next !== undefined) actions.ready.push(next);
});

const losesParkedFollowers = asking((_state, input, actions) => {
  if (input.type === 'blocked') actions.park.length = 0;
});

const neverLooksIntoTheSideTable = asking((_state, input, actions) => {
  if (input.type === 'finished') actions.load.length = 0;
});

/** As a queue without keys would be: while anything is blocked nothing of the lane goes. */
const blocksTheWholeLane = asking((state, _input, actions) => {
  if (state.blockedKeys > 0) actions.ready.splice(0).forEach((row) => held.add(row));
});
const held = new Set<LaneRow>();

/** Every delivery of a key starts as soon as it is read. */
const ignoresKeys: Steps['laneStep'] = (state, input) => {
  if (input.type !== 'read') return laneStep(state, input);
  const step = laneStep(state, input);
  for (const chain of state.chains.values()) {
    if (chain.blocked) continue;
    step.actions.ready.push(...chain.waiting.slice(chain.next));
    chain.waiting = [];
    chain.next = 0;
  }
  return step;
};

/** A stale look into the side table frees the key (found by this simulation in an earlier version of the step). */
const trustsStaleLooks: Steps['laneStep'] = (state, input) => {
  if (input.type !== 'parked') return laneStep(state, input);
  const loading = input.rows.map((row) => state.chains.get(row.key)).filter((chain) => chain?.loading);
  const wanted = loading.map((chain) => chain?.wantsLoad ?? false);
  const step = laneStep(state, input);
  loading.forEach((chain, index) => chain !== undefined && (chain.wantsLoad = wanted[index] ?? false));
  return step;
};

/** Everything read so far counts as passed. */
const passesWhatIsOpen: Steps['cursorOf'] = (state) => state.readPosition;

/** The highest that is done, whatever lies in front of it. */
const passesToTheHighest: Steps['cursorAfter'] = (state, closing) => Math.max(cursorOf(state), ...closing);

/** As a cursor on an id does it: everything up to the last position may be read. */
const trustsTheSequence: Steps['markStep'] = (marks, reading) => ({
  safe: Math.max(marks.safe, reading.position),
  pending: [],
});

/** What a sequence says of itself while it writes its log record: numbers that nobody has been given yet. */
const readsAhead: Steps['markStep'] = (marks, reading, atMs) =>
  markStep(marks, { ...reading, position: reading.position + 32 }, atMs);

const flowsNeverDie: Steps['judgeFailure'] = (error, tries, retry, random) => ({
  ...judgeFailure(error, tries, retry, random),
  to: 'delivered',
});

const noWindows: Steps['windowStatus'] = () => ({ inWindow: false, until: undefined });

export const mutations: readonly Mutation[] = [
  {
    name: 'no fencing',
    what: 'a write of the ledger does not ask for the epoch',
    breaks: [9],
    steps: without('fencesWrites'),
  },
  {
    name: 'zombie sends',
    what: 'a worker that was stopped past its lease sends what it had prepared',
    breaks: [9],
    steps: without('checksLeaseBeforeSend'),
    weather: inWeather({ slowStatement: 0.3, unreachable: 0.3 }, 20),
  },
  {
    name: 'lease of a rollback',
    what: 'a worker believes in a lease before its renewal is committed',
    breaks: [9, 6],
    steps: without('believesLeaseAfterCommit'),
    provenBy: 'src/queue/engine/lane-keeper.test.ts',
    weather: inWeather({ brokenCommit: 0.5, unreachable: 0.3 }, 0),
  },
  {
    name: 'lease renewed late',
    what: 'a worker whose lease had run out goes on with its lanes once it is renewed',
    breaks: [9, 6],
    steps: without('startsOverAfterLapse'),
    provenBy: 'src/queue/engine/lane-keeper.test.ts',
    weather: inWeather({ slowStatement: 0.3, unreachable: 0.3 }, 20),
  },
  {
    name: 'mark too old',
    what: 'who takes a lane over waits by a mark that was taken before',
    breaks: [9, 2, 3, 6],
    steps: without('stampsOnlyWhoAskedBefore'),
    provenBy: 'src/queue/engine/lane-reader.test.ts',
    weather: inWeather({ slowStatement: 0.3, unreachable: 0.3 }, 20),
  },
  {
    name: 'hasty take-over',
    what: 'a lane is opened while transactions of its former holder are under way',
    breaks: [9, 2, 3, 6],
    steps: without('waitsForOlderTransactions'),
    weather: inWeather({ slowStatement: 0.3, unreachable: 0.3 }, 20),
  },
  {
    name: 'cursor by id',
    what: 'late commits are passed',
    breaks: [1],
    steps: having({ markStep: trustsTheSequence }),
  },
  {
    name: 'positions not yet given',
    what: 'the mark names positions beyond those handed out',
    breaks: [1],
    steps: having({ markStep: readsAhead }),
  },
  {
    name: 'id after positions',
    what: 'a writer takes its transaction id after its positions',
    breaks: [1],
    steps: without('takesIdBeforePositions'),
  },
  {
    name: 'order by transaction',
    what: 'rows are read by (transaction id, position)',
    breaks: [6, 1],
    steps: without('readsByPosition'),
  },
  {
    name: 'passes open rows',
    what: 'the saved cursor is the position read up to',
    breaks: [1],
    steps: having({ cursorOf: passesWhatIsOpen }),
  },
  {
    name: 'passes to the highest',
    what: 'the cursor passes rows in front of one that is done',
    breaks: [1],
    steps: having({ cursorAfter: passesToTheHighest }),
  },
  {
    name: 'blind retry',
    what: 'an unknown outcome is sent again at once',
    breaks: [3, 2],
    steps: having({ effectStep: retriesBlindly }),
  },
  {
    name: 'class D again',
    what: 'what nobody can look up is sent again',
    breaks: [3, 2],
    steps: having({ effectStep: sendsUnknownOfClassD }),
  },
  {
    name: 'one look-up',
    what: 'one look-up that finds nothing is believed',
    breaks: [3],
    steps: having({ effectStep: forgets({ lookups: 1 }) }),
  },
  {
    name: 'no settle time',
    what: 'a look-up does not wait until the peer is through',
    breaks: [2],
    steps: having({ effectStep: looksUpAtOnce }),
  },
  {
    name: 'intent after the send',
    what: 'bytes leave before the intent is committed',
    breaks: [3],
    steps: without('commitsIntentFirst'),
  },
  {
    name: 'no recovery',
    what: 'the next holder ignores open intents',
    breaks: [3, 2, 7, 13],
    steps: without('recoversIntents'),
  },
  {
    name: 'dead is done',
    what: 'a delivery that was given up counts as delivered',
    breaks: [1],
    steps: having({ effectStep: takesFailureForSuccess }),
  },
  {
    name: 'flow failure is done',
    what: 'a flow delivery that failed counts as delivered',
    breaks: [1],
    steps: having({ judgeFailure: flowsNeverDie }),
  },
  {
    name: 'double completion',
    what: "a flow's effects are committed apart from its completion",
    breaks: [2],
    steps: without('completesFlowsAtomically'),
  },
  {
    name: 'two minds',
    what: 'what a person has decided meanwhile is decided again',
    breaks: [5, 7],
    steps: without('locksParked'),
    weather: inWeather({ slowStatement: 0.3, unreachable: 0.5 }, 0),
  },
  {
    name: 'overtaking replay',
    what: 'a delivered one is replayed although a later one of its key was delivered',
    breaks: [7],
    steps: {
      ...productSteps,
      shell: { ...productSteps.shell, refusesOvertakingReplay: false, givesUpOvertakenReplays: false },
    },
  },
  {
    name: 'late replay',
    what: 'a replay that was overtaken after it was asked for is sent all the same',
    breaks: [7],
    steps: without('givesUpOvertakenReplays'),
    weather: inWeather({}, 0),
  },
  {
    name: 'overtaken head',
    what: 'behind a blocked head the next of its key goes on',
    breaks: [6],
    steps: having({ laneStep: overtakesBlockedHead }),
  },
  {
    name: 'no keys',
    what: 'everything that is read starts at once',
    breaks: [6],
    steps: having({ laneStep: ignoresKeys }),
  },
  {
    name: 'stale look',
    what: 'a look that began before a follower was parked frees its key',
    breaks: [6, 11, 13],
    steps: having({ laneStep: trustsStaleLooks }),
    provenBy: 'src/queue/step/lane-step.test.ts',
    weather: inWeather({ slowStatement: 0.3, unreachable: 0.3 }, 0),
  },
  {
    name: 'lost follower',
    what: 'the followers of a blocked head are forgotten',
    breaks: [6, 11, 13],
    steps: having({ laneStep: losesParkedFollowers }),
  },
  {
    name: 'parked in memory only',
    what: 'the cursor passes followers that are not in the side table',
    breaks: [1],
    steps: without('parksFollowers'),
  },
  {
    name: 'forgotten side table',
    what: 'the followers of a delivered head are never fetched',
    breaks: [11, 13],
    steps: having({ laneStep: neverLooksIntoTheSideTable }),
  },
  {
    name: 'never due',
    what: 'a retry never comes',
    breaks: [11, 13],
    steps: having({ effectStep: losesTheDueTime }),
  },
  {
    name: 'never dead',
    what: 'the budget of attempts is never spent',
    breaks: [13, 11],
    steps: having({ effectStep: neverGivesUp }),
  },
  {
    name: 'head of line',
    what: 'a blocked key blocks its lane',
    breaks: [13, 11],
    steps: having({ laneStep: blocksTheWholeLane }),
  },
  ...mutationsOfBreakers,
  ...mutationsOfBudgets,
  ...mutationsOfKeepingBack,
  ...mutationsOfSending,
  ...mutationsOfWaiting,
  {
    name: 'open in the window',
    what: 'maintenance windows are not looked at',
    breaks: [12],
    steps: having({ windowStatus: noWindows }),
  },
];

/** @returns the first thing found within the seeds, and where */
export function findMutation(
  { steps, weather, seed: directed }: Mutation,
  first: number,
  count: number,
): { seed: number; violation: Violation } | undefined {
  const seeds = directed === undefined ? Array.from({ length: count }, (_, index) => first + index) : [directed];
  for (const seed of seeds) {
    const plan = makePlan(seed);
    const [violation] = simulate(weather === undefined ? plan : weather(plan), steps).violations;
    if (violation !== undefined) return { seed, violation };
  }
  return undefined;
}
