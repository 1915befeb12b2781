import { judgeWorld } from '../judge-world.ts';
import { startWorld } from '../world.ts';
import { type FaultKind, resultOf } from './kind.ts';
import { until } from '../../harness/until.ts';

/** The hub gives up after this; the ERP commits later, and well before the hub looks it up. */
const times = { timeoutMs: 250, lateCommitMs: 600, settleMs: 1_200 };

/** The ERP carries orders out after our time-out: looked up too early they would be sent twice. */
export const lateCommits: FaultKind = {
  name: 'late-commits',
  what: 'the ERP commits after our time-out; the reference it is written under is not unique',
  aim: 500,
  portion: 50,
  async run({ seed, faults }) {
    const world = await startWorld({
      seed,
      name: 'late commits',
      settings: { erp: { idempotency: 'C', timeoutMs: times.timeoutMs, settleMs: times.settleMs } },
    });
    const { lab } = world.run;
    const lateSoFar = async (): Promise<number> => {
      const calls = (await lab.control('erp', 'GET', '/_calls')) as Record<string, number>;
      return Object.entries(calls).reduce((sum, [name, n]) => sum + (name.endsWith(' lateCommit') ? n : 0), 0);
    };
    try {
      await lab.dials('erp', {
        seed,
        lateCommitMs: times.lateCommitMs,
        errorRate: { lateCommit: 0.3, timeout: 0.05, replyLost: 0.05, errorAfterCommit: 0.05 },
        faultOn: ['order.create', 'shipment.create'],
      });
      await until(async () => (await lateSoFar()) >= faults, 300_000);
      await lab.dials('erp', { errorRate: {} });
      const late = await lateSoFar();
      const silenceMs = world.client.longestSilenceMs();
      return resultOf(await judgeWorld(world), late, silenceMs);
    } finally {
      await world.close();
    }
  },
};
