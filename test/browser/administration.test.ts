import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BrowserHub, chromiumPath, confirmWithReason, findAxeViolations, startBrowserHub } from './harness.ts';
import { type Delivery, type Listed, type Order, postOrder, walkedOrder } from './hub-data.ts';

let hub: BrowserHub;

const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name });
const password = 'a first password of some length';

/** A person made by the API, and a page where they have signed in by typing. */
async function signInAs(name: string, roles: string[]): Promise<Page> {
  const email = `${name.toLowerCase()}@ridgeline.example`;
  await hub.api('POST', '/v1/users', { email, displayName: name, password, roles });
  return signInByPassword(email);
}

async function signInByPassword(email: string): Promise<Page> {
  const page = await hub.page({ signedIn: false });
  await page.goto(hub.url);
  await page.getByRole('button', { name: 'Sign in with e-mail and password' }).click();
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').first().fill(password);
  await page.keyboard.press('Enter');
  await heading(page, 'Control tower').waitFor();
  return page;
}

const statusWith = async (key: string): Promise<number> =>
  (await fetch(`${hub.url}/v1/me`, { headers: { authorization: `Bearer ${key}` } })).status;

describe.skipIf(chromiumPath === undefined)('setting the hub up and looking after it', () => {
  beforeAll(async () => {
    hub = await startBrowserHub();
  }, 300_000);
  afterAll(async () => {
    await hub?.stop();
  }, 60_000);

  it('opens the queue at the own desk, and decides about many at once without overwriting anybody', async () => {
    for (const n of [1, 2, 3]) {
      const lines = [{ sku: `NO-SUCH-${n}`, quantity: { value: '1', uom: 'EA' } }];
      const order = { channel: 'portal', customer: 'C200', customerPo: `BROWSER-QUEUE-${n}`, lines };
      await expect(hub.api('POST', '/v1/orders', order)).rejects.toThrow('UNKNOWN_ITEM');
    }
    const page = await signInAs('Quinn', ['customer_service']);
    await page.getByRole('link', { name: /^Exceptions \d+ open/ }).click();
    await page.waitForURL(/ownerRole=customer_service/);
    await page.getByText('Mine', { exact: true }).click();
    await page.getByText('Nothing is assigned to you').waitFor();
    await page.goBack();
    await page.waitForURL(/ownerRole=customer_service$/);
    await page.getByLabel('Words, order or PO').fill('browser-queue');
    await page.waitForURL(/q=browser-queue/);
    // The address alone says what is shown.
    await page.reload();
    const rows = page.locator('tbody tr[data-key]');
    await hub.until('the three are shown', async () => (await rows.count()) === 3);
    await page.getByRole('checkbox', { name: 'Select all rows' }).check();
    await page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Resolve…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('3 of 3 will take it').waitFor();
    expect(await findAxeViolations(page)).toEqual([]);
    const [key] = await rows.evaluateAll((all) =>
      all.map((row) => (row as unknown as { dataset: { key: string } }).dataset.key),
    );
    const note = { action: 'note', reason: 'the buyer is on the phone' };
    await hub.api('POST', `/v1/exceptions/${key}/actions`, note, { 'if-match': '*' });
    await dialog.getByLabel('Reason').fill('Sent again by the buyer');
    await dialog.getByRole('button', { name: 'Resolve 3', exact: true }).click();
    await dialog.getByText('Resolve: done to 2 of 3').waitFor();
    await dialog.getByText('changed since you saw it; nobody is overwritten').waitFor();
    expect(await findAxeViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Back to the queue' }).click();
    const left = await hub.api<{ state: string; history: { action: string }[] }>('GET', `/v1/exceptions/${key}`);
    expect([left.state, left.history.map(({ action }) => action)]).toEqual(['open', ['exception.note']]);
    // What was done is chosen no longer, and what was not still is.
    await page.getByRole('region', { name: 'Selection' }).getByText('1 selected').waitFor();
  });

  it('keeps filters of the queue under a name, for oneself', async () => {
    const page = await signInAs('Vera', ['finance']);
    await page.goto(`${hub.url}/exceptions?ownerRole=all&overdue=yes`);
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('button', { name: 'Save these filters…' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Late');
    await page.keyboard.press('Enter');
    await page.goto(`${hub.url}/exceptions?ownerRole=finance`);
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('button', { name: 'Delete Late' }).waitFor();
    expect(await findAxeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Late', exact: true }).click();
    await page.waitForURL(/overdue=yes/);
  });

  it('voids a shipment after a look at what would happen, with a reason', async () => {
    const { order, shipment } = await hub.until(
      'a shipment has left and not arrived',
      async () => {
        const { data } = await hub.api<Listed<Order>>('GET', '/v1/orders?milestone=shipped&limit=50');
        for (const found of data) {
          const url = `/v1/orders/${found.id}/shipments`;
          const own = await hub.api<Listed<{ shipmentNo: string; trackerStatus: string }>>('GET', url);
          const open = own.data.find(({ trackerStatus }) => ['label', 'in_transit'].includes(trackerStatus));
          if (open !== undefined) return { order: found, shipment: open };
        }
        return undefined;
      },
      120_000,
    );
    const page = await hub.page({ width: 390 });
    await page.goto(`${hub.url}/orders/${order.id}?tab=documents`);
    await page.getByRole('button', { name: `Void ${shipment.shipmentNo}` }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(`allocated to order ${order.orderNo}`).waitFor();
    expect(await findAxeViolations(page)).toEqual([]);
    await dialog.getByLabel('Reason').fill('Left on the dock');
    await dialog.getByRole('button', { name: 'Void the shipment' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText(/voided .*: it never left/).waitFor();
    await page.getByRole('tab', { name: 'Timeline' }).click();
    await page.getByText(`Shipment ${shipment.shipmentNo} voided: it never left`).waitFor();
    await page.getByText('Left on the dock').waitFor();
  });

  it('holds what is left of an order by hand, and lets it go again', async () => {
    const price = { value: '1.00', currency: 'USD', perQty: '1', uom: 'EA' };
    const doubtful = { sku: 'LED', quantity: { value: '1', uom: 'EA' }, price };
    const order = await postOrder(hub, { lines: [{ sku: 'BLT', quantity: { value: '1', uom: 'BX' } }, doubtful] });
    await hub.until('its first line is released', async () => {
      const { lines } = await hub.api<{ lines: { q: { released: string } }[] }>('GET', `/v1/orders/${order.id}`);
      return lines[0]!.q.released !== '0';
    });
    const page = await signInAs('Hanna', ['customer_service']);
    await page.goto(`${hub.url}/orders/${order.id}`);
    await page.getByRole('button', { name: 'Hold', exact: true }).click();
    await page.getByRole('dialog').getByText('1 of 2 lines has been released to DC1 and goes on').waitFor();
    expect(await findAxeViolations(page)).toEqual([]);
    await confirmWithReason(page, 'Hold it', 'The buyer rings back');
    const timeline = page.getByRole('list', { name: 'Timeline, oldest first' });
    await timeline.getByText('The buyer rings back, by Hanna').first().waitFor();
    await page.getByRole('button', { name: 'Release hold' }).click();
    await page
      .getByRole('dialog')
      .getByText(/no longer held by hand/)
      .waitFor();
    await confirmWithReason(page, 'Release the hold', 'Agreed');
    await page.getByRole('button', { name: 'Hold', exact: true }).waitFor();
  });

  it('adds a person, who signs in and sees what their roles allow, until switched off', async () => {
    const page = await hub.page();
    await page.goto(`${hub.url}/access`);
    await page.getByRole('button', { name: 'Add a person' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Mia Torres');
    await dialog.getByLabel('E-mail').fill('mia@ridgeline.example');
    const add = dialog.getByRole('button', { name: 'Add', exact: true });
    await dialog.getByLabel('First password').fill('too short');
    await dialog.getByRole('checkbox', { name: /^Customer service/ }).check();
    expect(await add.isDisabled()).toBe(true);
    await dialog.getByLabel('First password').fill(password);
    expect(await findAxeViolations(page)).toEqual([]);
    await add.click();
    await dialog.waitFor({ state: 'detached' });
    const row = page.getByRole('table', { name: 'People' }).getByRole('row').filter({ hasText: 'Mia Torres' });
    await row.getByText('Customer service').waitFor();

    const mia = await signInByPassword('mia@ridgeline.example');
    const pages = mia.getByRole('navigation', { name: 'Pages' });
    await pages.getByRole('link', { name: 'Orders' }).waitFor();
    expect(await pages.getByRole('link', { name: 'People and keys' }).count()).toBe(0);
    expect(await pages.getByRole('link', { name: 'Audit' }).count()).toBe(0);

    await row.getByRole('button', { name: 'Edit Mia Torres' }).click();
    await dialog.getByRole('switch', { name: 'May sign in' }).click({ force: true });
    await dialog.getByRole('button', { name: 'Save and end their sessions' }).click();
    await row.getByText('Switched off').waitFor();
    await mia.reload();
    await mia.getByLabel('Access key').first().waitFor();
  });

  it('makes a key that is shown once, rotates it with a time of overlap, and revokes it', async () => {
    const page = await hub.page();
    await page.goto(`${hub.url}/access?tab=keys`);
    await page.getByRole('button', { name: 'Create a key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('webshop');
    await dialog.getByRole('checkbox', { name: /^Integration/ }).check();
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    const shown = dialog.getByLabel('API key');
    await shown.waitFor();
    const first = (await shown.textContent())!;
    expect(await statusWith(first)).toBe(200);
    await dialog.getByRole('button', { name: 'I have it' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await page.content()).not.toContain(first);

    await page.getByRole('button', { name: 'Rotate webshop' }).click();
    await dialog.getByRole('button', { name: 'Make the new key' }).click();
    await shown.waitFor();
    const second = (await shown.textContent())!;
    await dialog.getByRole('button', { name: 'I have it' }).click();
    expect(second).not.toBe(first);
    expect([await statusWith(first), await statusWith(second)]).toEqual([200, 200]);
    const keys = page.getByRole('table', { name: 'API keys' });
    await keys.getByText(/^Ends in \d+ h$/).waitFor();

    await keys.getByRole('row').filter({ hasText: 'Works' }).getByRole('button', { name: 'Revoke webshop' }).click();
    await dialog.getByRole('button', { name: 'Revoke', exact: true }).click();
    await keys.getByText('Revoked').waitFor();
    expect(await statusWith(second)).toBe(401);
  });

  it('rotates a webhook secret, and the other system’s reports go on arriving under the former one', async () => {
    const page = await hub.page();
    await page.goto(`${hub.url}/connections`);
    const carrier = page.getByRole('region', { name: 'Parcel carrier' });
    await carrier.getByRole('button', { name: 'Rotate webhook secret' }).click();
    await giveReasonAndRead(page);
    await carrier.getByText('Former webhook secret, still accepted').waitFor();
    // The lab's carrier knows only the former secret.
    const refused = async () =>
      (await hub.api<Listed<unknown>>('GET', '/v1/exceptions?code=SIGNATURE_INVALID&limit=1')).data.length;
    expect(await refused()).toBe(0);
    await walkedOrder(hub);
    expect(await refused()).toBe(0);
  });

  async function giveReasonAndRead(page: Page): Promise<void> {
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('Somebody has left');
    await dialog.getByRole('button', { name: 'Make the new secret' }).click();
    expect(await dialog.getByLabel('Webhook secret').textContent()).toMatch(/^whsec_/);
    await dialog.getByRole('button', { name: 'I have it' }).click();
    await dialog.waitFor({ state: 'detached' });
  }

  it('takes a CSV file, and says for each row what became of it', async () => {
    const page = await hub.page();
    await page.goto(`${hub.url}/orders`);
    await page.getByRole('link', { name: 'Import a CSV file' }).click();
    await heading(page, 'Import orders').waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download the template' }).click();
    expect((await download).suggestedFilename()).toBe('crossdock-orders.csv');
    const file = (text: string) => ({ name: 'orders.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    const upload = page.getByLabel(/Choose a CSV file/);
    await upload.setInputFiles(
      file('customer,customer_po,sku,quantity,uom\nC200,UI-1,BLT,1,BX\nC200,UI-2,BLT,1,BX\nC200,UI-2,NO-SUCH,1,EA\n'),
    );
    await page.getByText('C200,UI-1,BLT,1,BX').waitFor();
    await page.getByRole('button', { name: 'Import 3 rows' }).click();
    await page.getByText('1 created').waitFor();
    await page.getByText('1 refused').waitFor();
    const rows = page.getByRole('table', { name: 'Rows of the file' });
    await rows.getByText('No item has the sku NO-SUCH').waitFor();
    expect(await rows.getByRole('row').count()).toBe(3);
    await page.getByText('All rows', { exact: true }).click();
    expect(await findAxeViolations(page)).toEqual([]);
    await rows.getByRole('link', { name: /^SO/ }).click();
    await page.getByText('PO UI-1').waitFor();

    await page.goto(`${hub.url}/orders/import`);
    await upload.setInputFiles(file('something,else\n1,2\n'));
    await page.getByRole('button', { name: 'Import 1 rows' }).click();
    await page.getByRole('alert').getByText('IMPORT_INVALID').waitFor();
  });

  it('asks a second person before a replay that makes a second effect, and lets the first one stop it', async () => {
    const { data } = await hub.api<Listed<Delivery>>('GET', '/v1/deliveries?state=delivered&destination=erp&limit=1');
    const plan = await hub.api<{ id: string }>('POST', '/v1/replays', {
      selection: { states: ['delivered'], deliveryIds: [data[0]!.id] },
      mode: 'current',
      controlNumbers: 'new',
      dedupe: 'new',
      reason: 'They lost it',
    });
    const planner = await hub.page();
    await planner.goto(`${hub.url}/replays`);
    await planner.getByRole('table', { name: 'Replays' }).getByText('waits for a second person').waitFor();
    await planner.getByRole('link', { name: 'They lost it' }).click();
    await planner.getByText(/You planned it, so somebody else has to/).waitFor();
    expect(await planner.getByRole('button', { name: /^(Approve|Start)$/ }).count()).toBe(0);
    const second = await signInAs('Sam', ['operations']);
    await second.goto(`${hub.url}/replays/${plan.id}`);
    await second.getByRole('button', { name: 'Approve' }).click();
    await confirmWithReason(second, 'Approve', 'Talked to them');
    await second.getByRole('button', { name: 'Start', exact: true }).waitFor();
    await planner.reload();
    await planner.getByRole('button', { name: 'Drop the plan' }).click();
    await confirmWithReason(planner, 'Stop', 'They found it');
    await planner.getByText('Cancelled', { exact: true }).first().waitFor();
    expect(await findAxeViolations(planner)).toEqual([]);
  });

  it('shows who did what and why, and that nobody has tampered with it', async () => {
    await hub.api('POST', '/v1/connections/storefront/webhook-secret', { reason: 'Quarterly rotation' });
    const page = await hub.page();
    await page.goto(`${hub.url}/audit`);
    await page.getByText('The chain is unbroken').waitFor();
    const { entries } = await hub.api<{ entries: number }>('GET', '/v1/audit/verification');
    expect(entries).toBeGreaterThan(10);
    const table = page.getByRole('table', { name: /^Audit entries/ });
    await page.getByLabel('Action', { exact: true }).fill('webhook-secret.rotate');
    await table.getByText('Quarterly rotation').waitFor();
    await hub.until('only rotations are listed', async () => (await table.getByText('session.open').count()) === 0);
    await page.goto(`${hub.url}/audit?action=session.open`);
    await table.getByText('Administrator’s key').first().waitFor();
  });

  it('says on every page that the hub was restored, for as long as it is so', async () => {
    const page = await hub.page();
    // The demo's database cannot be put back while the demo runs: what the hub would say is said for it.
    await page.route('**/v1/reconciliation', (route) =>
      route.fulfill({
        json: {
          active: true,
          reason: 'restored from a backup',
          begunAt: '2026-06-01T13:00:00Z',
          backupTakenAt: '2026-06-01T12:00:00Z',
          paused: ['erp', 'wms-dc1'],
          doubted: 3,
        },
      }),
    );
    await page.goto(hub.url);
    const banner = page.getByText(/2 connections are paused and the outcome of 3 deliveries is in doubt/);
    await banner.waitFor();
    await page.getByRole('link', { name: 'Compare and resume' }).click();
    await heading(page, 'Reconciliation').waitFor();
    await page.getByRole('button', { name: 'Look everything up' }).click();
    await page.getByRole('heading', { name: /^Looked up: \d+$/ }).waitFor();
    await page.getByRole('button', { name: 'End reconcile mode' }).click();
    await page.getByRole('checkbox', { name: 'Resume what was paused: erp, wms-dc1' }).waitFor();
    expect(await findAxeViolations(page)).toEqual([]);
    await page.unroute('**/v1/reconciliation');
    await page.goto(hub.url);
    await heading(page, 'Control tower').waitFor();
    expect(await banner.count()).toBe(0);
  });

  it('edits every setting of a destination, says what is wrong at its field, and overwrites nobody', async () => {
    const page = await hub.page();
    await page.goto(`${hub.url}/destinations`);
    await page.getByRole('button', { name: 'Edit storefront' }).click();
    const dialog = page.getByRole('dialog', { name: 'Settings of storefront' });
    await dialog.getByRole('button', { name: 'Add a window' }).click();
    await dialog.getByLabel('Begins (cron)').fill('61 2 * * 0');
    await dialog.getByText('Invalid value for minute').waitFor();
    expect(await findAxeViolations(page)).toEqual([]);
    await dialog.getByLabel('Reason').fill('Sundays are quiet');
    // Saving leads back to what is wrong, from whatever tab.
    await dialog.getByRole('tab', { name: 'Limits' }).click();
    await dialog.getByLabel('Calls at once').fill('7');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.locator(':focus').fill('30 2 * * 0');
    await dialog.getByText(/^Next: Sun, .* 02:30 · Sun, .* 02:30 · Sun, .* 02:30/).waitFor();
    await dialog.getByRole('tab', { name: 'Retries' }).click();
    await dialog.getByRole('button', { name: 'Other schedule for a reason' }).click();
    await page.getByRole('menuitem', { name: 'Too many requests' }).click();
    await dialog.getByRole('group', { name: 'Too many requests' }).getByLabel('Tries in all').fill('40');

    const stored = () => hub.api<Record<string, any>>('GET', '/v1/destinations/storefront');
    const before = await stored();
    const change = { drain: { rampSeconds: 33 }, concurrency: 5, reason: 'somebody else' };
    await hub.api('PATCH', '/v1/destinations/storefront', change, { 'if-match': `"${before.version}"` });
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('Somebody has saved other settings meanwhile').waitFor();
    await dialog.getByText(/Calls at once: 16 → 5 \(you: 7\)/).waitFor();
    expect((await stored()).concurrency).toBe(5);
    await dialog.getByRole('button', { name: 'Keep mine on top of these' }).click();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    const after = await stored();
    expect(after.windows).toMatchObject([{ cron: '30 2 * * 0', durationMinutes: 60 }]);
    expect(after.retryByReason.throttled).toMatchObject({ maxAttempts: 40 });
    expect([after.concurrency, after.drain.rampSeconds]).toEqual([7, 33]);
    expect(after.breaker).toEqual(before.breaker);
    const { data } = await hub.api<{ data: Record<string, any>[] }>('GET', '/v1/audit?subjectId=storefront&limit=20');
    expect(data.find((entry) => entry.reason === 'Sundays are quiet')?.action).toBe('destination.configure');
    await hub.api(
      'PATCH',
      '/v1/destinations/storefront',
      { windows: [], retryByReason: {}, concurrency: 16, reason: 'as it was' },
      { 'if-match': `"${after.version}"` },
    );
    await page.close();
  });

  it('made no page complain', () => {
    expect(hub.complaints).toEqual([]);
  });
});
