/** What a partner hears of an interchange that is not taken in. */
import { expect, it } from 'vitest';
import {
  agree,
  db,
  drop,
  findOrder,
  interchange,
  led,
  message,
  order,
  outbox,
  problems,
  tenant,
  types,
  useEdiHub,
} from '../../test/harness/edi-hub.ts';
import { listExceptions } from '../exceptions/index.ts';

useEdiHub();

const orderProblems = (orderId: string) =>
  db.app.tx(tenant, async (tx) => (await listExceptions(tx, { orderId, state: 'open' }, { limit: 5 })).rows);

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

it('a value too long to be sent back keeps the 855 here, with an exception that names it', async () => {
  const po = 'PO-R4-12345678901234567'; // 23 characters; BAK03 takes 22.
  const id = await drop(interchange([order(po, [led(1)])]));
  expect((await problems(id)).map(({ code }) => code)).toEqual([]);
  expect(await types()).toEqual(['997']);
  const { id: orderId } = await findOrder(po);
  const [kept] = await orderProblems(orderId);
  expect(kept).toMatchObject({
    code: 'OUTPUT_INVALID',
    ownerRole: 'edi',
    cause: expect.stringContaining(po),
    allowedActions: expect.arrayContaining(['retry_delivery', 'discard_delivery']),
  });
  expect(kept!.cause).toContain('BAK03');
  // An agreement may say that its partner takes it.
  await agree({ toleratedFaults: ['ELEMENT_TOO_LONG'] });
  await drop(interchange([order(`${po}X`, [led(1)])]));
  expect((await types()).toSorted()).toEqual(['855', '997', '997']);
});

it('what cannot be read is explained by its cause, not by what was noticed before', async () => {
  const id = await drop('\u{feff}hello');
  expect(await message(id)).toMatchObject({ state: 'rejected', reason: 'No X12 or EDIFACT interchange was found' });
});
