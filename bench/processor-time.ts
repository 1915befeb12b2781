import { readdir, readFile } from 'node:fs/promises';

/** Processor time of a process so far, in ms: of its main thread, of all its threads, and of ended children it waited for. */
export interface ProcessorTime {
  mainMs: number;
  /** The part of `mainMs` spent in the system: mostly sockets. */
  mainSystemMs: number;
  allMs: number;
  childrenMs: number;
}

/** Linux counts in hundredths of a second whatever the kernel's own tick is. */
const msPerTick = 10;

function ticksOf(stat: string): number[] {
  // The name in brackets may contain anything; the numbers begin behind it, with the state as field 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return [11, 12, 13, 14].map((index) => Number(fields[index]) * msPerTick);
}

/** @param pid of a living process; zeros when it has gone */
export async function processorTime(pid: number): Promise<ProcessorTime> {
  try {
    const [user = 0, system = 0, childUser = 0, childSystem = 0] = ticksOf(await readFile(`/proc/${pid}/stat`, 'utf8'));
    const [mainUser = 0, mainSystem = 0] = ticksOf(await readFile(`/proc/${pid}/task/${pid}/stat`, 'utf8'));
    return {
      mainMs: mainUser + mainSystem,
      mainSystemMs: mainSystem,
      allMs: user + system,
      childrenMs: childUser + childSystem,
    };
  } catch {
    return { mainMs: 0, mainSystemMs: 0, allMs: 0, childrenMs: 0 };
  }
}

/** Processes that a process started and that live. */
export async function childrenOf(pid: number): Promise<number[]> {
  const children: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = await parentOf(Number(name)).catch(() => 0);
    if (parent === pid) children.push(Number(name));
  }
  return children;
}

async function parentOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

/** A PostgreSQL server: all its living processes, and (autovacuum's workers) those that have ended. In ms. */
export async function serverTime(postmaster: number): Promise<{ serverMs: number; endedMs: number }> {
  for (;;) {
    const before = await processorTime(postmaster);
    const living = await Promise.all((await childrenOf(postmaster)).map(processorTime));
    const own = await processorTime(postmaster);
    // One that ends in between would count twice, or not at all.
    if (own.childrenMs !== before.childrenMs) continue;
    const serverMs = own.allMs + own.childrenMs + living.reduce((sum, time) => sum + time.allMs, 0);
    return { serverMs, endedMs: own.childrenMs };
  }
}
