import { expect, it } from 'vitest';
import { db, drop, interchange, led, message, problems, tenant, useEdiHub } from '../../test/harness/edi-hub.ts';
import { searchOrders } from '../orders/index.ts';

useEdiHub();

const order = (po: string, ...dates: string[]): string[] => [
  `BEG*00*SA*${po}**20260601`,
  'REF*DP*038',
  ...dates,
  'N1*ST*DC 12*UL*0614141900121',
  led(1),
  'CTT*1',
];

it('holds an 850 with a day that there is not, says which, and takes its neighbour', async () => {
  const id = await drop(interchange([order('IMP-1', 'DTM*002*20260231'), order('IMP-2', 'DTM*002*20260228')]));
  expect((await message(id)).state).toBe('held');
  const taken = (po: string) => db.app.tx(tenant, async (tx) => (await searchOrders(tx, po, 10)).length);
  expect([await taken('IMP-1'), await taken('IMP-2')]).toEqual([0, 1]);
  const [problem] = await problems(id);
  expect(problem).toMatchObject({ code: 'MAP_FAILED' });
  expect(problem?.cause).toMatch(/requestedDelivery|requestedDate/);
  expect(problem?.cause).toMatch(/day of the calendar/);
});
