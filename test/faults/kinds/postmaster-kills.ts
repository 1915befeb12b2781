import { setTimeout as sleep } from 'node:timers/promises';
import { ownerOfEmbedded, postmasterPid } from '../embedded-database.ts';
import { judgeWorld } from '../judge-world.ts';
import { type World, startWorld } from '../world.ts';
import { type FaultKind, resultOf } from './kind.ts';

const recoveryLimitMs = 60_000;

/** Kills the embedded PostgreSQL under load: its postmaster, or one of its backends (then it restarts itself). */
export const postmasterKills: FaultKind = {
  name: 'postmaster-kills',
  what: 'kill −9 of PostgreSQL: its postmaster, or a backend at work',
  aim: 300,
  portion: 15,
  async run({ seed, faults }) {
    const database = { url: undefined, owner: ownerOfEmbedded };
    const world = await startWorld({ seed, name: 'postmaster kills', database });
    try {
      let worstMs = 0;
      for (let kill = 0; kill < faults; kill++) {
        await sleep(world.random.between(50, 800));
        const killedMs = performance.now();
        const acknowledged = acknowledgedOf(world);
        if (world.random.chance(0.3)) await killBackend(world);
        else killPostmaster(world.run.dataDir);
        await servedAgain(world, acknowledged);
        worstMs = Math.max(worstMs, performance.now() - killedMs);
      }
      return resultOf(await judgeWorld(world), faults, worstMs);
    } finally {
      await world.close();
    }
  },
};

const acknowledgedOf = ({ client }: World): number =>
  client.sent.filter(({ answers }) => answers.some(({ status }) => status === 201)).length;

function killPostmaster(dataDir: string): void {
  const pid = postmasterPid(dataDir);
  if (pid === undefined) throw new Error('there is no postmaster to kill');
  process.kill(pid, 'SIGKILL');
}

async function killBackend({ db, random }: World): Promise<void> {
  const { rows } = await db.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'crossdock%' AND pid <> pg_backend_pid()`,
  );
  if (rows.length > 0) process.kill(random.pick(rows).pid, 'SIGKILL');
}

/** Until an order is taken in again. @throws when that takes too long */
async function servedAgain(world: World, before: number): Promise<void> {
  const deadlineMs = performance.now() + recoveryLimitMs;
  // Those that were on their way when it fell may still be answered, hence a few more.
  while (acknowledgedOf(world) < before + 4) {
    if (!world.run.hub.alive) throw new Error(`the hub ended when it lost its database: ${world.run.lastWords()}`);
    if (performance.now() > deadlineMs) throw new Error(`no order was taken in for ${recoveryLimitMs} ms`);
    await sleep(20);
  }
}
