import { randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../simulation/random.ts';
import { judgeWorld } from '../judge-world.ts';
import { bodyOf } from '../order-client.ts';
import { type World, startWorld } from '../world.ts';
import { type FaultKind, resultOf } from './kind.ts';

/** Orders by every door, each handed in one to five times, in no order at all. */
export const duplicates: FaultKind = {
  name: 'duplicates',
  what: 'the same input one to five times, shuffled, at every door: API, CSV, EDI folder, webhooks',
  aim: 50_000,
  portion: 1_500,
  async run({ seed, faults }) {
    const world = await startWorld({ seed, name: 'duplicates', client: { concurrency: 1, pauseMs: 200 } });
    const { lab } = world.run;
    try {
      // The systems around repeat what they report too: under the same id, under another one, and late.
      const repeating = { seed, duplicates: 0.3, repeats: 0.2, outOfOrder: 0.2, outOfOrderMs: 50 };
      for (const system of ['erp', 'wms-dc1', 'carrier', 'storefront'] as const) {
        await lab.dials(system, repeating);
      }
      await lab.dials('warehouse-3pl', { seed, mishaps: { twice: 0.5 } });
      const inputs = shuffled(await makeInputs(world, faults), world.random);
      await inParallel(inputs, 8);
      const before = await webhooksReceived(world);
      await sleep(500);
      const judged = await judgeWorld(world);
      // Beyond the customers' own: each of these is one order in the ERP, however often it was handed in.
      const wanted = new Set(inputs.map(({ po }) => po));
      const violations = await judgeOnce(world, wanted);
      judged.findings[2] = [...(judged.findings[2] ?? []), ...violations];
      const result = resultOf(judged, inputs.length + before, world.client.longestSilenceMs());
      // Meridian's are among the judged already.
      const more = wanted.size - world.ediOrders.length;
      return { ...result, sent: result.sent + more, acknowledged: result.acknowledged + more };
    } finally {
      await world.close();
    }
  },
};

interface Input {
  readonly po: string;
  hand(): Promise<void>;
}

async function makeInputs(world: World, count: number): Promise<Input[]> {
  const inputs: Input[] = [];
  const { random } = world;
  for (let n = 0; inputs.length < count; n++) {
    const po = `DUP-${world.seed}-${n}`;
    const door = n % 10;
    const input = door < 6 ? byApi(world, po) : door < 9 ? byCsv(world, po) : await byFolder(world, n);
    for (let times = 1 + random.below(5); times > 0; times--) inputs.push(input);
  }
  return inputs;
}

function byApi(world: World, po: string): Input {
  const key = randomUUID();
  return { po, hand: () => post(world, '/v1/orders', 'application/json', key, JSON.stringify(bodyOf(po))) };
}

function byCsv(world: World, po: string): Input {
  const text = `customer,customer_po,sku,quantity,uom\nC200,${po},LED,1,EA\nC200,${po},BLT,1,BX\n`;
  // Half of the repetitions come under a key of their own, as by a person who uploads the file once more.
  const key = randomUUID();
  const keyOf = (): string => (world.random.chance(0.5) ? key : randomUUID());
  return { po, hand: () => post(world, '/v1/orders/import', 'text/csv', keyOf(), text) };
}

/** An 850 of Meridian, taken from what the partner of the lab has sent and dropped again under other names. */
async function byFolder(world: World, n: number): Promise<Input> {
  await world.orderByEdi();
  const po = world.ediOrders.at(-1) ?? '';
  const mailbox = join(world.run.dataDir, 'partners', 'C100');
  let copies = 0;
  return {
    po,
    async hand() {
      const archive = join(mailbox, 'archive');
      const names = existsSync(archive) ? readdirSync(archive) : [];
      const taken = names.find((name) => readFileSync(join(archive, name), 'latin1').includes(po));
      // Not taken in yet: the partner's own file stands for this time.
      if (taken === undefined) return;
      const staging = join(mailbox, 'again');
      mkdirSync(staging, { recursive: true });
      const name = `again-${n}-${++copies}-${randomUUID().slice(0, 8)}.edi`;
      copyFileSync(join(mailbox, 'archive', taken), join(staging, name));
      renameSync(join(staging, name), join(mailbox, 'in', name));
    },
  };
}

/** Until it is taken in; 409 says that it has been. */
async function post({ run }: World, path: string, type: string, key: string, body: string): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    const response = await fetch(`${run.hub.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${run.adminKey}`, 'content-type': type, 'idempotency-key': key },
      body,
    });
    const text = await response.text();
    if (response.ok) return;
    if (response.status === 409 && text.includes('DUPLICATE_ORDER')) return;
    if (response.status < 500 && response.status !== 409 && response.status !== 429) {
      throw new Error(`${path} was answered ${response.status}: ${text.slice(0, 300)}`);
    }
    await sleep(50);
  }
  throw new Error(`${path} was never taken in`);
}

async function inParallel(inputs: readonly Input[], workers: number): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < inputs.length) await inputs[next++]?.hand();
  };
  await Promise.all(Array.from({ length: workers }, work));
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

async function webhooksReceived({ db }: World): Promise<number> {
  const { rows } = await db.query<{ n: number }>(`SELECT count(*)::int AS n FROM message WHERE channel = 'webhook'`);
  return rows[0]?.n ?? 0;
}

async function judgeOnce({ run, db }: World, wanted: ReadonlySet<string>): Promise<string[]> {
  const counts = new Map<string, number>();
  for (const { kind, ...effect } of run.lab.logs('erp')) {
    if (kind !== 'order.created') continue;
    const { customerPo } = effect['document'] as { customerPo: string };
    counts.set(customerPo, (counts.get(customerPo) ?? 0) + 1);
  }
  const { rows } = await db.query<{ po: string; n: number }>(
    'SELECT customer_po AS po, count(*)::int AS n FROM sales_order WHERE customer_po = ANY ($1) GROUP BY 1',
    [[...wanted]],
  );
  const recorded = new Map(rows.map(({ po, n }) => [po, n]));
  return [...wanted].flatMap((po) => {
    const [inErp, inHub] = [counts.get(po) ?? 0, recorded.get(po) ?? 0];
    return inErp === 1 && inHub === 1 ? [] : [`${po} is ${inHub} orders in the hub and ${inErp} in the ERP`];
  });
}
