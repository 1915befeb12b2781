import { type Mutation, without } from './mutation.ts';
import { type Act, type Plan, noDials } from './plan.ts';
import { type Steps, productSteps } from './steps.ts';

const { drainRoom } = productSteps;

/** People who pause and resume everything by turns, while nothing else goes wrong. */
const pausing = (plan: Plan): Plan => ({
  ...plan,
  safetyMs: 15_000,
  faults: [],
  dials: noDials,
  destinations: plan.destinations.map((destination) => ({
    ...destination,
    windows: [],
    hasHealth: !destination.isFlow,
  })),
  submissions: plan.submissions.map((submission) => ({
    ...submission,
    atMs: (submission.atMs * 12_000) / plan.safetyMs,
  })),
  acts: Array.from({ length: 8 }, (_, index): Act[] => {
    const choice = ((index * 7) % 10) / 10;
    return [
      { atMs: 400 + index * 1_700, kind: 'pause', choice },
      { atMs: 1_900 + index * 1_700, kind: 'resume', choice },
    ];
  }).flat(),
});

/** Systems that are away for a while with a backlog in front of them, and are to be met slowly afterwards. */
const comingBack =
  (drain: Plan['destinations'][number]['drain']) =>
  (plan: Plan): Plan => ({
    ...plan,
    safetyMs: 15_000,
    workers: 3,
    acts: [],
    dials: noDials,
    destinations: plan.destinations.map((destination) =>
      destination.isFlow
        ? destination
        : { ...destination, windows: [], budget: undefined, lanes: 3, concurrency: 16, drain, hasHealth: false },
    ),
    submissions: plan.submissions.map((submission) => ({
      ...submission,
      atMs: (submission.atMs * 5_000) / plan.safetyMs,
      deliveries: submission.deliveries.map((delivery, index) => ({
        ...delivery,
        key: `${delivery.key}-${submission.id}-${index}`,
      })),
    })),
    faults: plan.destinations.map(({ name }) => ({
      kind: 'outage' as const,
      atMs: 50,
      destination: name,
      forMs: 5_000,
    })),
  });

/** Each worker takes the whole rate for itself. */
const sharesNoRate: Steps['drainRoom'] = (state, settings, nowMs, _workers, concurrency) =>
  drainRoom(state, settings, nowMs, 1, concurrency);

const goesAtOnce: Steps['drainRoom'] = (state, settings, nowMs, workers, concurrency) =>
  drainRoom(state, { ...settings, rampSeconds: 0 }, nowMs, workers, concurrency);

/** The bucket has run empty, and nobody says when there is room again. */
const neverFills: Steps['drainRoom'] = (state, settings, nowMs, workers, concurrency) => {
  const { state: next, calls } = drainRoom(state, settings, nowMs, workers, concurrency);
  return { state: { ...next, tokens: 0 }, calls, room: 0 };
};

export const mutationsOfKeepingBack: readonly Mutation[] = [
  {
    name: 'deaf to a pause',
    what: 'deliveries go on to a destination that a person has paused',
    breaks: [12],
    steps: without('heedsPauses'),
    weather: pausing,
  },
  {
    name: 'asks what is paused',
    what: 'a system that a person has paused is asked how it is',
    breaks: [12],
    steps: without('asksNothingPaused'),
    weather: pausing,
  },
  {
    name: 'paused for ever',
    what: 'nobody hears that a destination has been resumed',
    breaks: [11, 13],
    steps: without('readsSettingsAgain'),
    weather: pausing,
  },
  {
    name: 'all at once',
    what: 'a system that has come back is met with everything at once',
    breaks: [12],
    steps: { ...productSteps, drainRoom: goesAtOnce },
    weather: comingBack({ rampSeconds: 4 }),
  },
  {
    name: 'a rate for each',
    what: 'the rate of a drain is taken by every worker for itself',
    breaks: [12],
    steps: { ...productSteps, drainRoom: sharesNoRate },
    weather: comingBack({ rampSeconds: 0, perSecond: 4 }),
  },
  {
    name: 'counts nothing',
    what: 'what has left does not count towards the rate of a drain',
    breaks: [12],
    steps: { ...productSteps, spendDrain: (state) => state },
    weather: comingBack({ rampSeconds: 0, perSecond: 4 }),
  },
  {
    name: 'news of no outage',
    what: 'who takes lanes over in the middle of a drain lets their backlog out at once',
    breaks: [12],
    steps: { ...productSteps, backSince: () => undefined },
    weather: (plan) => ({
      ...comingBack({ rampSeconds: 0, perSecond: 4 })(plan),
      faults: [
        ...comingBack(undefined)(plan).faults,
        ...[5_300, 5_900, 6_500, 7_100].map((atMs, index) => ({
          kind: 'crash' as const,
          atMs,
          worker: index % 3,
          downMs: 20,
        })),
      ],
    }),
  },
  {
    name: 'dammed up',
    what: 'a drain that has run out of its rate never goes on',
    breaks: [11, 13],
    steps: { ...productSteps, drainRoom: neverFills },
    weather: comingBack({ rampSeconds: 0, perSecond: 4 }),
  },
];
