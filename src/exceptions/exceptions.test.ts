import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import { isHubError, type Tx, uuidv7 } from '../platform/index.ts';
import {
  assignException,
  closeObligations,
  countOpenByOrder,
  exceptionActions,
  exceptionCatalog,
  type ExceptionFilter,
  type ExceptionPage,
  getException,
  isPosition,
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
      allowedActions: ['release_hold', 'recheck', 'cancel_order', 'assign', 'snooze', 'note'],
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
    const visible = await tx((t) => listExceptions(t, { state: 'open', snoozed: false }, { limit: 50, now }));
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
    const page = (after?: readonly string[]) =>
      tx((t) => listExceptions(t, { state: 'open', code: 'NO_ROUTE' }, { limit: 2, after }));
    const first = await page();
    const second = await page(first.next);
    expect([...first.rows, ...second.rows].map((row) => row.dedupeKey).sort()).toEqual(['p1', 'p2', 'p3']);
    expect(second.next).toBeUndefined();
    expect((await tx((t) => listExceptions(t, {}, { limit: 10 }), 'other')).rows).toEqual([]);
  });
});

describe('the queue', () => {
  const inQueue = <T>(fn: (tx: Tx) => Promise<T>) => tx(fn, 'queue');
  const later = (minutes: number) => new Date(now.getTime() + minutes * 60_000);
  const orderId = uuidv7();
  const list = async (filter: ExceptionFilter, page: Partial<ExceptionPage> = {}) =>
    (await inQueue((t) => listExceptions(t, { state: 'open', ...filter }, { limit: 50, now: later(200), ...page })))
      .rows;
  const keys = async (...of: Parameters<typeof list>) => (await list(...of)).map((row) => row.dedupeKey);

  // Due after 240, 30 and 1440 minutes; the second of two days is due later for all that it is worse.
  beforeAll(() =>
    inQueue(async (t) => {
      await openExceptions(t, [problem('credit', { orderId, cause: 'Meridian is over by $40' })], now);
      await openExceptions(t, [problem('auth', { code: 'AUTH_FAILED', cause: 'the ERP said 401' })], now);
      const label = '850 0001, 100% of DOCK_7';
      await openExceptions(
        t,
        [problem('stray', { code: 'ACK_UNMATCHED', entityRefs: [{ kind: 'document', id: 'D-9', label }] })],
        now,
      );
      await openExceptions(t, [problem('auth2', { code: 'AUTH_FAILED', dedupeKey: 'auth2' })], later(100));
      const [gone] = await openExceptions(t, [problem('gone', { cause: 'Meridian once more' })], now);
      await resolveExceptions(t, { ids: [gone!.id], resolution: 'paid', by: 'ann' }, now);
    }),
  );

  it('is sorted by due time, by severity and then due, or by opening; without what is resolved', async () => {
    expect(await keys({}, { sort: 'due' })).toEqual(['auth', 'auth2', 'credit', 'stray']);
    expect(await keys({}, { sort: 'severity' })).toEqual(['auth', 'auth2', 'credit', 'stray']);
    expect(await keys({}, { sort: 'newest' })).toEqual(['auth2', 'stray', 'auth', 'credit']);
    const { state: _, ...all } = { state: 'open' };
    expect(await keys({ ...all, code: 'CREDIT_HOLD' }, { sort: 'due' })).toEqual(['credit']);
  });

  it.each(['newest', 'due', 'severity'] as const)('goes on where the page before ended, by %s', async (sort) => {
    const read: string[] = [];
    let after: readonly string[] | undefined;
    do {
      const page = await inQueue((t) =>
        listExceptions(t, { state: 'open' }, { limit: 1, sort, ...(after && { after }) }),
      );
      read.push(...page.rows.map((row) => row.dedupeKey));
      after = page.next;
      if (after !== undefined) expect(isPosition(sort, after)).toBe(true);
    } while (after !== undefined);
    expect(read).toEqual(await keys({}, { sort }));
  });

  it('shows what is overdue, whose it is, and what is snoozed, alone or not at all', async () => {
    expect(await keys({ overdue: true }, { sort: 'due' })).toEqual(['auth', 'auth2']);
    expect(await keys({ overdue: false }, { sort: 'due' })).toEqual(['credit', 'stray']);
    const [credit] = await list({ code: 'CREDIT_HOLD' });
    await inQueue((t) => assignException(t, { id: credit!.id, assignee: 'user:ann' }, now));
    expect(await keys({ assignees: ['user:bob', 'user:ann'] })).toEqual(['credit']);
    expect(await keys({ assignees: null }, { sort: 'due' })).toEqual(['auth', 'auth2', 'stray']);
    await inQueue((t) => snoozeException(t, { id: credit!.id, until: later(300) }, now));
    expect(await keys({ snoozed: true })).toEqual(['credit']);
    expect(await keys({ snoozed: false }, { sort: 'due' })).toEqual(['auth', 'auth2', 'stray']);
    expect(await keys({ snoozed: true }, { now: later(301) })).toEqual([]);
  });

  it('finds words in titles, causes and labels, as they are written, and the orders named', async () => {
    const found = (words: string, orderIds?: string[]) => keys({ text: { words, ...(orderIds && { orderIds }) } });
    expect(await found('CREDENTIALS were')).toEqual(['auth2', 'auth']);
    expect(await found('meridian')).toEqual(['credit']);
    expect(await found('0% of dock_')).toEqual(['stray']);
    expect(await found('d-9')).toEqual(['stray']);
    expect(await found('%')).toEqual(['stray']);
    expect(await found('PO-nobody-has')).toEqual([]);
    expect(await found('PO-nobody-has', [orderId])).toEqual(['credit']);
    const resolved = await list({ state: 'resolved', text: { words: 'Meridian' } });
    expect(resolved.map((row) => row.dedupeKey)).toEqual(['gone']);
  });

  it('passes a bounded number of rows for a page of a search, and goes on behind them', async () => {
    await tx((t) => openExceptions(t, [problem('needle', { cause: 'a needle' })], now), 'hay');
    await tx(
      (t) =>
        t.query(
          `INSERT INTO exception (id, version, code, class, severity, owner_role, dedupe_key, state, entity_refs, cause, data,
             occurrences, sla_due, opened_at, updated_at)
           SELECT ('ffffffff-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 1, 'NO_ROUTE', 'technical', 'low', 'edi',
             'hay:' || n, 'open', '[]', 'hay', '{}', 1, $1, $1, $1 FROM generate_series(1, 20000) AS n`,
          [now],
        ),
      'hay',
    );
    const search = (after?: readonly string[]) =>
      tx((t) => listExceptions(t, { text: { words: 'needle' } }, { limit: 10, ...(after && { after }) }), 'hay');
    const first = await search();
    expect(first.rows).toEqual([]);
    const second = await search(first.next);
    expect(second).toMatchObject({ rows: [{ dedupeKey: 'needle' }] });
    expect(second.next).toBeUndefined();
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
    label: '855 0001 of interchange 42',
    data: { documentId: 'd1' },
  };
  const overdueAt = new Date('2026-06-01T14:00:01Z');
  const chase = (at: Date) => tx((t) => markOverdueObligations(t, at, 10));

  it('that is met in time bothers nobody', async () => {
    await tx((t) => openObligations(t, [owed, owed], now));
    expect((await chase(now)).overdue).toEqual([]);
    expect(await tx((t) => closeObligations(t, [owed], now))).toEqual([]);
    expect(await tx((t) => listObligations(t, { state: 'met', partner: 'C100' }, 5))).toHaveLength(1);
    expect((await chase(overdueAt)).overdue).toEqual([]);
  });

  it('that is overdue becomes an exception, which is to be resolved when it happens after all', async () => {
    await tx((t) => openObligations(t, [owed], now));
    const { overdue, exceptions } = await chase(overdueAt);
    expect(overdue).toMatchObject([{ state: 'overdue', subject: owed.subject }]);
    expect(await chase(overdueAt)).toEqual({ overdue: [], exceptions: [] });
    await tx((t) => openExceptions(t, exceptions, overdueAt));
    const late = await tx((t) => listExceptions(t, { state: 'open', code: 'ACK_OVERDUE' }, { limit: 5 }));
    expect(late.rows).toMatchObject([
      {
        blamedSystem: 'partner',
        cause:
          'C100 has not acknowledged 855 0001 of interchange 42. It was sent 2026-06-01 13:00 UTC and the acknowledgment was due 2026-06-01 14:00 UTC, 60 minutes later.',
        entityRefs: [{ kind: 'document', id: 'd1', label: '855 0001 of interchange 42' }],
        allowedActions: expect.arrayContaining(['resend_document', 'accept_as_acknowledged']),
      },
    ]);
    expect(await tx((t) => listObligations(t, { state: 'overdue', partner: 'C100' }, 5))).toHaveLength(1);
    const dedupeKeys = await tx((t) => closeObligations(t, [owed], overdueAt));
    expect(dedupeKeys).toEqual(exceptions.map(({ dedupeKey }) => dedupeKey));
  });
});
