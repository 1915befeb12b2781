import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import { isHubError, type Tx, uuidv7 } from '../platform/index.ts';
import {
  assignException,
  closeObligations,
  countOpenByOrder,
  exceptionActions,
  exceptionCatalog,
  getException,
  listExceptions,
  listObligations,
  markOverdueObligations,
  type NewException,
  openExceptions,
  openObligations,
  resolveExceptions,
  snoozeException,
} from './index.ts';

let db: TestDatabase;
const now = new Date('2026-06-01T13:00:00Z');
const tx = <T>(fn: (tx: Tx) => Promise<T>, tenant = 'exceptions'): Promise<T> => db.app.tx(tenant, fn);
const problem = (dedupeKey: string, change: Partial<NewException> = {}): NewException => ({
  code: 'CREDIT_HOLD',
  dedupeKey,
  entityRefs: [{ kind: 'order', id: 'o1' }],
  cause: 'too much',
  ...change,
});
const open = (...list: NewException[]) => tx((t) => openExceptions(t, list, now));
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

describe('an exception', () => {
  it('has a class, an owner, a due time and what can be done, from its code', async () => {
    const orderId = uuidv7();
    const [opened] = await open(problem('a', { orderId, moneyAtRiskMinor: 110_000, currency: 'USD' }));
    expect(await tx((t) => getException(t, opened!.id))).toMatchObject({
      code: 'CREDIT_HOLD',
      class: 'business',
      ownerRole: 'finance',
      severity: 'high',
      state: 'open',
      moneyAtRiskMinor: 110_000,
      slaDue: new Date('2026-06-01T17:00:00Z'),
      allowedActions: ['release_hold', 'recheck', 'cancel_order', 'assign', 'snooze'],
    });
    expect(await tx((t) => countOpenByOrder(t, [orderId]))).toEqual(new Map([[orderId, 1]]));
  });

  it('is one as long as its cause is open, and a new one afterwards', async () => {
    const [first] = await open(problem('b'));
    const again = await open(problem('b', { cause: 'even more' }), problem('b', { cause: 'even more' }));
    expect(again).toEqual([
      { id: first!.id, opened: false },
      { id: first!.id, opened: false },
    ]);
    expect(await tx((t) => getException(t, first!.id))).toMatchObject({ occurrences: 2, cause: 'even more' });
    const resolved = await tx((t) =>
      resolveExceptions(t, { dedupeKeys: ['b', 'never'], resolution: 'paid', by: 'hub' }, now),
    );
    expect(resolved).toMatchObject([{ id: first!.id, state: 'resolved', resolution: 'paid', allowedActions: [] }]);
    const [later] = await open(problem('b'));
    expect(later).toMatchObject({ opened: true });
    expect(later!.id).not.toBe(first!.id);
  });

  it('is opened once by many at the same moment', async () => {
    const results = await Promise.all(Array.from({ length: 10 }, () => open(problem('c'), problem('d'))));
    expect(new Set(results.flat().map((each) => each.id)).size).toBe(2);
    expect(results.flat().filter((each) => each.opened)).toHaveLength(2);
  });

  it('is assigned and snoozed by version, and no longer once resolved', async () => {
    const [opened] = await open(problem('e'));
    const id = opened!.id;
    const assigned = await tx((t) => assignException(t, { id, assignee: 'ann', expectedVersion: 1 }, now));
    expect(assigned).toMatchObject({ state: 'assigned', assignee: 'ann', version: 2 });
    await expect(tx((t) => assignException(t, { id, assignee: 'bob', expectedVersion: 1 }, now))).rejects.toSatisfy(
      (error) => isHubError(error, 'PRECONDITION_FAILED'),
    );
    await tx((t) => snoozeException(t, { id, until: new Date('2026-06-02T00:00:00Z') }, now));
    const visible = await tx((t) => listExceptions(t, { state: 'open', includeSnoozed: false }, { limit: 50, now }));
    expect(visible.rows.some((row) => row.id === id)).toBe(false);
    await tx((t) => resolveExceptions(t, { ids: [id], resolution: 'done', by: 'ann' }, now));
    await expect(tx((t) => assignException(t, { id, assignee: 'bob' }, now))).rejects.toSatisfy((error) =>
      isHubError(error, 'CONFLICT'),
    );
    await expect(tx((t) => assignException(t, { id: uuidv7(), assignee: 'bob' }, now))).rejects.toSatisfy((error) =>
      isHubError(error, 'NOT_FOUND'),
    );
  });

  it('is listed by what it is, page by page, for its tenant alone', async () => {
    await open(
      problem('p1', { code: 'NO_ROUTE' }),
      problem('p2', { code: 'NO_ROUTE' }),
      problem('p3', { code: 'NO_ROUTE' }),
    );
    const page = (after?: string) =>
      tx((t) => listExceptions(t, { state: 'open', code: 'NO_ROUTE' }, { limit: 2, after }));
    const first = await page();
    const second = await page(first.next);
    expect([...first.rows, ...second.rows].map((row) => row.dedupeKey).sort()).toEqual(['p1', 'p2', 'p3']);
    expect(second.next).toBeUndefined();
    expect((await tx((t) => listExceptions(t, {}, { limit: 10 }), 'other')).rows).toEqual([]);
  });
});

it('has for every code actions that are defined', () => {
  for (const [code, { allowedActions, slaMinutes }] of Object.entries(exceptionCatalog)) {
    expect([code, allowedActions.filter((action) => !(action in exceptionActions))]).toEqual([code, []]);
    expect(slaMinutes).toBeGreaterThan(0);
  }
});

describe('an obligation', () => {
  const owed = {
    kind: '997' as const,
    subject: 'MERIDIAN:000000042',
    dueAt: new Date('2026-06-01T14:00:00Z'),
    partner: 'C100',
  };
  const overdueAt = new Date('2026-06-01T14:00:01Z');

  it('that is met in time bothers nobody', async () => {
    await tx((t) => openObligations(t, [owed, owed], now));
    expect(await tx((t) => markOverdueObligations(t, now, 10))).toEqual([]);
    expect(await tx((t) => closeObligations(t, [owed], now))).toMatchObject([{ state: 'met' }]);
    expect(await tx((t) => markOverdueObligations(t, overdueAt, 10))).toEqual([]);
  });

  it('that is overdue becomes an exception, which goes when it happens after all', async () => {
    await tx((t) => openObligations(t, [owed], now));
    expect(await tx((t) => markOverdueObligations(t, overdueAt, 10))).toMatchObject([
      { state: 'overdue', subject: owed.subject },
    ]);
    expect(await tx((t) => markOverdueObligations(t, overdueAt, 10))).toEqual([]);
    const late = await tx((t) => listExceptions(t, { state: 'open', code: 'OBLIGATION_OVERDUE' }, { limit: 5 }));
    expect(late.rows).toMatchObject([
      {
        blamedSystem: 'partner',
        cause: 'Functional acknowledgment from the partner C100 was due 2026-06-01 14:00 UTC: MERIDIAN:000000042.',
        entityRefs: [{ kind: 'document', label: 'MERIDIAN:000000042' }],
      },
    ]);
    expect(await tx((t) => listObligations(t, { state: 'overdue', partner: 'C100' }, 5))).toHaveLength(1);
    await tx((t) => closeObligations(t, [owed], overdueAt));
    expect(
      (await tx((t) => listExceptions(t, { state: 'open', code: 'OBLIGATION_OVERDUE' }, { limit: 5 }))).rows,
    ).toEqual([]);
  });
});
