import { describe, expect, it } from 'vitest';
import {
  agree,
  db,
  drop,
  emptyFolders,
  interchange,
  led,
  order,
  outbox,
  tenant,
  useEdiHub,
} from '../../test/harness/edi-hub.ts';
import { replay } from '../../test/harness/replay-edi.ts';
import { listControlNumbers } from '../exchange/index.ts';

useEdiHub();

async function sentOrderAcknowledgment(po: string): Promise<{ id: string; segments: string[] }> {
  await drop(interchange([order(po, [led(1)])]));
  const { rows } = await db.owner.query<{ id: string }>(
    "SELECT id FROM delivery WHERE operation = 'order.acknowledge' ORDER BY position DESC LIMIT 1",
  );
  const file = (await outbox()).find(({ type }) => type === '855');
  await emptyFolders();
  return { id: rows[0]!.id, segments: file!.segments };
}

const numbersOf = (segments: readonly string[]) => ({
  isa: segments[0]!.split('*')[13],
  iea: segments.find((segment) => segment.startsWith('IEA'))!.split('*')[2],
  gs: segments.find((segment) => segment.startsWith('GS'))!.split('*')[6],
  ge: segments.find((segment) => segment.startsWith('GE'))!.split('*')[2],
});
const contentOf = (segments: readonly string[]) => segments.filter((segment) => !/^(ISA|GS|GE|IEA)/.test(segment));
const counters = () => db.app.tx(tenant, (tx) => listControlNumbers(tx));

describe('a replay of an 855', () => {
  it('keeps its bytes and its numbers in mode original', async () => {
    const sent = await sentOrderAcknowledgment('PO-R1');
    const before = await counters();
    const item = await replay(sent.id, {});
    expect(item.state).toBe('queued');
    expect((await outbox()).map(({ segments }) => segments)).toEqual([sent.segments]);
    expect(await counters()).toEqual(before);
  });

  it('carries the same content under the next numbers when they are to be new', async () => {
    const sent = await sentOrderAcknowledgment('PO-R2');
    const item = await replay(sent.id, { controlNumbers: 'new' });
    expect(item).toMatchObject({ state: 'queued' });
    const [again] = await outbox();
    const [before, after] = [numbersOf(sent.segments), numbersOf(again!.segments)];
    expect(Number(after.isa)).toBe(Number(before.isa) + 1);
    expect(after.iea).toBe(after.isa);
    expect(Number(after.gs)).toBe(Number(before.gs) + 1);
    expect(after.ge).toBe(after.gs);
    expect(contentOf(again!.segments)).toEqual(contentOf(sent.segments));
  });

  it('is made by today’s terms in mode current, under the old numbers or the next ones', async () => {
    const sent = await sentOrderAcknowledgment('PO-R3');
    await agree({ lineCodes: { accepted: 'AC' } } as never);
    const before = await counters();
    const compared = await replay(sent.id, { mode: 'diff' });
    expect(compared).toMatchObject({ state: 'compared', differs: true });
    expect(compared.difference!.lines.filter(({ sign }) => sign !== ' ')).toEqual([
      { sign: '-', text: 'ACK*IA*1*EA' },
      { sign: '+', text: 'ACK*AC*1*EA' },
    ]);
    expect(await outbox()).toEqual([]);
    expect(await counters()).toEqual(before);

    await replay(sent.id, { mode: 'current', controlNumbers: 'keep' });
    const [kept] = await outbox();
    expect(numbersOf(kept!.segments)).toEqual(numbersOf(sent.segments));
    expect(kept!.segments).toContain('ACK*AC*1*EA');
    expect(await counters()).toEqual(before);

    await emptyFolders();
    await replay(sent.id, { mode: 'current', controlNumbers: 'new' });
    const [anew] = await outbox();
    expect(Number(numbersOf(anew!.segments).isa)).toBe(Number(numbersOf(sent.segments).isa) + 1);
    expect(anew!.segments).toContain('ACK*AC*1*EA');
  });
});
