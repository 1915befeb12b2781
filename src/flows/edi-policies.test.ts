/** What an agreement decides about numbers: which repetitions are refused, where series begin again, what a gap in them is. */
import { afterEach, describe, expect, it } from 'vitest';
import {
  agree,
  clock,
  db,
  documents,
  drop,
  emptyFolders,
  hub,
  interchange,
  led,
  message,
  order,
  outbox,
  sent,
  tenant,
  useEdiHub,
} from '../../test/harness/edi-hub.ts';
import { listExceptions, resolveExceptions } from '../exceptions/index.ts';
import { seedControlNumber, skipControlNumbers } from '../exchange/index.ts';
import { watchControlNumbers } from './watch-control-numbers.ts';

useEdiHub();
afterEach(() => agree({}));

let next = 0;
const anOrder = (): string[] => order(`PO-N${++next}`, [led(1)]);
/** An order in a group of another interchange's number, and its own ST02. */
const inGroup = (group: number, st02 = '0001'): string =>
  interchange([anOrder()])
    .replace(/(\*)\d+(\*X\*)/, `$1${group}$2`)
    .replace(/GE\*1\*\d+/, `GE*1*${group}`)
    .replace('ST*850*0001', `ST*850*${st02}`)
    .replace(/(SE\*\d+\*)0001/, `$1${st02}`);
const stateOf = async (bytes: string): Promise<string | undefined> => (await documents(await drop(bytes)))[0]?.state;

describe('repetitions', () => {
  it('of a group’s number are nobody’s business, unless the agreement says so', async () => {
    expect(await stateOf(inGroup(7001))).toBe('translated');
    expect(await stateOf(inGroup(7001))).toBe('translated');
    await agree({ duplicates: { group: 'refuse' } });
    expect(await stateOf(inGroup(7001, '0002'))).toBe('duplicate');
    expect(await stateOf(inGroup(7002))).toBe('translated');
    // It was well formed all the same, and its sender is told so.
    expect(await sent('997')).toContain('AK9*A*1*1*1');
  });

  it('of a document’s number in its group are told from its neighbours', async () => {
    await agree({ duplicates: { document: 'refuse' } });
    expect(await stateOf(inGroup(7101))).toBe('translated');
    expect(await stateOf(inGroup(7101, '0002'))).toBe('translated');
    expect(await stateOf(inGroup(7101))).toBe('duplicate');
  });

  it('of an interchange’s number are taken where the agreement takes them', async () => {
    await drop(interchange([anOrder()], { isa13: 7201 }));
    const again = await drop(interchange([anOrder()], { isa13: 7201 }));
    expect(await message(again)).toMatchObject({ state: 'rejected' });
    await agree({ duplicates: { interchange: 'accept' } });
    const taken = await drop(interchange([anOrder()], { isa13: 7201 }));
    expect(await message(taken)).toMatchObject({ state: 'processed' });
  });

  it('that failed do not stand in the way of what is sent again', async () => {
    await agree({ duplicates: { group: 'refuse', document: 'refuse' }, strict: true });
    const broken = inGroup(7301).replace('CTT*1~', 'CTT*9~');
    expect(await stateOf(broken)).toBe('rejected');
    expect(await stateOf(inGroup(7301))).toBe('translated');
  });
});

describe('what nobody has a definition of', () => {
  const unknown = (isa13?: number): string =>
    interchange([anOrder()], isa13 === undefined ? {} : { isa13 }).replaceAll('004010', '003040');

  it('is refused where the agreement says so, and may come again under its numbers', async () => {
    const [taken] = await documents(await drop(unknown()));
    expect(taken).toMatchObject({ verdict: 'unchecked', state: 'unrouted' });
    expect(await sent('997')).toContain('AK5*A');
    await agree({ acknowledge: { unknownTypes: 'reject' } });
    const [refused] = await documents(await drop(unknown(7401)));
    expect(refused).toMatchObject({ state: 'rejected', reason: 'There is no definition of 850 in version 003040' });
    expect((await sent('997')).filter((segment) => /^AK[59]/.test(segment))).toEqual(['AK5*R*1', 'AK9*R*1*1*0']);
    const corrected = await drop(interchange([anOrder()], { isa13: 7401 }));
    expect(await message(corrected)).toMatchObject({ state: 'processed' });
  });
});

const series = (last: number) => ({ kind: 'interchange' as const, scope: 'ZZ:RIDGELINE|ZZ:MERIDIAN|P', last });
const isa13 = async (): Promise<number[]> =>
  (await outbox()).map(({ segments }) => Number(segments[0]?.split('*')[13]));

describe('the numbers that we give', () => {
  const watch = () => db.app.tx(tenant, (tx) => watchControlNumbers(tx, hub));
  const gaps = async (state?: 'open') =>
    (await db.app.tx(tenant, (tx) => listExceptions(tx, { code: 'CONTROL_NUMBER_GAP', state }, { limit: 10 }))).rows;

  it('follow each other; what was passed over is told once', async () => {
    await drop(interchange([anOrder()]));
    await watch();
    expect(await gaps()).toEqual([]);
    const before = Math.max(...(await isa13()));
    await db.app.tx(tenant, (tx) => seedControlNumber(tx, series(before + 1000)));
    await drop(interchange([anOrder()]));
    expect(Math.max(...(await isa13()))).toBe(before + 1002);
    await watch();
    await watch();
    expect(await gaps('open')).toMatchObject([
      {
        occurrences: 1,
        cause: `Numbers ${before + 1} to ${before + 1000} of the interchanges from ZZ:RIDGELINE to ZZ:MERIDIAN were never sent.`,
      },
    ]);
    const ids = (await gaps('open')).map(({ id }) => id);
    await db.app.tx(tenant, (tx) =>
      resolveExceptions(tx, { ids, resolution: 'told the partner', by: 'ann' }, clock.now()),
    );
    await watch();
    expect(await gaps('open')).toEqual([]);
    expect(await gaps()).toHaveLength(1);
  });

  it('that a restore moved on are told as such', async () => {
    await drop(interchange([anOrder()]));
    const before = Math.max(...(await isa13()));
    await db.app.tx(tenant, (tx) => skipControlNumbers(tx, 1000));
    await drop(interchange([anOrder()]));
    expect(Math.max(...(await isa13()))).toBe(before + 1002);
    await watch();
    expect(await gaps('open')).toMatchObject([
      {
        cause: `Numbers ${before + 1} to ${before + 1000} of the interchanges from ZZ:RIDGELINE to ZZ:MERIDIAN were passed over when the database was put back; the partner may have got some of them since the backup.`,
      },
    ]);
  });

  it('begin again where the agreement says', async () => {
    await agree({ controlNumbersUpTo: 9_999 });
    await db.app.tx(tenant, (tx) => seedControlNumber(tx, series(9_997)));
    await drop(interchange([anOrder()]));
    expect(await isa13()).toEqual([9_998, 9_999]);
    await emptyFolders();
    await drop(interchange([anOrder()]));
    expect(await isa13()).toEqual([1, 2]);
  });
});
