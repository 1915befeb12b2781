import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Row, median, round } from './bench-row.ts';
import type { GetLoad, GetResult } from './get-client.ts';
import { type BenchHub, startBenchHub } from './hub-rows.ts';
import type { BenchServer } from './postgres.ts';

const program = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

function get(load: GetLoad): Promise<GetResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program('./get-client.ts'), JSON.stringify(load)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += String(chunk)));
    child.once('exit', (code) => {
      if (code === 0) resolve(JSON.parse(text) as GetResult);
      else reject(new Error(`the GET client ended with ${code}`));
    });
  });
}

async function startBareFastify(): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [program('./bare-fastify.ts')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (chunk: Buffer) => resolve(String(chunk).trim()));
    child.once('exit', (code) => reject(new Error(`bare Fastify ended with ${code}`)));
  });
  return { child, url };
}

/** CPU that a process has used so far, in milliseconds; only where the kernel tells (Linux). */
async function cpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // utime and stime in clock ticks of 10 ms (proc_pid_stat(5), fields 14 and 15).
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

interface Sides {
  bare: number[];
  memory: number[];
  sql: number[];
}

/**
 * `GET /v1/availability` with a key, its figures from memory and from the database, against Fastify that says hello:
 * requests per second at 64 connections, the sides of a round next to each other. Stock changes meanwhile in the row
 * from memory: an order every 20 ms, so that there is something to keep up with.
 */
export async function availabilityRows(options: {
  server: BenchServer;
  rounds: number;
  seconds: number;
  connections: number;
}): Promise<Row[]> {
  const { server, rounds, connections } = options;
  const seconds = Math.min(options.seconds, 4);
  const hub = await startBenchHub(server, 'availability');
  const bare = await startBareFastify();
  try {
    const headers = { authorization: `Bearer ${hub.run.adminKey}` };
    const figures = `${hub.run.hub.url}/v1/availability?sku=LED&channel=portal`;
    const side = (url: string): Promise<GetResult> => get({ url, headers, connections, seconds });
    // Both processes have compiled what they run before the first round.
    for (const url of [figures, `${figures}&fresh=true`, `${bare.url}/hello`])
      await get({ url, headers, connections, seconds: 1 });
    const perSecond: Sides = { bare: [], memory: [], sql: [] };
    const cpuUs: Sides = { bare: [], memory: [], sql: [] };
    const measured = async (name: keyof Sides, pid: number, url: string): Promise<GetResult> => {
      const beforeMs = await cpuMs(pid);
      const result = await side(url);
      cpuUs[name].push((((await cpuMs(pid)) - beforeMs) * 1000) / result.requests);
      perSecond[name].push(result.perSecond);
      return result;
    };
    let bodyBytes = 0;
    for (let n = 0; n < rounds; n++) {
      await measured('bare', bare.child.pid ?? 0, `${bare.url}/hello`);
      bodyBytes = (await whileOrdering(hub, seconds, n, () => measured('memory', hub.run.hub.pid, figures))).bodyBytes;
      await measured('sql', hub.run.hub.pid, `${figures}&fresh=true`);
    }
    const ratio = (name: string, of: readonly number[], gate: number): Row => ({
      name,
      value: round(median(of.map((value, n) => value / (perSecond.bare[n] ?? Number.NaN)))),
      unit: '×',
      gate,
      detail: { perSecond: of.map((value) => round(value, 0)), bare: perSecond.bare.map((value) => round(value, 0)) },
    });
    return [
      ratio('availability from memory ÷ bare Fastify', perSecond.memory, 0.65),
      ratio('availability from SQL, coalesced ÷ bare Fastify', perSecond.sql, 0.35),
      {
        name: 'CPU of the process per availability from memory',
        value: round(median(cpuUs.memory), 1),
        unit: 'µs',
        detail: { bareUs: round(median(cpuUs.bare), 1), sqlUs: round(median(cpuUs.sql), 1), bodyBytes },
      },
    ];
  } finally {
    bare.child.kill();
    await hub.stop();
  }
}

/** Fifty orders a second for the item, taken in and reserved by the hub that is being asked. */
async function whileOrdering<T>(hub: BenchHub, seconds: number, n: number, measure: () => Promise<T>): Promise<T> {
  const orders = hub.load({ connections: 2, seconds, name: `availability-${n}`, perSecond: 50 });
  const result = await measure();
  await orders;
  return result;
}
