import { setTimeout as sleep } from 'node:timers/promises';
import { judgeWorld } from '../judge-world.ts';
import { startWorld } from '../world.ts';
import { type FaultKind, resultOf } from './kind.ts';

/** Kills the hub at random moments while customers order and the warehouse works. */
export const randomKills: FaultKind = {
  name: 'random-kills',
  what: 'kill −9 of the hub at a random moment',
  aim: 2_000,
  portion: 50,
  async run({ seed, faults }) {
    const world = await startWorld({ seed, name: 'random kills' });
    try {
      const { run, client, random } = world;
      for (let kill = 0; kill < faults; kill++) {
        // From "barely up" to "in full swing".
        await sleep(random.between(20, 1_500));
        if (random.chance(0.2)) await world.orderByEdi();
        await run.hub.kill();
        await run.restart();
      }
      await sleep(500);
      const silenceMs = client.longestSilenceMs();
      return resultOf(await judgeWorld(world, { replays: 40 }), faults, silenceMs);
    } finally {
      await world.close();
    }
  },
};
