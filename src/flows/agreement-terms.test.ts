/** What an agreement says about codes and documents. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  clock,
  drop,
  emptyFolders,
  findOrder,
  interchange,
  led,
  meridian,
  order,
  sent,
  startEdiHub,
  stopEdiHub,
  tenant,
} from '../../test/harness/edi-hub.ts';
import type { TestDatabase } from '../../test/harness/index.ts';
import { putAgreement, putCrossReferences } from '../partners/index.ts';

let db: TestDatabase;
beforeAll(async () => {
  ({ db } = await startEdiHub());
}, 60_000);
afterAll(stopEdiHub);
beforeEach(emptyFolders);
const agree = (change: Partial<typeof meridian>) =>
  db.app.tx(tenant, (tx) => putAgreement(tx, { ...meridian, ...change }));
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
        { map: 'x12-850', rows: [row('partnerRefs.desk', 'desk')] },
        { map: 'x12-855', rows: [row('BAK.requestReference', 'mark')] },
      ],
    });
    // Past midnight in Greenwich, and still the evening before in New York.
    const before = clock.now();
    clock.setWall('2026-06-02T01:30:00Z');
    await drop(interchange([order('PO-76', [led(1)])]));
    clock.setWall(before.toISOString());
    expect(await findOrder('PO-76')).toMatchObject({ partnerRefs: { desk: 'today' } });
    expect((await sent('855')).find((segment) => segment.startsWith('BAK'))).toContain('*TODAY*');
  });
});
