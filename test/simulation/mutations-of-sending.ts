import type { Mutation } from './mutation.ts';
import { type Steps, productSteps } from './steps.ts';

const { supersede } = productSteps;

/** Whatever an earlier send may have come to. */
const supersedesTheUnsure: Steps['supersede'] = (state, head, rules) =>
  supersede(state, head, { ...rules, isUnsent: () => true });

/** The newest gives way to an older one, as it would if the chain were read from its end. */
const supersedesTheNewest: Steps['supersede'] = (state, head, rules) => {
  const found = supersede(state, head, rules);
  return found === undefined ? undefined : { rows: [...found.rows.slice(0, -1), found.by], by: found.rows.at(-1)! };
};

export const mutationsOfSending: readonly Mutation[] = [
  {
    name: 'supersedes the unsure',
    what: 'one that may have been carried out gives way to a newer one',
    breaks: [7],
    steps: { ...productSteps, supersede: supersedesTheUnsure },
  },
  {
    name: 'supersedes the newest',
    what: 'the newest gives way to an older one',
    breaks: [7, 5, 6, 11],
    steps: { ...productSteps, supersede: supersedesTheNewest },
  },
];
