import { setTimeout as sleep } from 'node:timers/promises';
import type { HubProcess } from '../hub-process.ts';
import { judgeFenced, readFinals } from '../invariants/engine.ts';
import type { Violation } from '../invariants/violation.ts';
import { judgeWorld } from '../judge-world.ts';
import { type World, startWorld } from '../world.ts';
import { type FaultKind, resultOf } from './kind.ts';

/** The lease of fault runs is a second: by then it is over. */
const pastTheLease = { fromMs: 1_300, toMs: 2_200 };

/** Two hubs share a database; one of them is stopped past its lease, its lanes pass on, and it wakes again. */
export const sigstop: FaultKind = {
  name: 'sigstop',
  what: 'SIGSTOP of one of two hubs past its lease, then SIGCONT',
  aim: 200,
  portion: 10,
  async run({ seed, faults }) {
    // A third hub would not be stopped: whoever orders is answered by the first, by its turn.
    const world = await startWorld({ seed, name: 'sigstop', client: { pauseMs: 60 } });
    let second: HubProcess | undefined;
    try {
      second = await world.run.startAnother({ CROSSDOCK_ROLES: 'api,worker' });
      const unfenced: Violation[] = [];
      for (let stop = 0; stop < faults; stop++) {
        await sleep(world.random.between(200, 700));
        unfenced.push(...(await stopPastTheLease(world, world.random.chance(0.5) ? second : world.run.hub)));
      }
      const silenceMs = world.client.longestSilenceMs();
      const result = resultOf(await judgeWorld(world), faults, silenceMs);
      result.findings[9] = unfenced;
      return result;
    } finally {
      if (second?.alive === true) await second.kill();
      await world.close();
    }
  },
};

async function stopPastTheLease({ db, random }: World, hub: HubProcess): Promise<Violation[]> {
  hub.freeze();
  try {
    await sleep(random.between(pastTheLease.fromMs, pastTheLease.toMs));
    const before = await readFinals(db);
    hub.thaw();
    // Whatever it had begun it goes on with now.
    await sleep(300);
    return judgeFenced(before, await readFinals(db));
  } finally {
    hub.thaw();
  }
}
