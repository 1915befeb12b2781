import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ownerOfEmbedded } from '../embedded-database.ts';
import { judgeWorld } from '../judge-world.ts';
import { type World, startWorld } from '../world.ts';
import { type FaultKind, resultOf } from './kind.ts';
import { until } from '../../harness/until.ts';

const diskMb = 400;
const fullForMs = 2_500;
const recoveryLimitMs = 90_000;

/** The disk under the hub and its database is full for a while; nobody helps but by making room. */
export const diskFull: FaultKind = {
  name: 'disk-full',
  what: 'the disk of hub and database is full: nothing is acknowledged, and it recovers by itself once there is room',
  aim: 20,
  portion: 2,
  skip() {
    if (process.platform !== 'linux' || process.getuid?.() !== 0)
      return 'a small disk can only be mounted by root on Linux';
    const dir = mkdtempSync(join(tmpdir(), 'crossdock-mount-'));
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir]).status === 0;
    if (mounted) spawnSync('umount', [dir]);
    rmSync(dir, { recursive: true });
    return mounted ? undefined : 'mounting is not allowed here';
  },
  async run({ seed, faults }) {
    const disk = mkdtempSync(join(tmpdir(), 'crossdock-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskMb}m,mode=0755`, 'tmpfs', disk]);
    chmodSync(disk, 0o755);
    try {
      const database = { url: undefined, owner: ownerOfEmbedded };
      const world = await startWorld({ seed, name: 'disk full', database, dataDir: join(disk, 'data') });
      try {
        let worstMs = 0;
        const notes: string[] = [];
        for (let n = 0; n < faults; n++) {
          await sleep(world.random.between(500, 1_500));
          const { recoveredInMs, note } = await fillUp(world, join(disk, 'filler'));
          worstMs = Math.max(worstMs, recoveredInMs);
          notes.push(note);
        }
        const judged = await judgeWorld(world);
        judged.findings[1] = [...(judged.findings[1] ?? []), ...wrongRefusals(world)];
        return resultOf(judged, faults, worstMs, notes);
      } finally {
        await world.close();
      }
    } finally {
      spawnSync('umount', ['-l', disk]);
      rmSync(disk, { recursive: true, force: true });
    }
  },
};

async function fillUp(world: World, filler: string): Promise<{ recoveredInMs: number; note: string }> {
  const { client } = world;
  const statuses = (): Map<number, number> => {
    const counts = new Map<number, number>();
    for (const { answers } of client.sent) {
      for (const { status } of answers) counts.set(status, (counts.get(status) ?? 0) + 1);
    }
    return counts;
  };
  const before = statuses();
  fillDisk(filler);
  await sleep(fullForMs / 2);
  // What was freed meanwhile (a finished file of the log, an emptied table) does not count as room.
  fillDisk(filler);
  await sleep(fullForMs / 2);
  const during = statuses();
  rmSync(filler);
  const roomMs = performance.now();
  const acknowledged = during.get(201) ?? 0;
  // A hub that was ended by it would be started again by whatever runs it; it is to live through this.
  await until(() => {
    if (!world.run.hub.alive) throw new Error(`the hub ended when the disk was full: ${world.run.lastWords()}`);
    return (statuses().get(201) ?? 0) >= acknowledged + 4;
  }, recoveryLimitMs);
  const refused = [...during]
    .filter(([status]) => status >= 400)
    .map(([status, n]) => `${n - (before.get(status) ?? 0)} × ${status}`);
  return { recoveredInMs: performance.now() - roomMs, note: `while full: ${refused.join(', ') || 'no answer at all'}` };
}

/** A client that is told 503 or 507 tries again later; 500 says that something is broken. */
function wrongRefusals({ client }: World): string[] {
  return client.sent.flatMap(({ customerPo, answers }) =>
    answers
      .filter(({ status }) => status >= 500 && status !== 503 && status !== 507)
      .map(({ status, body }) => `${customerPo} was refused with ${status}: ${body.slice(0, 200)}`),
  );
}

/** To the last block, beside others that write. */
function fillDisk(filler: string): void {
  const block = Buffer.alloc(256 * 1024);
  for (let size = block.length; size >= 4_096; ) {
    try {
      appendFileSync(filler, block.subarray(0, size));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      size /= 4;
    }
  }
}
