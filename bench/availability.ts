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
      // Sessions of their own for all sides, as the hub has one: the kernel shares the machine out by session.
      detached: true,
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

async function startBareFastify(answer: string): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [program('./bare-fastify.ts'), answer], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
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

/**
 * `GET /v1/availability` with a key, its figures from memory and from the database, against bare Fastify that answers the
 * same object to anybody: requests per second at 64 connections, the sides of a round next to each other. While the
 * figures come from memory stock changes ten times a second, so that there is something to keep up with.
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
  const headers = { authorization: `Bearer ${hub.run.adminKey}` };
  const path = '/v1/availability?sku=LED&channel=portal';
  const answer = await (await fetch(`${hub.run.hub.url}${path}`, { headers })).text();
  const bare = await startBareFastify(answer);
  const urls = {
    bare: `${bare.url}${path}`,
    memory: `${hub.run.hub.url}${path}`,
    sql: `${hub.run.hub.url}${path}&fresh=true`,
  };
  const load = (side: Side, forSeconds = seconds): Promise<GetResult> =>
    get({ url: urls[side], headers, connections, seconds: forSeconds });
  try {
    // Both processes have compiled what they run before the first round.
    for (const side of sides) await load(side, 3);
    const perSecond: Figures = { bare: [], memory: [], sql: [] };
    const cpuUs: Figures = { bare: [], memory: [], sql: [] };
    for (let n = 0; n < rounds; n++) {
      for (const side of sides) {
        const pid = (side === 'bare' ? bare.child.pid : hub.run.hub.pid) ?? 0;
        const stop = side === 'memory' ? changeStock(hub) : undefined;
        const beforeMs = await cpuMs(pid);
        const result = await load(side);
        cpuUs[side].push((((await cpuMs(pid)) - beforeMs) * 1000) / result.requests);
        perSecond[side].push(result.perSecond);
        await stop?.();
      }
    }
    return rowsOf(perSecond, cpuUs, Buffer.byteLength(answer));
  } finally {
    bare.child.kill();
    await hub.stop();
  }
}

const sides = ['bare', 'memory', 'sql'] as const;
type Side = (typeof sides)[number];
type Figures = Record<Side, number[]>;

function rowsOf(perSecond: Figures, cpuUs: Figures, bodyBytes: number): Row[] {
  const ratio = (name: string, side: Side, gate: number): Row => ({
    name,
    value: round(median(perSecond[side].map((value, n) => value / (perSecond.bare[n] ?? Number.NaN)))),
    unit: '×',
    gate,
    detail: {
      perSecond: perSecond[side].map((value) => round(value, 0)),
      bare: perSecond.bare.map((value) => round(value, 0)),
    },
  });
  return [
    ratio('availability from memory ÷ bare Fastify', 'memory', 0.65),
    ratio('availability from SQL, coalesced ÷ bare Fastify', 'sql', 0.35),
    {
      name: 'bare Fastify ÷ availability from memory, CPU per request',
      value: round(median(cpuUs.memory.map((value, n) => (cpuUs.bare[n] ?? Number.NaN) / value))),
      unit: '×',
      detail: {
        bareUs: round(median(cpuUs.bare), 1),
        memoryUs: round(median(cpuUs.memory), 1),
        sqlUs: round(median(cpuUs.sql), 1),
        bodyBytes,
      },
    },
  ];
}

/** Reserves one of the item every 100 ms until told to stop. */
function changeStock(hub: BenchHub): () => Promise<void> {
  let going = true;
  const changing = (async () => {
    while (going) {
      const response = await fetch(`${hub.run.hub.url}/v1/reservations`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${hub.run.adminKey}`,
          'content-type': 'application/json',
          'idempotency-key': `availability-${performance.now()}`,
        },
        body: JSON.stringify({ sku: 'LED', channel: 'portal', quantity: { value: '1', uom: 'EA' } }),
      });
      if (!response.ok) throw new Error(`a reservation failed: ${response.status} ${await response.text()}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  return () => {
    going = false;
    return changing;
  };
}
