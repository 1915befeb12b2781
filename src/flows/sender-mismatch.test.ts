/** Interchanges that name another partner than the one whose door they came by. */
import { describe, expect, it } from 'vitest';
import {
  db,
  drop,
  findOrder,
  hub,
  interchange,
  led,
  meridian,
  message,
  order,
  problems,
  queue,
  tenant,
  types,
  useEdiHub,
} from '../../test/harness/edi-hub.ts';
import { putAgreement } from '../partners/index.ts';
import { actOnException } from './act-on-exception.ts';
import { resubmitMessage } from './resubmit-message.ts';

useEdiHub();

const act = async (exceptionId: string, action: string): Promise<readonly string[]> => {
  const deed = { exceptionId, action, reason: 'they told us', input: {}, actor: 'ann' };
  const { effects } = await db.app.tx(tenant, (tx) => actOnException(hub, tx, deed));
  await queue.idle();
  return effects;
};

describe('an interchange by its own door', () => {
  it('is taken in, also where the door knows nobody', async () => {
    const own = await drop(interchange([order('PO-S1', [led(1)])]), { partner: 'C100' });
    expect(await message(own)).toMatchObject({ state: 'processed', partner: 'C100', doorPartner: 'C100' });
    const open = await drop(interchange([order('PO-S2', [led(1)])]));
    const taken = await message(open);
    expect(taken).toMatchObject({ state: 'processed', partner: 'C100' });
    expect(taken.doorPartner).toBeUndefined();
  });
});

describe('an interchange by the door of another partner', () => {
  it('waits unanswered with both names, and makes an order once it is accepted', async () => {
    const id = await drop(interchange([order('PO-S3', [led(1)])]), { partner: 'C400' });
    expect(await message(id)).toMatchObject({ state: 'held', partner: 'C400', doorPartner: 'C400' });
    expect(await types()).toEqual([]);
    expect(await findOrder('PO-S3')).toBeUndefined();
    const [mismatch] = await problems(id);
    expect(mismatch).toMatchObject({
      code: 'SENDER_MISMATCH',
      ownerRole: 'edi',
      cause: expect.stringMatching(
        /^Interchange \d+ is from ZZ:MERIDIAN, which is C100, but it came by the door of C400$/,
      ),
      data: { doorPartner: 'C400', partner: 'C100' },
    });
    expect(await act(mismatch!.id, 'accept_sender')).toEqual([
      `What message ${id} holds of C100 is taken in, though it came by the door of C400`,
    ]);
    expect(await message(id)).toMatchObject({ state: 'processed', partner: 'C100', doorPartner: 'C400' });
    expect(await findOrder('PO-S3')).toMatchObject({ customer: 'C100' });
    expect(await types()).toEqual(['997', '855']);
    expect(await problems(id)).toEqual([]);
  });

  it('waits also when somebody only asks for it to be translated again, or edits it', async () => {
    const id = await drop(interchange([order('PO-S4', [led(1)])]), { partner: 'C400' });
    const [mismatch] = await problems(id);
    await act(mismatch!.id, 'resume_message');
    expect(await message(id)).toMatchObject({ state: 'held' });
    const bytes = Buffer.from(interchange([order('PO-S4', [led(2)])]));
    const edit = { parentId: id, bytes, reason: 'quantity', actor: 'ann' };
    const child = await db.app.tx(tenant, (tx) => resubmitMessage(tx, hub, edit));
    await queue.idle();
    expect(await message(child.id)).toMatchObject({ state: 'held', doorPartner: 'C400' });
    expect(await findOrder('PO-S4')).toBeUndefined();
  });

  it('is accepted partner by partner', async () => {
    const newco = { ...meridian, id: 'newco', partner: 'C500', them: { qualifier: 'ZZ', id: 'NEWCO' } };
    await db.app.tx(tenant, (tx) => putAgreement(tx, newco));
    const both = `${interchange([order('PO-S5', [led(1)])])}\n${interchange([order('PO-S6', [led(1)])], { sender: 'NEWCO' })}`;
    const id = await drop(both, { partner: 'C400' });
    const mismatches = await problems(id);
    expect(new Set(mismatches.map(({ data }) => data.partner))).toEqual(new Set(['C100', 'C500']));
    await act(mismatches.find(({ data }) => data.partner === 'C100')!.id, 'accept_sender');
    expect(await findOrder('PO-S5')).toBeDefined();
    expect(await message(id)).toMatchObject({ state: 'held' });
    expect((await problems(id)).map(({ data }) => data.partner)).toEqual(['C500']);
  });

  it('is taken in where the connection says that others share the mailbox', async () => {
    const settings = hub.connection('meridian-folder')!.settings as { folder: string; sharedMailbox?: boolean };
    Object.assign(settings, { folder: 'C400', sharedMailbox: true });
    const id = await drop(interchange([order('PO-S7', [led(1)])]), { partner: 'C400' });
    Object.assign(settings, { folder: 'C100', sharedMailbox: undefined });
    expect(await message(id)).toMatchObject({ state: 'processed', partner: 'C100', doorPartner: 'C400' });
    expect(await findOrder('PO-S7')).toMatchObject({ customer: 'C100' });
  });
});
