import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi, testApi } from '../../test/harness/api-services.ts';
import { insertDocuments, receive } from '../exchange/index.ts';
import { openExceptions } from '../exceptions/index.ts';
import { actOnException } from '../flows/index.ts';
import { createApiKey, listAudit, type Role } from '../security/index.ts';
import { uuidv7 } from '../platform/index.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(() => api?.stop());

const keyFor = async (role: Role): Promise<string> => {
  const { db, clock } = api.services;
  return (await db.tx('acme', (tx) => createApiKey(tx, clock, { name: role, roles: [role], createdBy: 'admin-key' })))
    .key;
};

async function call(method: 'GET' | 'POST' | 'PUT', url: string, key: string, payload?: object, more = {}) {
  const headers = { authorization: `Bearer ${key}`, 'idempotency-key': uuidv7(), ...more };
  const reply = await api.app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
  return { status: reply.statusCode, body: reply.json(), etag: reply.headers.etag };
}

/** Dead letters as the lanes leave them: nobody works the lanes of this API. */
async function deadLetters(count: number): Promise<string[]> {
  const { db, queue } = api.services;
  const ids = await db.tx('acme', (tx) =>
    queue.enqueue(
      tx,
      Array.from({ length: count }, () => ({
        destination: 'erp',
        key: uuidv7(),
        operation: 'order.create',
        payload: { kind: 'command' as const },
        correlationId: 'c',
      })),
    ),
  );
  await api.database.owner.query(
    `WITH dead AS (UPDATE delivery SET state = 'dead', parked = true, error_code = 'BAD' WHERE id = ANY ($1) RETURNING *)
     INSERT INTO delivery_parked (lane_id, position, tenant_id, key, delivery_id, state, created_at)
     SELECT lane_id, position, tenant_id, key, id, 'dead', created_at FROM dead`,
    [ids],
  );
  return ids;
}

const body = (deliveryIds: string[]) => ({ selection: { deliveryIds }, mode: 'original', reason: 'the ERP is back' });

describe('a delivery tried again by hand', () => {
  const told = async (deliveryId: string) => {
    const { db, events } = api.services;
    const all = await db.tx('acme', (tx) => events.list(tx, { entityId: deliveryId }));
    return all.map(({ type, reason, data }) => ({ type, reason, ...data }));
  };

  it('is announced once it is, with who did it and why; what was refused is not', async () => {
    const [id = ''] = await deadLetters(1);
    const operator = await keyFor('operations');
    const url = `/v1/deliveries/${id}/replay`;
    expect((await call('POST', url, operator, { reason: 'the ERP is back' })).status).toBe(200);
    expect(await told(id)).toMatchObject([
      {
        type: 'ops.delivery.replayed',
        reason: 'the ERP is back',
        deliveryId: id,
        destination: 'erp',
        operation: 'order.create',
        stateBefore: 'dead',
        by: expect.stringMatching(/^key:/),
      },
    ]);
    expect((await call('POST', url, operator, { reason: 'again' })).status).not.toBe(200);
    expect(await told(id)).toHaveLength(1);
  });

  it('is announced as well where an exception about it is retried; discarding it is not trying it again', async () => {
    const [retried = '', dropped = ''] = await deadLetters(2);
    const { db, clock, hub } = api.services;
    const about = (deliveryId: string) => ({ code: 'DELIVERY_DEAD', deliveryId, entityRefs: [], cause: 'x' }) as const;
    await db.tx('acme', async (tx) => {
      const rows = [retried, dropped].map((id) => ({ ...about(id), dedupeKey: id }));
      const [first, second] = await openExceptions(tx, rows, clock.now());
      const deed = { reason: 'try', input: {}, actor: 'ann' };
      await actOnException(hub('acme'), tx, { ...deed, exceptionId: first!.id, action: 'retry_delivery' });
      await actOnException(hub('acme'), tx, { ...deed, exceptionId: second!.id, action: 'discard_delivery' });
    });
    expect(await told(retried)).toMatchObject([{ type: 'ops.delivery.replayed', stateBefore: 'dead', by: 'ann' }]);
    expect(await told(dropped)).toEqual([]);
  });
});

describe('/v1/replays', () => {
  it('plans, asks for a second person above the limit, runs and cancels', async () => {
    const operator = await keyFor('operations');
    const integrator = await keyFor('integration');
    const settings = await call('GET', '/v1/replay-settings', operator);
    expect([settings.body, settings.etag]).toEqual([{ approvalAbove: 100, ratePerMinute: 600 }, '"0"']);
    const lower = { approvalAbove: 2, ratePerMinute: 60 };
    expect((await call('PUT', '/v1/replay-settings', operator, lower)).status).toBe(403);
    expect((await call('PUT', '/v1/replay-settings', integrator, lower, { 'if-match': '"1"' })).status).toBe(412);
    const changed = await call('PUT', '/v1/replay-settings', integrator, lower, { 'if-match': '"0"' });
    expect([changed.status, changed.etag]).toEqual([200, '"1"']);
    expect((await call('PUT', '/v1/replay-settings', integrator, lower)).status).toBe(428);

    const planned = await call('POST', '/v1/replays', operator, body(await deadLetters(3)));
    expect(planned.status).toBe(201);
    expect(planned.body).toMatchObject({
      state: 'planned',
      approvalReasons: ['count'],
      controlNumbers: 'keep',
      dedupe: 'keep',
      ratePerMinute: 60,
      preview: { total: 3, eligible: 3 },
      progress: { pending: 3 },
    });
    const { id } = planned.body;
    const reason = { reason: 'looked at it' };
    expect((await call('POST', `/v1/replays/${id}/run`, operator, {})).body.code).toBe('CONFLICT');
    expect((await call('POST', `/v1/replays/${id}/approve`, operator, reason)).body.code).toBe('FORBIDDEN');
    expect((await call('POST', `/v1/replays/${id}/approve`, await keyFor('edi'), reason)).status).toBe(403);
    expect((await call('POST', `/v1/replays/${id}/approve`, integrator, reason)).body.approvedBy).toMatch(/^key:/);
    expect((await call('POST', `/v1/replays/${id}/run`, operator, {})).body.state).toBe('running');
    expect((await call('POST', `/v1/replays/${id}/cancel`, integrator, reason)).body.state).toBe('cancelled');

    const page = await call('GET', `/v1/replays/${id}?limit=2`, operator);
    expect(page.body.items.data).toHaveLength(2);
    const rest = await call('GET', `/v1/replays/${id}?limit=2&after=${page.body.items.nextCursor}`, operator);
    expect(rest.body.items.data.map((item: { deliveryState: string }) => item.deliveryState)).toEqual(['dead']);
    const list = await call('GET', '/v1/replays?state=cancelled', operator);
    expect(list.body.data.map((plan: { id: string }) => plan.id)).toEqual([id]);
    const trail = await api.services.db.tx('acme', (tx) => listAudit(tx, { subjectId: id, limit: 10 }));
    expect(trail.map((entry) => entry.action)).toEqual([
      'replay.cancel',
      'replay.run',
      'replay.approve',
      'replay.plan',
    ]);
  });

  it('says what does not fit', async () => {
    const operator = await keyFor('operations');
    const ids = await deadLetters(1);
    const none = await call('POST', '/v1/replays', operator, body([uuidv7()]));
    expect([none.status, none.body.code]).toEqual([422, 'VALIDATION_FAILED']);
    const mixed = await call('POST', '/v1/replays', operator, { ...body(ids), dedupe: 'new' });
    expect(mixed.body.errors[0].pointer).toBe('/dedupe');
    expect((await call('GET', `/v1/replays/${uuidv7()}`, operator)).status).toBe(404);
    expect((await call('GET', '/v1/replays/x', operator)).status).toBe(404);
  });
});

describe('what touches stock', () => {
  const reason = { reason: 'the shop is back' };

  async function inState(state: string, more: object): Promise<string> {
    const { db, queue } = api.services;
    const one = { destination: 'shop', key: uuidv7(), operation: 'x', payload: { kind: 'command' as const } };
    const [id] = await db.tx('acme', (tx) => queue.enqueue(tx, [{ ...one, correlationId: 'c', ...more }]));
    await api.database.owner.query(
      `WITH parked AS (UPDATE delivery SET state = $2, parked = true WHERE id = $1 RETURNING *)
       INSERT INTO delivery_parked (lane_id, position, tenant_id, key, delivery_id, state, created_at)
       SELECT lane_id, position, tenant_id, key, id, $2, created_at FROM parked`,
      [id, state],
    );
    return id!;
  }

  /** An inbound message, with the documents that it was split into, and the delivery that translates it. */
  async function inbound(types: readonly string[], bytes = 'x'): Promise<string> {
    const messageId = await api.services.db.tx('acme', async (tx) => {
      const [made] = await receive(tx, [{ channel: 'edi-http', contentType: 'text/plain', bytes: Buffer.from(bytes) }]);
      await insertDocuments(
        tx,
        types.map((type, ordinal) => ({
          messageId: made!.id,
          direction: 'in',
          ordinal,
          standard: 'x',
          version: 'x',
          type,
          state: 'translated',
          correlationId: 'c',
        })),
      );
      return made!.id;
    });
    return inState('dead', { operation: 'message.translate', payload: { kind: 'message', messageId } });
  }

  it('is not sent again by one person, one delivery at a time', async () => {
    const operator = api.adminKey;
    const payload = { kind: 'command', entity: { kind: 'availability', id: 'SKU@WEB' } };
    const deeds = [
      ['dead', 'replay', reason],
      ['held', 'release', reason],
      ['outcome_unknown', 'resolve', { ...reason, resolution: 'resend' }],
    ] as const;
    for (const [state, deed, asked] of deeds) {
      const id = await inState(state, { operation: 'availability.publish', payload });
      const refused = await call('POST', `/v1/deliveries/${id}/${deed}`, operator, asked);
      expect(refused.body).toMatchObject({ code: 'ACTION_NOT_ALLOWED' });
      expect(refused.body.detail).toContain('POST /v1/replays');
      const { rows } = await api.database.owner.query('SELECT state FROM delivery WHERE id = $1', [id]);
      expect(rows).toEqual([{ state }]);
      if (state === 'outcome_unknown') {
        const arrived = await call('POST', `/v1/deliveries/${id}/${deed}`, operator, {
          ...reason,
          resolution: 'confirmed',
        });
        expect(arrived.status).toBe(200);
      }
    }
  });

  it.each([
    [['846'], 'x'],
    [['850', '852'], 'x'],
    [['INVRPT'], 'x'],
    [['RECADV'], 'x'],
    [['SLSRPT'], 'x'],
    [[], 'ISA*00*~GS*IB*A*B~ST*846*0001~'],
    [[], "UNB+UNOA:1+A+B'UNH+1+INVRPT:D:96A:UN'"],
  ])('is known by the documents of a message (%j, %s)', async (types, bytes) => {
    const operator = await keyFor('operations');
    const id = await inbound(types, bytes);
    expect((await call('POST', `/v1/deliveries/${id}/replay`, operator, reason)).body.code).toBe('ACTION_NOT_ALLOWED');
    expect((await call('POST', '/v1/replays', operator, body([id]))).body.approvalReasons).toEqual(['stock']);
  });

  it.each([
    [['850'], 'x'],
    [[], 'ISA*00*~GS*PO*A*B~ST*850*0001~PO1*1*846~'],
  ])('is not what an order is (%j, %s)', async (types, bytes) => {
    const operator = await keyFor('operations');
    const id = await inbound(types, bytes);
    expect((await call('POST', '/v1/replays', operator, body([id]))).body.approvalReasons).toEqual([]);
    expect((await call('POST', `/v1/deliveries/${id}/replay`, operator, reason)).status).toBe(200);
  });
});

describe('POST /v1/messages/{id}/resubmit', () => {
  it('takes an edited copy in as a child and shows the family', async () => {
    const { db, clock } = api.services;
    const editor = await keyFor('edi');
    const [parent] = await db.tx('acme', async (tx) => {
      const made = await receive(tx, [
        { channel: 'edi-http', contentType: 'text/plain', bytes: Buffer.from('ISA*bad') },
      ]);
      await tx.query(`UPDATE message SET state = 'rejected' WHERE id = $1`, [made[0]!.id]);
      await openExceptions(
        tx,
        [
          {
            code: 'EDI_UNREADABLE',
            dedupeKey: 'x',
            entityRefs: [],
            messageId: made[0]!.id,
            correlationId: made[0]!.correlationId,
            cause: 'no interchange',
          },
        ],
        clock.now(),
      );
      return made;
    });
    const url = `/v1/messages/${parent!.id}`;
    const reason = 'the separator was wrong';
    expect((await call('POST', `${url}/resubmit`, editor, { reason })).status).toBe(422);
    expect((await call('POST', `${url}/resubmit`, await keyFor('finance'), { text: 'ISA', reason })).status).toBe(403);
    const made = await call('POST', `${url}/resubmit`, editor, { text: 'ISA*good', reason });
    expect(made).toMatchObject({ status: 202, body: { parentId: parent!.id } });
    const seen = await call('GET', url, editor);
    expect(seen.body).toMatchObject({ state: 'superseded', raw: { text: 'ISA*bad' }, outputs: [] });
    expect(seen.body.children).toMatchObject([{ id: made.body.messageId, inReplyTo: parent!.id }]);
    const child = await call('GET', `/v1/messages/${made.body.messageId}`, editor);
    expect(child.body).toMatchObject({ raw: { text: 'ISA*good' }, inReplyTo: parent!.id, state: 'received' });
    expect((await call('POST', `${url}/resubmit`, editor, { text: 'ISA', reason })).body.code).toBe('CONFLICT');
    const trail = await db.tx('acme', (tx) => listAudit(tx, { subjectId: parent!.id, limit: 10 }));
    expect(trail).toMatchObject([{ action: 'message.resubmit', reason }]);
  });

  it('lets a second person decide about a copy that is about stock, with both in the audit', async () => {
    const { db } = api.services;
    const [parent] = await db.tx('acme', async (tx) => {
      const made = await receive(tx, [
        { channel: 'edi-http', contentType: 'text/plain', bytes: Buffer.from('ISA*00*~GS*IB*A*B~ST*846*0001~') },
      ]);
      await tx.query(`UPDATE message SET state = 'rejected' WHERE id = $1`, [made[0]!.id]);
      return made;
    });
    const edit = { text: 'ISA*00*~GS*IB*A*B~ST*846*0002~', reason: 'a digit was lost' };
    const made = await call('POST', `/v1/messages/${parent!.id}/resubmit`, await keyFor('admin'), edit);
    expect(made).toMatchObject({ status: 202, body: { parentId: parent!.id, exceptionId: expect.any(String) } });
    const { messageId, exceptionId } = made.body;
    const editor = await keyFor('edi');
    const child = await call('GET', `/v1/messages/${messageId}`, editor);
    expect(child.body).toMatchObject({ state: 'held', exceptions: [{ id: exceptionId }] });
    const trail = await db.tx('acme', (tx) => listAudit(tx, { subjectId: parent!.id, limit: 10 }));
    expect(trail).toMatchObject([
      { action: 'message.resubmit', detail: { child: messageId, proposedIn: exceptionId } },
    ]);
  });
});
