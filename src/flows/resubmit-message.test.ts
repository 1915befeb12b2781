import { describe, expect, it } from 'vitest';
import {
  db,
  documents,
  drop,
  findOrder,
  hub,
  interchange,
  led,
  message,
  order,
  problems,
  queue,
  tenant,
  types,
  useEdiHub,
} from '../../test/harness/edi-hub.ts';
import { listMessages, loadMessages } from '../exchange/index.ts';
import { actOnException } from './act-on-exception.ts';
import { resubmitMessage } from './resubmit-message.ts';
import { resumeMessages } from './resume-messages.ts';

useEdiHub();

const wrong = (quantity: number) => `PO1*2*${quantity}*EA*18.00*PE*VN*NO-SUCH`;
const open = problems;
const text = async (id: string) =>
  Buffer.from((await db.app.tx(tenant, (tx) => loadMessages(tx, [id]))).get(id)!.bytes).toString();

async function resubmit(parentId: string, edited: string): Promise<string> {
  const { id } = await db.app.tx(tenant, (tx) =>
    resubmitMessage(tx, hub, { parentId, bytes: Buffer.from(edited), reason: 'typing error', actor: 'user:ann' }),
  );
  await queue.idle();
  return id;
}

describe('an edited interchange', () => {
  it('is a child that is translated in its parent’s place, and closes the parent’s exception', async () => {
    const bytes = interchange([order('PO-E1', [wrong(2)])]);
    const parent = await drop(bytes);
    expect(await message(parent)).toMatchObject({ state: 'held' });
    expect((await open(parent)).map(({ code }) => code)).toEqual(['UNKNOWN_ITEM']);
    const child = await resubmit(parent, bytes.replace('NO-SUCH', 'LED'));
    expect(await message(child)).toMatchObject({ state: 'processed', inReplyTo: parent, actor: 'user:ann' });
    expect((await findOrder('PO-E1')).lines[0]).toMatchObject({ sku: 'LED' });
    expect(await open(parent)).toEqual([]);
    const closed = await db.owner.query('SELECT resolved_by, resolution FROM exception WHERE message_id = $1', [
      parent,
    ]);
    expect(closed.rows).toEqual([
      { resolved_by: 'user:ann', resolution: `The edited message ${child} has gone through` },
    ]);
    // What came in stays as it came in.
    expect(await message(parent)).toMatchObject({ state: 'superseded' });
    expect(await text(parent)).toBe(bytes);
    expect((await message(parent)).correlationId).toBe((await message(child)).correlationId);
    // The partner had its 997 for what it sent, and gets none for what we edited.
    expect(await types()).toEqual(['997', '855']);
    // Nothing takes the parent up again.
    expect(await db.app.tx(tenant, (tx) => resumeMessages(tx, hub, [parent], { readmit: true }))).toEqual([]);
  });

  it('does not do again what went through with its parent', async () => {
    const bytes = interchange([order('PO-E2', [led(1)]), order('PO-E3', [wrong(1)])]);
    const parent = await drop(bytes);
    const first = await findOrder('PO-E2');
    const child = await resubmit(parent, bytes.replace('NO-SUCH', 'LED'));
    expect((await documents(child)).map(({ state }) => state)).toEqual(['duplicate', 'translated']);
    expect((await findOrder('PO-E2')).version).toBe(first.version);
    expect(await findOrder('PO-E3')).toMatchObject({ channel: 'edi' });
    expect([...(await open(parent)), ...(await open(child))]).toEqual([]);
    expect(await types()).toEqual(['997', '855', '855']);
  });

  it('that is still wrong is edited in turn, and the first one’s exception waits for the last', async () => {
    const bytes = interchange([order('PO-E4', [wrong(1)])]);
    const parent = await drop(bytes);
    const child = await resubmit(parent, bytes.replace('NO-SUCH', 'NEITHER'));
    expect((await open(parent)).length).toBe(1);
    expect(await message(child)).toMatchObject({ state: 'held' });
    await expect(resubmit(parent, bytes)).rejects.toMatchObject({ code: 'CONFLICT' });
    const grandchild = await resubmit(child, bytes.replace('NO-SUCH', 'LED'));
    expect(await message(grandchild)).toMatchObject({ state: 'processed' });
    expect([...(await open(parent)), ...(await open(child))]).toEqual([]);
    const children = await db.app.tx(tenant, (tx) => listMessages(tx, { inReplyTo: parent, direction: 'in' }));
    expect(children.map(({ id }) => id)).toEqual([child]);
  });

  it('is refused for what went through, and for what went out', async () => {
    const done = await drop(interchange([order('PO-E5', [led(1)])]));
    await expect(resubmit(done, 'ISA')).rejects.toMatchObject({ code: 'ACTION_NOT_ALLOWED' });
    const [output] = await db.app.tx(tenant, (tx) => listMessages(tx, { direction: 'out', limit: 1 }));
    await expect(resubmit(output!.id, 'ISA')).rejects.toMatchObject({ code: 'ACTION_NOT_ALLOWED' });
  });
});

describe('an edited webhook', () => {
  it('goes through the map of its parent’s connection and topic', async () => {
    const from = { connector: 'demo-wms', connection: 'wms-dc1', topic: 'pick.confirmed' };
    const parent = await drop('{"not json', from);
    expect((await open(parent)).map(({ code }) => code)).toEqual(['MAP_FAILED']);
    const child = await resubmit(parent, '{"still": "wrong"}');
    expect(await message(child)).toMatchObject({ ...from, state: 'held' });
    expect((await open(child)).map(({ code }) => code)).toEqual(['MAP_FAILED']);
    expect((await open(parent)).length).toBe(1);
  });
});

describe('an edited message about stock', () => {
  const act = (exceptionId: string, action: string, actor: string) =>
    db.app.tx(tenant, (tx) =>
      actOnException(hub, tx, { exceptionId, action, reason: 'counted again', input: {}, actor }),
    );
  const inventory = (): string => interchange([order('PO-846', [led(1)])]).replace('ST*850', 'ST*846');

  it('waits for a second person, who is not the one who edited it', async () => {
    const bytes = interchange([order('PO-E6', [wrong(2)])]);
    const parent = await drop(bytes);
    // An order before the edit, an order and stock after it.
    const child = await resubmit(parent, bytes.replace('NO-SUCH', 'LED') + inventory());
    expect(await message(child)).toMatchObject({ state: 'held', inReplyTo: parent, actor: 'user:ann' });
    expect(await message(parent)).toMatchObject({ state: 'superseded' });
    expect(await findOrder('PO-E6')).toBeUndefined();
    const [proposal] = await open(child);
    expect(proposal).toMatchObject({ code: 'RESUBMISSION_PROPOSED', ownerRole: 'operations' });
    expect(proposal!.allowedActions).toEqual(['approve_resubmission', 'reject', 'assign', 'snooze', 'note']);
    await expect(act(proposal!.id, 'approve_resubmission', 'user:ann')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    // Nothing else takes it up meanwhile.
    await queue.idle();
    expect(await findOrder('PO-E6')).toBeUndefined();

    await act(proposal!.id, 'approve_resubmission', 'user:bob');
    await queue.idle();
    expect((await findOrder('PO-E6')).lines[0]).toMatchObject({ sku: 'LED' });
    expect((await open(child)).map(({ code }) => code)).not.toContain('RESUBMISSION_PROPOSED');
    await expect(act(proposal!.id, 'approve_resubmission', 'user:cat')).rejects.toMatchObject({
      code: 'ACTION_NOT_ALLOWED',
    });
  });

  it('is rejected, edited in turn, and proposed anew', async () => {
    const parent = await drop('{}', { connector: 'demo-wms', connection: 'wms-dc1', topic: 'stock.counted' });
    const child = await resubmit(parent, '{"quantity": 7}');
    const [proposal] = await open(child);
    await act(proposal!.id, 'reject', 'user:bob');
    expect(await message(child)).toMatchObject({ state: 'rejected' });
    const grandchild = await resubmit(child, '{"quantity": 8}');
    expect(await message(grandchild)).toMatchObject({ state: 'held', inReplyTo: child });
    // Editing what still waits takes its proposal back.
    const last = await resubmit(grandchild, '{"quantity": 9}');
    expect(await open(grandchild)).toEqual([]);
    expect((await open(last)).map(({ code }) => code)).toEqual(['RESUBMISSION_PROPOSED']);
  });
});
