import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi, testApi } from '../../test/harness/api-services.ts';
import { putRidgeline } from '../../test/harness/ridgeline-data.ts';
import { getException, type NewException, openExceptions, resolveExceptions } from '../exceptions/index.ts';
import { actOnException } from '../flows/index.ts';
import type { Tx } from '../platform/index.ts';
import { createApiKey, listAudit, type Role } from '../security/index.ts';

let api: TestApi;
let broken: string | undefined;
beforeAll(async () => {
  // One of them fails as only a fault of ours does.
  const act: typeof actOnException = (hub, tx, deed) =>
    deed.exceptionId === broken ? Promise.reject(new TypeError('a fault of ours')) : actOnException(hub, tx, deed);
  api = await testApi({ flows: { actOnException: act } });
  await putRidgeline(api);
});
afterAll(() => api?.stop());

const inAcme = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => api.database.app.tx('acme', fn);
const call = async (method: 'GET' | 'POST', url: string, payload?: object, key = api.adminKey) => {
  const headers = { authorization: `Bearer ${key}`, 'idempotency-key': crypto.randomUUID() };
  const reply = await api.app.inject({ method, url, headers, ...(payload && { payload }) });
  return { status: reply.statusCode, body: reply.json() };
};
const open = async (...list: Partial<NewException>[]) => {
  const whole = list.map((one, n): NewException => {
    const dedupeKey = `q:${crypto.randomUUID()}:${n}`;
    return { code: 'NO_ROUTE', dedupeKey, entityRefs: [], cause: 'nobody takes it', ...one };
  });
  return (await inAcme((tx) => openExceptions(tx, whole, api.clock.now()))).map(({ id }) => id);
};
const keyOf = (role: Role) =>
  inAcme(async (tx) => {
    const made = await createApiKey(tx, api.services.clock, { name: role, roles: [role], createdBy: 'test' });
    return { key: made.key, actor: `key:${made.id}` };
  });
const person = async (email: string, displayName: string, roles: Role[]) => {
  const made = await call('POST', '/v1/users', { email, displayName, password: 'a long enough one', roles });
  return `user:${made.body.id}`;
};
const idsOf = async (query: string, key?: string) =>
  ((await call('GET', `/v1/exceptions?${query}`, undefined, key)).body.data as { id: string }[]).map(({ id }) => id);

describe('the list of exceptions', () => {
  it('goes on page by page in the order asked for, and a cursor of one order is none of another', async () => {
    const [slow, fast] = await open({ code: 'ACK_UNMATCHED' }, { code: 'AUTH_FAILED' });
    const first = await call('GET', '/v1/exceptions?sort=due&limit=1');
    expect(first.body.data[0].id).toBe(fast);
    const after = first.body.nextCursor as string;
    const rest = await idsOf(`sort=due&after=${after}`);
    expect(rest.at(-1)).toBe(slow);
    expect(rest).not.toContain(fast);
    const other = await call('GET', `/v1/exceptions?sort=severity&after=${after}`);
    expect([other.status, other.body.code]).toEqual([400, 'INVALID_CURSOR']);
    const forged = (list: string, position: string) =>
      call(
        'GET',
        `/v1/exceptions?sort=due&after=${Buffer.from(JSON.stringify([list, position])).toString('base64url')}`,
      );
    for (const position of [
      '["yesterday","x"]',
      '["2026-06-01T00:00:00Z"]',
      '[',
      'null',
      `["2026-99-01T00:00:00Z","${slow}"]`,
    ]) {
      expect((await forged('exceptions-due', position)).body.code).toBe('INVALID_CURSOR');
    }
  });

  it('says that what is resolved has no due time to be sorted by', async () => {
    for (const state of ['resolved', 'all']) {
      const reply = await call('GET', `/v1/exceptions?sort=due&state=${state}`);
      expect([reply.status, reply.body.errors[0].pointer]).toEqual([422, '/sort']);
    }
    expect((await call('GET', '/v1/exceptions?state=all')).status).toBe(200);
    expect((await call('GET', '/v1/exceptions?q=%20%20')).status).toBe(422);
  });

  it('finds what is about an order by its number and its purchase order', async () => {
    const order = await call('POST', '/v1/orders', {
      channel: 'portal',
      customer: 'C200',
      customerPo: 'QUEUE-4711',
      lines: [{ sku: 'LED', quantity: { value: '1', uom: 'EA' } }],
    });
    const [about] = await open({ code: 'CREDIT_HOLD', orderId: order.body.id, cause: 'too much' });
    expect(await idsOf('q=QUEUE-47')).toEqual([about]);
    expect(await idsOf(`q=${order.body.orderNo}`)).toEqual([about]);
    expect(await idsOf('q=QUEUE-48')).toEqual([]);
  });

  it('knows me, nobody, and people by the name and address that they have', async () => {
    const actor = await person('ann@acme.example', 'Ann Lee', ['edi']);
    const { key, actor: me } = await keyOf('edi');
    const [mine, anns, nobodys] = await open({}, {}, {});
    const assign = (id: string, assignee?: string) =>
      api.app.inject({
        method: 'POST',
        url: `/v1/exceptions/${id}/actions`,
        headers: { authorization: `Bearer ${key}`, 'if-match': '*' },
        payload: { action: 'assign', reason: 'their turn', input: assignee === undefined ? {} : { assignee } },
      });
    expect((await assign(mine!)).json().exception.assignee).toBe(me);
    expect((await assign(anns!, 'ann lee')).json().exception.assignee).toBe(actor);
    expect(await idsOf('assignee=me', key)).toEqual([mine]);
    for (const name of ['Ann%20Lee', 'ANN@acme.example', actor])
      expect(await idsOf(`assignee=${name}`)).toEqual([anns]);
    const free = await idsOf('assignee=none');
    expect(free).toContain(nobodys);
    expect(free).not.toContain(anns);
    expect((await assign(anns!, 'none')).json().exception).toMatchObject({ state: 'open' });
    expect(await idsOf('assignee=none')).toContain(anns);
    await person('other@acme.example', 'Ann Lee', ['edi']);
    expect((await assign(anns!, 'Ann Lee')).json()).toMatchObject({ errors: [{ code: 'AMBIGUOUS' }] });
    expect((await assign(anns!, 'other@acme.example')).statusCode).toBe(200);
  });

  it('names people who can be asked', async () => {
    const cashier = await person('fin@acme.example', 'Fin', ['finance']);
    const { body } = await call('GET', '/v1/assignees', undefined, (await keyOf('operations')).key);
    expect(body.data).toContainEqual({ actor: cashier, name: 'Fin', roles: ['finance'], active: true });
    expect((await call('GET', '/v1/assignees', undefined, 'nobody-at-all')).status).toBe(401);
  });
});

describe('one decision about many exceptions', () => {
  const seen = (ids: readonly string[], version = 1) => ids.map((id) => ({ id, version }));
  const decide = (body: object, key?: string) =>
    call('POST', '/v1/exceptions/actions', { action: 'note', reason: 'called them', ...body }, key);

  it('tells of each where one fails inside the hub: what is done, what failed, and what was then not tried', async () => {
    const [first, second, third] = await open({}, {}, {});
    broken = second;
    const { status, body } = await decide({ exceptions: seen([first!, second!, third!]) });
    broken = undefined;
    expect([status, body.done]).toEqual([200, 1]);
    expect(body.results).toMatchObject([
      { id: first, outcome: 'done' },
      { id: second, outcome: 'failed', code: 'INTERNAL', problem: { status: 500, code: 'INTERNAL' } },
      { id: third, outcome: 'not_tried' },
    ]);
    expect(body.results[1].problem.instance).toMatch(/^[0-9a-f]{32}$/);
    expect(JSON.stringify(body)).not.toContain('a fault of ours');
    const audited = await inAcme(async (tx) =>
      Promise.all(
        [first!, second!, third!].map(async (id) => (await listAudit(tx, { subjectId: id, limit: 5 })).length),
      ),
    );
    expect(audited).toEqual([1, 0, 0]);
  });

  it('is done to each that permits it, told row by row, and audited one by one', async () => {
    const { key } = await keyOf('edi');
    const [plain, held, gone, changed] = await open({}, { code: 'CREDIT_HOLD' }, {}, {});
    await inAcme((tx) => resolveExceptions(tx, { ids: [gone!], resolution: 'x', by: 'hub' }, api.clock.now()));
    const unknown = '01940000-0000-7000-8000-000000000000';
    const exceptions = [
      ...seen([plain!, held!]),
      ...seen([gone!], 2),
      ...seen([changed!], 7),
      ...seen([unknown, 'no-id-at-all']),
    ];
    const asked = { action: 'resolve', exceptions };
    const preview = await decide({ ...asked, preview: true }, key);
    expect(preview.body).toMatchObject({ preview: true, done: 1 });
    expect((await inAcme((tx) => getException(tx, plain!)))?.state).toBe('open');
    const { body } = await decide(asked, key);
    expect(body).toMatchObject({ preview: false, done: 1 });
    expect(body.results.map((row: any) => [row.id, row.outcome, row.code])).toEqual([
      [plain, 'done', undefined],
      // A hold goes by its own actions; resolving the record alone would leave the order stuck.
      [held, 'refused', 'ACTION_NOT_ALLOWED'],
      [gone, 'refused', 'ACTION_NOT_ALLOWED'],
      [changed, 'refused', 'PRECONDITION_FAILED'],
      [unknown, 'refused', 'NOT_FOUND'],
      ['no-id-at-all', 'refused', 'NOT_FOUND'],
    ]);
    expect(body.results.map((row: any) => [row.id, row.code])).toEqual(
      preview.body.results.map((row: any) => [row.id, row.code]),
    );
    expect(await inAcme((tx) => getException(tx, plain!))).toMatchObject({
      state: 'resolved',
      resolution: 'called them',
    });
    const entries = await inAcme((tx) => listAudit(tx, { subjectId: plain!, limit: 10 }));
    expect(entries).toMatchObject([{ action: 'exception.resolve', reason: 'called them' }]);
    for (const id of [held!, changed!]) {
      expect(await inAcme((tx) => listAudit(tx, { subjectId: id, limit: 10 }))).toEqual([]);
    }
  });

  it('assigns, snoozes and notes; a version is good for one decision', async () => {
    const ids = await open({}, {});
    const assigned = await decide({ action: 'assign', input: { assignee: 'bob' }, exceptions: seen(ids) });
    expect(assigned.body.results).toMatchObject([{ version: 2 }, { version: 2 }]);
    expect((await decide({ exceptions: seen(ids) })).body).toMatchObject({
      done: 0,
      results: [{ code: 'PRECONDITION_FAILED' }, {}],
    });
    const until = new Date(api.clock.now().getTime() + 3_600_000).toISOString();
    expect((await decide({ action: 'snooze', input: { until }, exceptions: seen(ids, 2) })).body.done).toBe(2);
    expect(await idsOf('snoozed=true')).toEqual(ids.toReversed());
    expect((await decide({ exceptions: seen(ids, 3) })).body.done).toBe(2);
    const { body } = await call('GET', `/v1/exceptions/${ids[0]}`);
    expect(body).toMatchObject({ state: 'assigned', assignee: 'bob', version: 4 });
    expect(body.history.map((entry: any) => entry.action)).toEqual([
      'exception.assign',
      'exception.snooze',
      'exception.note',
    ]);
  });

  it('is refused as a whole where the request itself is wrong, or comes from who may not act', async () => {
    const [id] = await open({});
    const wrong = [
      [{ exceptions: [] }, '/exceptions'],
      [{ exceptions: seen(Array.from({ length: 201 }, () => crypto.randomUUID())) }, '/exceptions'],
      [{ exceptions: [...seen([id!]), ...seen([id!])] }, '/exceptions/1/id'],
      [{ exceptions: seen([id!]), action: 'cancel_order' }, '/action'],
      [{ exceptions: seen([id!]), action: 'snooze' }, '/input/until'],
      [{ exceptions: seen([id!]), action: 'snooze', input: { until: '2020-01-01T00:00:00Z' } }, '/input/until'],
      [{ exceptions: seen([id!]), reason: '' }, '/reason'],
    ] as const;
    for (const [body, pointer] of wrong) {
      const reply = await decide(body);
      expect([reply.status, reply.body.errors?.[0]?.pointer]).toEqual([422, pointer]);
    }
    expect((await inAcme((tx) => getException(tx, id!)))?.version).toBe(1);
    expect((await decide({ exceptions: seen([id!]) }, 'nobody-at-all')).status).toBe(401);
  });
});
