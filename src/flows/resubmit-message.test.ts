import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  documents,
  drop,
  emptyFolders,
  findOrder,
  interchange,
  led,
  message,
  order,
  problems,
  startEdiHub,
  stopEdiHub,
  tenant,
  types,
} from '../../test/harness/edi-hub.ts';
import type { TestDatabase } from '../../test/harness/index.ts';
import { listMessages, loadMessages } from '../exchange/index.ts';
import type { Queue } from '../queue/index.ts';
import type { Hub } from './flow.ts';
import { resubmitMessage } from './resubmit-message.ts';
import { resumeMessages } from './resume-messages.ts';

let db: TestDatabase;
let queue: Queue;
let hub: Hub;
beforeAll(async () => {
  ({ db, queue, hub } = await startEdiHub());
}, 60_000);
afterAll(stopEdiHub);
beforeEach(emptyFolders);

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
