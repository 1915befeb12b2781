import { beforeAll, describe, expect, it } from 'vitest';
import {
  agree,
  db,
  drop,
  emptyFolders,
  interchange,
  led,
  order,
  outbox,
  queue,
  tenant,
  useEdiHub,
} from '../../test/harness/edi-hub.ts';
import { replay } from '../../test/harness/replay-edi.ts';
import { read } from '../edi/index.ts';
import { listDocuments } from '../exchange/index.ts';

const folder = 'meridian-folder';
useEdiHub();
beforeAll(() => db.app.tx(tenant, (tx) => queue.destinations.ensure(tx, [{ name: folder }])));

/** Orders come in while nothing may go out, so that their answers are ready at the same time. */
async function answersOf(...pos: string[]): Promise<string[][]> {
  await db.app.tx(tenant, (tx) => queue.destinations.pause(tx, folder, 'gathering'));
  await drop(interchange(pos.map((po) => order(po, [led(1)]))));
  await db.app.tx(tenant, (tx) => queue.destinations.resume(tx, folder));
  await queue.idle();
  return (await outbox()).filter(({ type }) => type !== '997').map(({ segments }) => segments);
}

const elements = (segments: readonly string[], tag: string, at: number): (string | undefined)[] =>
  segments.filter((segment) => segment.startsWith(`${tag}*`)).map((segment) => segment.split('*')[at]);

async function verdicts(segments: readonly string[]) {
  const found: string[] = [];
  const bytes = Buffer.from(segments.join('~'));
  for await (const event of read([bytes])) {
    if (event.kind === 'document') found.push(`${event.document.control} ${event.document.verdict}`);
  }
  return found;
}

const sentDocuments = async () =>
  (await db.app.tx(tenant, (tx) => listDocuments(tx, { limit: 500 })))
    .filter(({ direction, type }) => direction === 'out' && type === '855')
    .map(({ id, messageId, state, ackState, groupControl, control }) => ({
      id,
      messageId,
      state,
      ackState,
      groupControl,
      control,
    }));

describe('documents that are ready at the same time', () => {
  it('go each in an interchange of its own unless the agreement says otherwise', async () => {
    await agree({});
    expect(await answersOf('PO-A1', 'PO-A2')).toHaveLength(2);
  });

  it('share an interchange where it does, each sent once and each waiting for its acknowledgment', async () => {
    await agree({ batch: {} });
    const before = await sentDocuments();
    const files = await answersOf('PO-B1', 'PO-B2', 'PO-B3');
    expect(files).toHaveLength(1);
    const [segments] = files as [string[]];
    expect(elements(segments, 'BAK', 3)).toEqual(['PO-B1', 'PO-B2', 'PO-B3']);
    expect(elements(segments, 'ST', 2)).toEqual(['0001', '0002', '0003']);
    expect(elements(segments, 'GE', 1)).toEqual(['3']);
    expect(elements(segments, 'IEA', 1)).toEqual(['1']);
    expect(await verdicts(segments)).toEqual(['0001 accepted', '0002 accepted', '0003 accepted']);
    const sent = (await sentDocuments()).filter(({ id }) => !before.some((one) => one.id === id));
    expect(sent.map(({ control }) => control).sort()).toEqual(['0001', '0002', '0003']);
    expect(new Set(sent.map(({ messageId }) => messageId)).size).toBe(1);
    expect(new Set(sent.map(({ groupControl }) => groupControl))).toEqual(new Set(elements(segments, 'GS', 6)));
    for (const document of sent) expect(document).toMatchObject({ state: 'sent', ackState: 'awaiting' });
    const { rows } = await db.owner.query(
      `SELECT state, count(*)::int AS n FROM delivery_now WHERE operation = 'order.acknowledge' GROUP BY state`,
    );
    expect(rows).toEqual([{ state: 'delivered', n: 5 }]);
  });

  it('fill an interchange only as far as the agreement allows', async () => {
    await agree({ batch: { maxDocuments: 2 } });
    const files = await answersOf('PO-C1', 'PO-C2', 'PO-C3');
    expect(files.map((segments) => elements(segments, 'BAK', 3))).toEqual([['PO-C1', 'PO-C2'], ['PO-C3']]);
  });

  it('are sent again one by one, under numbers of their own', async () => {
    await agree({ batch: {} });
    const [together] = (await answersOf('PO-D1', 'PO-D2', 'PO-D3')) as [string[]];
    await emptyFolders();
    const { rows } = await db.owner.query<{ id: string }>(
      `SELECT d.id FROM delivery AS d JOIN document AS o ON o.id = (d.payload -> 'entity' ->> 'id')::uuid
       WHERE o.canonical ->> 'customerPo' = 'PO-D2' OR o.canonical -> 'order' ->> 'customerPo' = 'PO-D2'`,
    );
    expect(rows).toHaveLength(1);
    expect(await replay(rows[0]!.id, { mode: 'diff' })).toMatchObject({ differs: false });
    expect(await replay(rows[0]!.id, { controlNumbers: 'new' })).toMatchObject({ state: 'queued' });
    const [alone, ...others] = (await outbox()).map(({ segments }) => segments);
    expect(others).toEqual([]);
    expect(elements(alone!, 'BAK', 3)).toEqual(['PO-D2']);
    expect(elements(alone!, 'GE', 1)).toEqual(['1']);
    expect(Number(elements(alone!, 'ISA', 13)[0])).toBe(Number(elements(together, 'ISA', 13)[0]) + 1);
    expect(await verdicts(alone!)).toEqual(['0001 accepted']);
  });
});
