/** DC2 in Reno, a warehouse that works by EDI, beside the hub of `edi-hub.ts`; the lamps are taken from there first. */
import { beforeAll } from 'vitest';
import { type ExceptionRecord, listExceptions } from '../../src/exceptions/index.ts';
import { listDocuments } from '../../src/exchange/index.ts';
import { actOnException } from '../../src/flows/act-on-exception.ts';
import { listFulfillmentOrders } from '../../src/fulfillment/index.ts';
import { applySnapshots, putLocations } from '../../src/inventory/index.ts';
import type { Location } from '../../src/model/index.ts';
import { loadOrders } from '../../src/orders/index.ts';
import { type Agreement, putAgreement } from '../../src/partners/index.ts';
import type { Tx } from '../../src/platform/index.ts';
import {
  clock,
  db,
  drop,
  findOrder,
  hub,
  interchange,
  led,
  order,
  outbox,
  queue,
  tenant,
  useEdiHub,
} from './edi-hub.ts';

export const tx = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => db.app.tx(tenant, fn);

export const reno: Agreement = {
  id: 'reno',
  partner: 'W200',
  standard: 'x12',
  us: { qualifier: 'ZZ', id: 'RIDGELINE' },
  them: { qualifier: 'ZZ', id: 'RENO3PL' },
  version: '004010',
  usage: 'production',
  connection: 'reno-folder',
  inbound: ['945', '997', '824'],
  outbound: ['940'],
  timeZone: 'America/Los_Angeles',
  expect: { withinMinutes: 60 },
};
export const dc2: Location = {
  code: 'DC2',
  name: 'Reno',
  kind: '3pl',
  timeZone: 'America/Los_Angeles',
  sellable: true,
  priority: 0,
  agreement: 'reno',
};
export const site = (change: Partial<Location>) =>
  tx((t) => putLocations(t, [{ ...dc2, ...change }], { now: clock.now() }));
export const terms = (change: Partial<Agreement>) => tx((t) => putAgreement(t, { ...reno, ...change }));

let asOfSeq = 0;
/** What DC2 has of the lamps from now on, by its count. */
export const stock = (quantity: string) =>
  tx((t) =>
    applySnapshots(
      t,
      [
        {
          location: 'DC2',
          asOf: clock.now(),
          asOfSeq: ++asOfSeq,
          positions: [{ sku: 'LED', quantity }],
        },
      ] as never,
      clock.now(),
    ),
  );

/** The hub with the warehouse, on a fresh database for all tests of the file. */
export function useReno(): void {
  useEdiHub();
  beforeAll(async () => {
    await site({});
    await terms({});
    await stock('1000');
  });
}

/** An order of the buyer that DC2 has to ship. */
export async function ordered(po: string, quantity = 10): Promise<{ id: string; orderNo: string }> {
  await drop(interchange([order(po, [led(quantity)])]));
  const { id } = await findOrder(po);
  const { orderNo } = await current(id);
  return { id, orderNo };
}
export const current = async (id: string) => (await tx((t) => loadOrders(t, [id]))).get(id)!;
export const releaseOf = async (id: string) => (await tx((t) => listFulfillmentOrders(t, [id])))[0]!;
export const exceptionsOf = (orderId: string): Promise<ExceptionRecord[]> =>
  tx(async (t) => (await listExceptions(t, { orderId, state: 'open' }, { limit: 20 })).rows);
export const act = (record: ExceptionRecord, action: string, input = {}) =>
  tx((t) => actOnException(hub, t, { exceptionId: record.id, action, reason: 'as told', input, actor: 'ann' })).then(
    async (done) => {
      await queue.idle();
      return done;
    },
  );
export const toReno = async () => (await outbox('W200')).filter(({ type }) => type === '940');
export const documentsOf = (id: string) =>
  tx((t) => listDocuments(t, { direction: 'out', entity: { kind: 'fulfillment', id } }));
export const groupOf = (segments: readonly string[]): string => segments[1]!.split('*')[6]!;
export const fromReno = (type: string, set: readonly string[], group: string) =>
  drop(interchange([set], { sender: 'RENO3PL', type, group }));
export const functional = (segments: readonly string[], status: 'A' | 'R') =>
  fromReno('997', [`AK1*OW*${groupOf(segments)}`, 'AK2*940*0001', `AK5*${status}`, `AK9*${status}*1*1*1`], 'FA');
