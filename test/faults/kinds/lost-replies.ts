import type { Lab, SystemName } from '../../../lab/harness.ts';
import { randomStream } from '../../simulation/random.ts';
import { judgeWorld } from '../judge-world.ts';
import { type FaultProxy, startFaultProxy } from '../proxy/fault-proxy.ts';
import { startWorld } from '../world.ts';
import { type FaultKind, resultOf } from './kind.ts';
import { until } from '../../harness/until.ts';

const lossChance = 0.25;

/** Requests arrive at the outside systems and are carried out; a quarter of the replies never comes back. */
export const lostReplies: FaultKind = {
  name: 'lost-replies',
  what: "the reply of an outside system is lost after it has done what it was asked (fault proxy on the hub's wires)",
  aim: 2_000,
  portion: 200,
  async run({ seed, faults }) {
    const proxies: FaultProxy[] = [];
    const throughProxies = async (urls: Lab['urls']): Promise<Lab['urls']> => {
      const through: Partial<Record<SystemName, string>> = {};
      for (const [name, url] of Object.entries(urls)) {
        const port = Number(new URL(url).port);
        const random = randomStream(seed, `proxy ${name}`);
        const proxy = await startFaultProxy({ target: { host: '127.0.0.1', port }, random });
        proxies.push(proxy);
        through[name as SystemName] = `http://127.0.0.1:${proxy.port}`;
      }
      return through;
    };
    // Both ways of writing to an ERP: under our id, and by a reference that has to be looked up first.
    const idempotency = seed % 2 === 0 ? 'C' : 'A';
    const world = await startWorld({ seed, name: 'lost replies', urls: throughProxies, idempotency });
    const lost = (): number => proxies.reduce((sum, { losses }) => sum + losses, 0);
    try {
      for (const proxy of proxies) proxy.set({ down: { lossChance, latencyMs: 2, jitterMs: 2 } });
      await until(() => lost() >= faults, 300_000);
      for (const proxy of proxies) proxy.set({});
      const silenceMs = world.client.longestSilenceMs();
      return resultOf(await judgeWorld(world), lost(), silenceMs);
    } finally {
      await world.close();
      for (const proxy of proxies) await proxy.close();
    }
  },
};
