import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import { expectBookToMatchLog, now, orderLine, type RunTx, stockCompany } from '../../test/inventory/stock-company.ts';
import { uuidv7 } from '../platform/index.ts';
import {
  applySnapshots,
  assignFulfillment,
  holdShortStock,
  listPositions,
  recordMovements,
  reserve,
  type StockStatusName,
  type Unsaid,
} from './index.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

const at = (hour: number): Date => new Date(now.getTime() + hour * 3_600_000);
let keys = 0;
const move = (run: RunTx, quantity: string, change: { status?: StockStatusName; lot?: string; hour?: number } = {}) =>
  run((tx) => {
    const { hour = 1, ...rest } = change;
    const common = { type: 'adjust' as const, sku: 'GLV', location: 'DC1', reason: 'test', source: 'test' };
    const movement = { key: `m${(keys += 1)}`, ...common, ...rest, quantity, occurredAt: at(hour) };
    return recordMovements(tx, [movement], at(hour));
  });
const apart: readonly StockStatusName[] = ['quarantine', 'expired', 'recalled', 'damaged', 'hold'];
const state = (run: RunTx, hour: number, quantity: string, unsaid: Partial<Unsaid> = {}) =>
  run((tx) => {
    const position = { sku: 'GLV', quantity };
    const all = { sku: 'GLV', lots: true, statuses: apart, contained: apart, ...unsaid };
    const snapshot = { location: 'DC1', asOf: at(hour), asOfSeq: hour + 1, unsaid: [all], positions: [position] };
    return applySnapshots(tx, [snapshot], at(hour));
  });
const book = async (run: RunTx): Promise<Record<string, string>> => {
  const { rows } = await run((tx) => listPositions(tx, { sku: 'GLV', limit: 50 }));
  const there = rows.filter(({ onHand }) => onHand !== '0');
  return Object.fromEntries(there.map(({ lot = '', status, onHand }) => [`${lot}/${status}`, onHand]));
};

it('keeps what a report says nothing of, and takes off the total what is part of it', async () => {
  const run = await stockCompany(database, [
    { location: 'DC1', sku: 'GLV', quantity: '100', lot: 'L1', expiry: '2026-07-01' },
    { location: 'DC1', sku: 'GLV', quantity: '100', lot: 'L2', expiry: '2027-07-01' },
  ]);
  await move(run, '10', { lot: 'L1', status: 'damaged' });
  await move(run, '5', { lot: 'L2', status: 'quarantine' });
  // Comes in after the report, and is not part of it.
  await move(run, '7', { lot: 'L2', hour: 3 });
  await state(run, 2, '195');
  expect(await book(run)).toEqual({
    'L1/available': '80',
    'L1/damaged': '10',
    'L2/available': '107',
    'L2/quarantine': '5',
  });
  await state(run, 4, '187', { contained: ['quarantine'] });
  expect(await book(run)).toEqual({
    'L1/available': '75',
    'L1/damaged': '10',
    'L2/available': '107',
    'L2/quarantine': '5',
  });
  await expectBookToMatchLog(run);
});

it('believes a report about what could not be found, and keeps what a site has put on hold', async () => {
  const run = await stockCompany(database, [{ location: 'DC1', sku: 'GLV', quantity: '100' }]);
  await run(async (tx) => {
    const line = orderLine('GLV', '20');
    const [reserved] = await reserve(tx, [line], now);
    const fulfillmentId = uuidv7();
    await assignFulfillment(tx, [{ reservationId: reserved!.allocations[0]!.reservationId, fulfillmentId }]);
    const about = { orderId: line.orderId, lineNo: 1, fulfillmentId, sku: 'GLV', location: 'DC1', source: 'wms' };
    const short = { ...about, key: 'short', quantity: '20', reason: 'shortPick', occurredAt: at(1) };
    await holdShortStock(tx, [short], at(1));
  });
  await move(run, '-4');
  await move(run, '4', { status: 'hold' });
  expect(await book(run)).toEqual({ '/available': '76', '/hold': '24' });
  await state(run, 2, '90');
  expect(await book(run)).toEqual({ '/available': '86', '/hold': '4' });
  await expectBookToMatchLog(run);
});
