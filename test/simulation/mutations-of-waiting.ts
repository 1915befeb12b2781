import { type Mutation, without } from './mutation.ts';
import { type Steps, productSteps } from './steps.ts';

const { parentStep, laneStep, intakeStep } = productSteps;

/** What was put back by hand sends everything new of its key to the side table, past what is in memory. */
const parksPastTheMemory: Steps['laneStep'] = (state, input) => {
  if (input.type !== 'read') return laneStep(state, input);
  const step = laneStep(state, input);
  for (const row of input.rows) {
    const chain = state.chains.get(row.key);
    const index = chain?.waiting.indexOf(row) ?? -1;
    if (chain === undefined || !chain.blocked || index < chain.next) continue;
    chain.waiting.splice(index, 1);
    chain.parking++;
    step.actions.park.push(row);
  }
  return step;
};

export const mutationsOfWaiting: readonly Mutation[] = [
  {
    name: 'goes first',
    what: 'a delivery does not wait for the one that it follows',
    breaks: [6],
    steps: { ...productSteps, parentStep: () => ({ type: 'go' }) },
  },
  {
    name: 'orphan',
    what: 'a delivery goes although the one that it follows was discarded',
    breaks: [6],
    steps: {
      ...productSteps,
      parentStep: (parent, ageMs) => (parent === 'discarded' ? { type: 'go' } : parentStep(parent, ageMs)),
    },
  },
  {
    name: 'waits for ever',
    what: 'nobody looks whether the one that it follows has come through',
    breaks: [11, 13],
    steps: {
      ...productSteps,
      parentStep: (parent, ageMs) => {
        const verdict = parentStep(parent, ageMs);
        return verdict.type === 'wait' ? { type: 'wait', dueInMs: 1e9 } : verdict;
      },
    },
  },
  {
    name: 'forgets that it was sent',
    what: 'one that may have been sent waits for its parent again, and is sent blindly afterwards',
    breaks: [3, 2],
    steps: without('settlesUnsureFirst'),
    provenBy: 'src/queue/after.test.ts',
  },
  {
    name: 'parks past the memory',
    what: 'new ones of a key are parked while older ones of it are in memory alone',
    breaks: [6, 7],
    steps: { ...productSteps, laneStep: parksPastTheMemory },
    seed: 621,
  },
  {
    name: 'doors that never close',
    what: 'everything is taken in, however much is open',
    breaks: [11],
    steps: { ...productSteps, intakeStep: () => new Map() },
  },
  {
    name: 'doors that stay closed',
    what: 'what was closed once is never opened again',
    breaks: [11],
    steps: {
      ...productSteps,
      intakeStep: (closed, load, limits) => new Map([...intakeStep(closed, load, limits), ...closed]),
    },
  },
  {
    name: 'a friendly refusal',
    what: 'a client that is refused at the door is told that all is well',
    breaks: [1],
    steps: without('tellsRefusals'),
  },
];
