import type { BudgetSettings } from '../../src/queue/index.ts';
import { type Mutation, inWeather, without } from './mutation.ts';
import type { Plan } from './plan.ts';
import { type Steps, productSteps } from './steps.ts';

const { budgetStep } = productSteps;

/** Three workers under trouble, and every outside system with this budget. */
function bounded(budget: BudgetSettings, trouble: Parameters<typeof inWeather>[0], freezes = 0): (plan: Plan) => Plan {
  const weather = inWeather(trouble, freezes);
  return (plan) => {
    const rough = weather(plan);
    const spread = rough.submissions.map((submission) => ({
      ...submission,
      deliveries: submission.deliveries.map((delivery, index) => ({
        ...delivery,
        key: `k${(submission.id + index) % 9}`,
      })),
    }));
    const destinations = rough.destinations.map((one) =>
      one.isFlow ? one : { ...one, concurrency: 16, lanes: 3, budget },
    );
    return { ...rough, destinations, submissions: spread };
  };
}

const atOnce: BudgetSettings = { concurrency: 2 };

/** As if nothing of this kind had been agreed upon. */
const leavingOut = (kind: 'rate' | 'reserves'): Steps['budgetStep'] => {
  return (state, ask, settings, time) => {
    const { [kind]: _, ...rest } = settings;
    return budgetStep(state, ask, rest, time);
  };
};

export const mutationsOfBudgets: readonly Mutation[] = [
  {
    name: 'a budget each',
    what: 'each worker reckons with a budget of its own',
    breaks: [12],
    steps: without('sharesBudgets'),
  },
  {
    name: 'hands out twice',
    what: 'more calls are handed out than are written down',
    breaks: [12],
    steps: {
      ...productSteps,
      budgetStep: (state, ask, settings, time) => {
        const grant = budgetStep(state, ask, settings, time);
        return { ...grant, granted: grant.granted.map((calls) => calls * 2) };
      },
    },
  },
  {
    name: 'no rate',
    what: 'calls of a rate are handed out as they are wanted',
    breaks: [12],
    steps: { ...productSteps, budgetStep: leavingOut('rate') },
  },
  {
    name: 'no reserves',
    what: 'everybody may use what is reserved for what is urgent',
    breaks: [12],
    steps: { ...productSteps, budgetStep: leavingOut('reserves') },
  },
  {
    name: 'full price for old calls',
    what: 'calls of a rate that were held while the bucket ran over count in full when they come back',
    breaks: [12],
    steps: without('agesReturns'),
    weather: bounded(
      { rate: { calls: 20, perSeconds: 1, burst: 4 } },
      { brokenStatement: 0.15, slowStatement: 0.3 },
      20,
    ),
  },
  {
    name: 'slots for all',
    what: 'each worker takes all calls at once for itself',
    breaks: [12],
    steps: without('countsOthersSlots'),
    weather: bounded(atOnce, { unreachable: 0.1 }),
  },
  {
    name: 'lets slots go late',
    what: 'a worker goes on with its larger share while the smaller one is being written',
    breaks: [12],
    steps: without('lowersSlotsAtOnce'),
    weather: bounded(atOnce, { slowStatement: 0.3, brokenCommit: 0.2 }),
  },
  {
    name: 'slots of a former life',
    what: 'a worker that has been restarted leaves the share of its former life in its row',
    breaks: [11, 13],
    steps: without('asksAnewForSlots'),
  },
];
