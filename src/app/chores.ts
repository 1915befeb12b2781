import type { Chore, Upkeep } from './schedule.ts';
import { ensureLedgerPartitions, pruneDedupeKeys, pruneIdempotencyKeys } from '../exchange/index.ts';
import {
  chaseObligations,
  expireStockReservations,
  sweepParked,
  watchBreakers,
  watchBudgets,
  watchCancelDates,
  watchControlNumbers,
} from '../flows/index.ts';
import { pruneStockChanges } from '../inventory/index.ts';
import { foldExposure } from '../parties/index.ts';
import { type RetentionOptions, runRetention, workReplays } from '../operations/index.ts';
import { type Db, refreshStatistics } from '../platform/index.ts';
import { type Budgets, type Deliverer, maintainPartitions } from '../queue/index.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Idempotency keys are kept longer than the 24 hours that are promised; natural keys guard what comes later. */
const idempotencyKeysForMs = 3 * dayMs;
/** Longer than any sender of the hub's doors repeats a message by itself. */
const dedupeKeysForMs = 30 * dayMs;

/** What the hub does by itself for every tenant, and how often. */
export const chores: readonly Chore[] = [
  {
    name: 'chase-obligations',
    everyMs: 15_000,
    run: async (tx, hub) => {
      await chaseObligations(tx, hub);
    },
  },
  {
    name: 'expire-reservations',
    everyMs: 15_000,
    run: async (tx, hub) => {
      await expireStockReservations(tx, hub);
    },
  },
  {
    name: 'watch-breakers',
    everyMs: 10_000,
    run: watchBreakers,
  },
  {
    name: 'watch-cancel-dates',
    everyMs: 5 * minuteMs,
    run: async (tx, hub) => {
      await watchCancelDates(tx, hub);
    },
  },
  {
    name: 'watch-control-numbers',
    everyMs: hourMs,
    run: watchControlNumbers,
  },
  {
    name: 'fold-exposure',
    everyMs: 2 * minuteMs,
    run: async (tx) => {
      await foldExposure(tx);
    },
  },
  {
    name: 'sweep-parked',
    everyMs: 5 * minuteMs,
    run: async (tx, hub) => {
      await sweepParked(tx, hub);
    },
  },
  {
    name: 'prune-stock-changes',
    everyMs: 15_000,
    run: (tx, hub) => pruneStockChanges(tx, hub.clock.now()),
  },
  {
    name: 'prune-keys',
    everyMs: 10 * minuteMs,
    async run(tx, hub) {
      const nowMs = hub.clock.now().getTime();
      await pruneIdempotencyKeys(tx, new Date(nowMs - idempotencyKeysForMs));
      await pruneDedupeKeys(tx, new Date(nowMs - dedupeKeysForMs));
    },
  },
];

/** Looks at what is left of the destinations' quotas. */
export const budgetChore = (budgets: Pick<Budgets, 'list'>): Chore => ({
  name: 'watch-budgets',
  everyMs: minuteMs,
  run: (tx, hub) => watchBudgets(tx, hub, budgets),
});

/** Works what people planned to send again, a batch at a time. */
export const replayChore = (deliverer: Pick<Deliverer, 'prepare'>): Chore => ({
  name: 'work-replays',
  everyMs: 1_000,
  async run(tx, hub) {
    const { clock, deliveries, events, enqueue } = hub;
    await workReplays(tx, { clock, deliverer, deliveries, events, enqueue });
  },
});

/** Makes the partitions that the ledger needs now and next, as the owner of the schema. */
export async function makePartitions(ownerUrl: string): Promise<void> {
  await maintainPartitions(ownerUrl);
  await ensureLedgerPartitions(ownerUrl);
}

/** What is done about partitions every hour: the next ones are made, and old ones leave where people have said so. */
export const partitionUpkeep = (retention: Omit<RetentionOptions, 'actor'>): Upkeep => ({
  name: 'upkeep',
  everyMs: hourMs,
  async run(): Promise<void> {
    await makePartitions(retention.ownerUrl);
    await runRetention({ ...retention, actor: 'hub' });
  },
});

/** Keeps the server's plans right while a new hub's tables grow. */
export const statisticsUpkeep = (engine: Db, ownerUrl: string): Upkeep => ({
  name: 'refresh-statistics',
  everyMs: 5_000,
  async run(): Promise<void> {
    await refreshStatistics(engine, ownerUrl);
  },
});
