/** What an agreement says about codes and documents. */
import { afterEach, describe, expect, it } from 'vitest';
import {
  agree,
  clock,
  db,
  documents,
  drop,
  findOrder,
  interchange,
  led,
  order,
  sent,
  tenant,
  useEdiHub,
} from '../../test/harness/edi-hub.ts';
import type { Issue } from '../edi/index.ts';
import { type NarrowingRow, putCrossReferences } from '../partners/index.ts';

useEdiHub();
afterEach(() => agree({}));

describe('overlays', () => {
  it('look codes up by the company’s day, in what comes and in what goes', async () => {
    const on = { validFrom: '2026-06-01', validTo: '2026-06-01' };
    const after = { validFrom: '2026-06-02' };
    await db.app.tx(tenant, (tx) =>
      putCrossReferences(
        tx,
        [
          { external: 'desk:038', canonical: 'today', ...on },
          { external: 'desk:038', canonical: 'tomorrow', ...after },
          { external: 'mark:038', canonical: 'TODAY', ...on },
          { external: 'mark:038', canonical: 'TOMORROW', ...after },
        ].map((each) => ({ scope: 'C100', type: 'value' as const, ...each })),
      ),
    );
    const row = (target: string, crossReference: string) => ({ target, constant: '038', crossReference });
    await agree({
      overlays: [
        { map: 'x12-850', rows: [row('partnerRefs.DP', 'desk')] },
        { map: 'x12-855', rows: [row('BAK.requestReference', 'mark')] },
      ],
    });
    // Past midnight in Greenwich, and still the evening before in New York.
    const before = clock.now();
    clock.setWall('2026-06-02T01:30:00Z');
    await drop(interchange([order('PO-76', [led(1)])]));
    clock.setWall(before.toISOString());
    expect(await findOrder('PO-76')).toMatchObject({ partnerRefs: { DP: 'today' } });
    expect((await sent('855')).find((segment) => segment.startsWith('BAK'))).toContain('*TODAY*');
  });
});

describe('narrowings', () => {
  const narrow = (...rows: NarrowingRow[]) => agree({ narrowings: [{ type: '850', version: '004010', rows }] });
  const segments = async () => (await sent('997')).filter((segment) => /^AK[345]/.test(segment));

  it('refuse what the standard takes and the partner’s guide does not, and say where', async () => {
    const po = order('PO-77', [led(1)]);
    await narrow({ path: 'REF', max: 2 });
    expect((await documents(await drop(interchange([po]))))[0]).toMatchObject({ verdict: 'accepted' });
    expect(await segments()).toEqual(['AK5*A']);
    await narrow({ path: 'CUR', use: 'required' }, { path: 'lines/PO1.03', codes: ['CS'] });
    const [refused] = await documents(await drop(interchange([order('PO-78', [led(1)])])));
    expect(refused).toMatchObject({ verdict: 'rejected', state: 'rejected', partner: 'C100' });
    expect((refused!.issues as Issue[]).map(({ code, segmentId }) => `${segmentId} ${code}`)).toEqual([
      'CUR SEGMENT_MISSING',
      'PO1 ELEMENT_BAD_CODE',
    ]);
    expect(await segments()).toEqual(['AK3*CUR*3**3', 'AK3*PO1*5**8', 'AK4*3*355*7*EA', 'AK5*R*5']);
    expect(await findOrder('PO-78')).toBeUndefined();
  });

  it('of single values are told and tolerated, unless the agreement is strict', async () => {
    const rows: NarrowingRow[] = [{ path: 'lines/PO1.03', codes: ['CS'] }];
    await narrow(...rows);
    const tolerated = await drop(interchange([order('PO-79', [led(1)])]));
    expect((await documents(tolerated))[0]).toMatchObject({ verdict: 'accepted_with_errors', state: 'translated' });
    expect(await segments()).toContain('AK5*E*5');
    await agree({ strict: true, narrowings: [{ type: '850', version: '004010', rows }] });
    const refused = await drop(interchange([order('PO-80', [led(1)])]));
    expect((await documents(refused))[0]).toMatchObject({ verdict: 'rejected' });
  });

  it('are refused where they widen, fit nothing or could never be asked', async () => {
    const put = agree({
      narrowings: [
        {
          type: '850',
          version: '004010',
          rows: [
            { path: 'REF', use: 'required' },
            { path: 'lines/NOPE' },
            { path: 'CUR', max: 2 },
            { path: 'BEG', codes: ['00'] },
            { path: 'BEG.03', minLength: 9, maxLength: 4 },
          ],
        },
        { type: '850', version: '004010', rows: [] },
        { type: '850', version: '009999', rows: [] },
        { type: '855', version: '004010', rows: [] },
      ],
    });
    await expect(put).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [
        { pointer: '/narrowings/0/rows/1', message: 'lines/NOPE: there is no "NOPE" here' },
        { pointer: '/narrowings/0/rows/2', message: 'CUR: a guide cannot raise a maximum' },
        { pointer: '/narrowings/0/rows/3' },
        { pointer: '/narrowings/0/rows/4' },
        { pointer: '/narrowings/1', code: 'REPEATED' },
        { pointer: '/narrowings/2/version', code: 'NO_DEFINITION' },
        { pointer: '/narrowings/3/type', code: 'NOT_INBOUND' },
      ],
    });
  });
});
