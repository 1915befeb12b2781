/** What a partner hears of an interchange that is not taken in. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  drop,
  emptyFolders,
  findOrder,
  interchange,
  led,
  message,
  order,
  outbox,
  problems,
  startEdiHub,
  stopEdiHub,
  types,
} from '../../test/harness/edi-hub.ts';

beforeAll(async () => {
  await startEdiHub();
}, 60_000);
afterAll(stopEdiHub);
beforeEach(emptyFolders);

it('a broken interchange is refused by TA1, asked for or not, and never by a 997 that accepts', async () => {
  const broken = interchange([order('PO-R1', [led(1)])]).replace(/IEA\*1\*\d+/, 'IEA*1*000000777');
  const id = await drop(broken);
  expect(await message(id)).toMatchObject({ state: 'rejected' });
  expect(await types()).toEqual(['TA1']);
  expect((await outbox())[0]!.segments[1]).toMatch(/^TA1\*\d{9}\*260601\*0900\*R\*001$/);
  expect(await findOrder('PO-R1')).toBeUndefined();
});

it('an old control number with other content is answered where nobody asked for a TA1', async () => {
  await drop(interchange([order('PO-R2', [led(1)])], { isa13: 990 }));
  const reused = await drop(interchange([order('PO-R3', [led(1)])], { isa13: 990 }));
  expect((await types()).toSorted()).toEqual(['855', '997', 'TA1']);
  expect((await problems(reused)).map(({ code }) => code)).toEqual(['CONFLICTING_DUPLICATE']);
});

it('what cannot be read is explained by its cause, not by what was noticed before', async () => {
  const id = await drop('\u{feff}hello');
  expect(await message(id)).toMatchObject({ state: 'rejected', reason: 'No X12 or EDIFACT interchange was found' });
});
