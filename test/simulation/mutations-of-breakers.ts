import type { Mutation } from './mutation.ts';
import { type Plan, noDials } from './plan.ts';
import { productSteps } from './steps.ts';

const { callsAllowed } = productSteps;

/** Systems that mostly refuse to connect, and nothing else that goes wrong. */
const outOfReach = (plan: Plan): Plan => ({
  ...plan,
  workers: 3,
  faults: [],
  dials: { ...noDials, unreachable: 0.7 },
  destinations: plan.destinations.map((destination) => ({ ...destination, windows: [] })),
});

export const mutationsOfBreakers: readonly Mutation[] = [
  {
    name: 'deaf to the breaker',
    what: 'calls go on through an open breaker',
    breaks: [12],
    steps: { ...productSteps, callsAllowed: () => Number.POSITIVE_INFINITY },
  },
  {
    name: 'everybody probes',
    what: 'a probe that one worker has taken lets all of them call',
    breaks: [12],
    steps: { ...productSteps, callsAllowed: (state) => (state.phase === 'open' ? 0 : 1) },
    weather: outOfReach,
  },
  {
    name: 'never probed',
    what: 'an open breaker stays open',
    breaks: [11, 13],
    steps: { ...productSteps, mayProbe: () => false },
  },
  {
    name: 'sends while it asks',
    what: 'deliveries go while the system is being asked whether it is well',
    breaks: [12],
    steps: { ...productSteps, shell: { ...productSteps.shell, waitsForHealth: false } },
    weather: (plan) => {
      const rough = outOfReach(plan);
      return { ...rough, destinations: rough.destinations.map((one) => ({ ...one, hasHealth: !one.isFlow })) };
    },
  },
  {
    name: 'deaf to a person',
    what: 'calls go on although a person holds the breaker open',
    breaks: [12],
    steps: {
      ...productSteps,
      callsAllowed: (state, worker, nowMs) =>
        state.held ? Number.POSITIVE_INFINITY : callsAllowed(state, worker, nowMs),
    },
  },
];
