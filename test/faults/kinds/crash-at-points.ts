import { setTimeout as sleep } from 'node:timers/promises';
import { crashPoints } from '../crash/crash-points.ts';
import { EndedAtStart } from '../hub-process.ts';
import { judgeWorld } from '../judge-world.ts';
import { type World, startWorld } from '../world.ts';
import { type FaultKind, type KindResult, resultOf } from './kind.ts';

/** What is reached only after a send of which nobody knows what came. */
const afterDoubt = /^(recovery|look-up|settlement):/;
/** A request under way with nobody to hear its answer. */
const doubt = 'send:sent:1';
/** By then the point has been passed, or will not be: nothing led there this time. */
const reachLimitMs = 8_000;

/** Ends the hub at every named crash point, in an order that the seed decides. */
export const crashAtPoints: FaultKind = {
  name: 'crash-points',
  what: 'the hub ends at a named point: before and after every commit, send, acknowledgment, rename',
  aim: crashPoints.length * 50,
  portion: crashPoints.length,
  run: ({ seed, faults, points }) => crashAt(pointsFor(seed, faults, points), seed),
};

/** @param kinds of points, e.g. `completion`; all when absent */
function pointsFor(seed: number, count: number, kinds?: readonly string[]): string[] {
  const wanted = crashPoints.filter((point) => kinds?.includes(point.split(':')[0] ?? '') ?? true);
  const points: string[] = [];
  for (let round = 0; points.length < count; round++) {
    const order = wanted.map((point, index) => ({
      point,
      at: ((seed + round * 7 + index) * 2_654_435_761) >>> 0,
    }));
    points.push(...order.sort((a, b) => a.at - b.at).map(({ point }) => point));
  }
  return points.slice(0, count);
}

export async function crashAt(points: readonly string[], seed: number): Promise<KindResult> {
  const world = await startWorld({ seed, name: 'crash points' });
  try {
    const missed: string[] = [];
    let crashed = 0;
    for (const point of points) {
      if (afterDoubt.test(point)) await crashOnce(world, doubt);
      const nth = /^(lane-claim|recovery|partitions|replay):/.test(point) ? 1 : 1 + world.random.below(3);
      if (await crashOnce(world, `${point}:${nth}`)) crashed++;
      else missed.push(point);
    }
    await comeBack(world);
    await sleep(300);
    const silenceMs = world.client.longestSilenceMs();
    const notes = missed.length === 0 ? [] : [`not reached this time: ${missed.join(', ')}`];
    return resultOf(await judgeWorld(world, { replays: 40 }), crashed, silenceMs, notes);
  } finally {
    await world.close();
  }
}

/** Starts the hub so that it ends at the point, and gives it reason to get there. False when it did not. */
async function crashOnce(world: World, crashAtPoint: string): Promise<boolean> {
  const { run } = world;
  if (run.hub.alive) await run.hub.kill();
  try {
    await run.restart(crashAtPoint);
  } catch (error) {
    if (error instanceof EndedAtStart) return true;
    throw error;
  }
  if (/file|message/.test(crashAtPoint)) for (let i = 0; i < 3; i++) await world.orderByEdi();
  if (/import/.test(crashAtPoint)) await importOrders(world);
  if (crashAtPoint.startsWith('replay:')) await planReplay(world);
  const stop = new AbortController();
  const late = sleep(reachLimitMs, 'late' as const, { signal: stop.signal }).catch(() => 'late' as const);
  const signal = await Promise.race([run.hub.ended, late]);
  stop.abort();
  if (signal === 'SIGKILL') return true;
  if (signal !== 'late') throw new Error(`the hub ended by itself (${signal}) while it was to end at ${crashAtPoint}`);
  await run.hub.kill();
  return false;
}

async function comeBack({ run }: World): Promise<void> {
  if (run.hub.alive) await run.hub.kill();
  await run.restart();
}

/** Orders of a CSV file; each file is sent once, so that only what an answer named counts as taken in. */
async function importOrders(world: World): Promise<void> {
  const { run, random } = world;
  const rows = Array.from({ length: 3 }, (_, row) => `C200,CSV-${random.below(1e9)}-${row},LED,1,EA`);
  world.csvSent += rows.length;
  for (let i = 0; i < 3; i++) {
    const answer = await fetch(`${run.hub.url}/v1/orders/import`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${run.adminKey}`,
        'content-type': 'text/csv',
        'idempotency-key': `csv-${random.below(1e9)}`,
      },
      body: ['customer,customer_po,sku,quantity,uom', ...rows].join('\n'),
    }).then(
      async (response) => ({ status: response.status, text: await response.text() }),
      () => undefined,
    );
    if (answer !== undefined) noteImported(world, answer);
  }
}

/** The second and third file of the same orders name them as there already: what an answer says is there has to be. */
function noteImported({ csvOrders }: World, answer: { status: number; text: string }): void {
  if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) {
    throw new Error(`a CSV file was answered ${answer.status}: ${answer.text.slice(0, 300)}`);
  }
  if (answer.status !== 200) return;
  const report = JSON.parse(answer.text) as { orders: { customerPo: string; orderId?: string }[] };
  for (const { customerPo, orderId } of report.orders) {
    if (orderId === undefined || csvOrders.some((known) => known.orderId === orderId)) continue;
    csvOrders.push({ customerPo, orderId });
  }
}

/** Has deliveries that the ERP has confirmed sent again, by plan; the hub may end in the middle of the planning already. */
async function planReplay({ run, db, random }: World): Promise<void> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT id FROM delivery_now WHERE destination = 'erp' AND state = 'delivered' ORDER BY position DESC LIMIT 5`,
  );
  const post = async (path: string, body: unknown): Promise<{ id?: string }> => {
    const response = await fetch(`${run.hub.url}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${run.adminKey}`,
        'content-type': 'application/json',
        'idempotency-key': `replay-${random.below(1e9)}`,
      },
      body: JSON.stringify(body),
    });
    if (response.status >= 400 && response.status < 500) {
      throw new Error(`${path} was answered ${response.status}: ${await response.text()}`);
    }
    return (await response.json()) as { id?: string };
  };
  const deliveryIds = rows.map(({ id }) => id);
  if (deliveryIds.length === 0) return;
  const selection = { states: ['delivered'], deliveryIds };
  try {
    const { id } = await post('/v1/replays', { selection, mode: 'original', reason: 'fault run' });
    await post(`/v1/replays/${id}/run`, {});
  } catch (error) {
    // Cut off by the end that it was to bring about.
    if (error instanceof TypeError || error instanceof SyntaxError) return;
    throw error;
  }
}
