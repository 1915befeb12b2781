import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import { dc1 } from '../../test/harness/ridgeline-data.ts';
import { putLocations } from '../inventory/index.ts';
import { checkWarehouses } from './doctor-warehouses.ts';
import { type Agreement, putAgreement } from '../partners/index.ts';
import type { Tx } from '../platform/index.ts';
import { ensureTenant } from '../security/index.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
  await db.app.tx('acme', (tx) => ensureTenant(tx, { id: 'acme', name: 'Acme', demo: false }));
});
afterAll(() => db?.drop());

const reno: Agreement = {
  id: 'reno',
  partner: 'W200',
  standard: 'x12',
  us: { qualifier: 'ZZ', id: 'RIDGELINE' },
  them: { qualifier: 'ZZ', id: 'RENO3PL' },
  version: '004010',
  usage: 'production',
  connection: 'reno-folder',
};
const within = <T>(fn: (tx: Tx) => Promise<T>) => db.app.tx('acme', fn);

it('the doctor says what keeps releases from a warehouse by EDI, step by step', async () => {
  const look = () => checkWarehouses(db.engine);
  expect(await look()).toMatchObject({ state: 'ok', detail: 'no location names an agreement' });

  const { fulfilledBy: _, ...site } = dc1;
  await within((tx) => putLocations(tx, [{ ...site, agreement: 'reno' }], { now: new Date() }));
  expect(await look()).toMatchObject({
    state: 'warning',
    detail: expect.stringMatching(/agreement reno, which does not exist/),
  });

  await within((tx) => putAgreement(tx, { ...reno, status: 'inactive' }));
  expect(await look()).toMatchObject({ state: 'warning', detail: expect.stringMatching(/is inactive/) });

  await within((tx) => putAgreement(tx, reno));
  expect(await look()).toMatchObject({
    state: 'warning',
    detail: expect.stringMatching(/sends no 940/),
    fix: expect.stringMatching(/Add 940 to outbound/),
  });

  await within((tx) => putAgreement(tx, { ...reno, outbound: ['940'] }));
  expect(await look()).toMatchObject({ state: 'warning', detail: expect.stringMatching(/names no EDI connection/) });

  await within((tx) =>
    tx.query(`INSERT INTO connection (tenant_id, id, type, role) VALUES ('acme', 'reno-folder', 'edi-folder', 'edi')`),
  );
  expect(await look()).toMatchObject({ state: 'ok', detail: '1, whose agreements let releases out' });
});
