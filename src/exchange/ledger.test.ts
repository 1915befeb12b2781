import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import { takeControlNumbers } from './control-number.ts';
import { acknowledgeDocuments, markOverdueDocuments } from './acknowledged-documents.ts';
import { changeDocuments, insertDocuments, planDocuments, settleDocuments } from './document.ts';
import { claimIdempotencyKeys, completeIdempotencyKeys, pruneIdempotencyKeys } from './idempotency.ts';
import { changeMessages } from './change-messages.ts';
import { getMessage, type InboundMessage, listMessages, loadMessages, receive, recordOutputs } from './message.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

const json = (value: unknown, extra: Partial<InboundMessage> = {}): InboundMessage => ({
  channel: 'webhook',
  contentType: 'application/json',
  bytes: Buffer.from(JSON.stringify(value)),
  ...extra,
});

describe('message', () => {
  it('keeps the received bytes with their hash, small and large', async () => {
    const small = randomBytes(900);
    const large = randomBytes(2_500_000);
    const [a, b] = await db.app.tx('t', (tx) =>
      receive(tx, [json({}, { bytes: small }), json({}, { bytes: large, contentType: 'application/edi-x12' })]),
    );
    await db.app.tx('t', async (tx) => {
      const loaded = await loadMessages(tx, [a!.id, b!.id]);
      expect(Buffer.from(loaded.get(a!.id)!.bytes).equals(small)).toBe(true);
      expect(Buffer.from(loaded.get(b!.id)!.bytes).equals(large)).toBe(true);
      expect(loaded.get(b!.id)).toMatchObject({
        sha256: createHash('sha256').update(large).digest('hex'),
        byteSize: 2_500_000,
        state: 'received',
        correlationId: b!.id,
      });
    });
  });

  it('answers a repeated arrival with the first message, also within one batch', async () => {
    const first = await db.app.tx('t', (tx) =>
      receive(tx, [json(1, { dedupeKey: 'k1' }), json(1, { dedupeKey: 'k1' })]),
    );
    const again = await db.app.tx('t', (tx) =>
      receive(tx, [json(1, { dedupeKey: 'k1' }), json(2, { dedupeKey: 'k2' })]),
    );
    expect(first[1]).toMatchObject({ id: first[0]!.id, duplicateOf: first[0]!.id });
    expect(again[0]).toMatchObject({ id: first[0]!.id, duplicateOf: first[0]!.id });
    expect(again[1]!.duplicateOf).toBeUndefined();
  });

  it('lets an arrival in after an earlier one with its key was only refused', async () => {
    const [refused] = await db.app.tx('t', (tx) =>
      receive(tx, [json('big', { dedupeKey: 'k3', state: 'refused', reason: 'FILE_TOO_LARGE' })]),
    );
    const [accepted] = await db.app.tx('t', (tx) => receive(tx, [json('fits', { dedupeKey: 'k3' })]));
    const [repeated] = await db.app.tx('t', (tx) => receive(tx, [json('fits', { dedupeKey: 'k3' })]));
    expect(accepted!.duplicateOf).toBeUndefined();
    expect(accepted!.id).not.toBe(refused!.id);
    expect(repeated!.duplicateOf).toBe(accepted!.id);
  });

  it('does not let anybody change the bytes', async () => {
    const [a] = await db.app.tx('t', (tx) => receive(tx, [json({ x: 1 })]));
    for (const change of ["body = ''", "sha256 = ''", 'byte_size = 0']) {
      await expect(
        db.app.tx('t', (tx) => tx.query(`UPDATE message SET ${change} WHERE id = $1`, [a!.id])),
      ).rejects.toThrow(/permission denied/);
    }
    await expect(db.app.tx('t', (tx) => tx.query('DELETE FROM message'))).rejects.toThrow(/permission denied/);
    await expect(db.app.tx('t', (tx) => tx.query("UPDATE message_chunk SET bytes = ''"))).rejects.toThrow(
      /permission denied/,
    );
  });

  it('shows a tenant its own messages only', async () => {
    const [mine] = await db.app.tx('left', (tx) => receive(tx, [json('canary')]));
    expect(await db.app.tx('right', (tx) => getMessage(tx, mine!.id))).toBeUndefined();
    expect(await db.app.tx('right', (tx) => listMessages(tx, {}))).toEqual([]);
    const partition = await db.owner.query(
      "SELECT inhrelid::regclass AS name FROM pg_inherits WHERE inhparent = 'message'::regclass",
    );
    expect(partition.rows).toHaveLength(3);
    for (const { name } of partition.rows) {
      await expect(db.app.query('right', `SELECT * FROM ${name}`)).rejects.toThrow(/permission denied/);
    }
  });

  it('lists by state and correlation, newest first, page by page', async () => {
    const ids = await db.app.tx('pages', async (tx) => {
      const received = await receive(tx, [json(1, { correlationId: 'c' }), json(2, { correlationId: 'c' }), json(3)]);
      await changeMessages(tx, [{ id: received[0]!.id, state: 'held', reason: 'UNKNOWN_PARTNER' }]);
      const [out] = await recordOutputs(tx, [
        {
          channel: 'edi',
          contentType: 'application/edi-x12',
          bytes: Buffer.from('x'),
          correlationId: 'c',
          inReplyTo: received[0]!.id,
        },
      ]);
      return [...received.map((r) => r.id), out!];
    });
    await db.app.tx('pages', async (tx) => {
      const page = async (filter: Parameters<typeof listMessages>[1]) =>
        (await listMessages(tx, filter)).map((m) => ids.indexOf(m.id));
      expect(await page({ correlationId: 'c' })).toEqual([3, 1, 0]);
      expect(await page({ state: 'held' })).toEqual([0]);
      expect(await page({ inReplyTo: ids[0] })).toEqual([3]);
      expect(await page({ before: ids[3], limit: 2 })).toEqual([2, 1]);
    });
  });
});

describe('document', () => {
  const base = {
    ordinal: 1,
    standard: 'x12',
    version: '004010',
    type: '855',
    agreement: 'meridian',
    correlationId: 'c1',
  };

  it('plans what may go out once only once', async () => {
    const plan = () =>
      planDocuments(tx!, [{ ...base, direction: 'out', state: 'planned', dedupeKey: '855:o1', canonical: { n: 1 } }]);
    let tx: Parameters<Parameters<typeof db.app.tx>[1]>[0] | undefined;
    const results = [];
    for (let i = 0; i < 2; i++) {
      results.push(
        await db.app.tx('t', async (current) => {
          tx = current;
          return plan();
        }),
      );
    }
    expect(results[0]![0]!.planned).toBe(true);
    expect(results[1]![0]).toEqual({ id: results[0]![0]!.id, planned: false });
  });

  it('starts the clock of an acknowledgment when it was sent, and matches what comes back', async () => {
    const now = new Date('2026-06-01T13:00:00Z');
    const ack = { agreement: 'meridian', functionalId: 'PR', groupControl: '000000012', control: '0001' } as const;
    await db.app.tx('acks', async (tx) => {
      const [message] = await recordOutputs(tx, [
        { channel: 'edi', contentType: 'application/edi-x12', bytes: Buffer.from('x'), correlationId: 'c' },
      ]);
      const [id] = await insertDocuments(tx, [
        {
          ...base,
          direction: 'out',
          state: 'rendered',
          messageId: message!,
          functionalId: 'PR',
          groupControl: '12',
          control: '0001',
        },
      ]);
      await changeDocuments(tx, [{ id: id!, state: 'rendered', ackWithinMinutes: 60 }]);
      const [sent] = await settleDocuments(tx, now, [{ messageId: message!, state: 'sent' }]);
      expect(sent).toMatchObject({ state: 'sent', ackState: 'awaiting', ackDueAt: '2026-06-01T14:00:00.000Z' });
      expect(await markOverdueDocuments(tx, new Date('2026-06-01T13:59:00Z'))).toEqual([]);
      expect(await markOverdueDocuments(tx, new Date('2026-06-01T14:00:00Z'))).toHaveLength(1);
      expect(await markOverdueDocuments(tx, new Date('2026-06-01T15:00:00Z'))).toEqual([]);
      // Late is still an answer.
      expect(await acknowledgeDocuments(tx, message!, [{ ...ack, ackState: 'accepted' }])).toMatchObject([
        { id, ackState: 'accepted' },
      ]);
      expect(await acknowledgeDocuments(tx, message!, [{ ...ack, ackState: 'rejected' }])).toEqual([]);
      expect(await acknowledgeDocuments(tx, message!, [{ ...ack, groupControl: '13', ackState: 'accepted' }])).toEqual(
        [],
      );
    });
  });
});

describe('control numbers', () => {
  it('follow each other per series, and a rollback gives its number back', async () => {
    const take = (scope: string, count?: number) =>
      db.app.tx('cn', (tx) => takeControlNumbers(tx, 'interchange', scope, count));
    expect(await take('a|b|P')).toBe(1);
    await expect(
      db.app.tx('cn', async (tx) => {
        expect(await takeControlNumbers(tx, 'interchange', 'a|b|P')).toBe(2);
        throw new Error('rolled back');
      }),
    ).rejects.toThrow('rolled back');
    expect(await take('a|b|P', 3)).toBe(2);
    expect(await take('a|b|P')).toBe(5);
    expect(await take('a|b|T')).toBe(1);
  });

  it('never come twice to fifty callers at the same time', async () => {
    const numbers = await Promise.all(
      Array.from({ length: 50 }, () => db.app.tx('cn', (tx) => takeControlNumbers(tx, 'group', 's|r|PR'))),
    );
    expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  });

  it('begin again at 1 after nine digits', async () => {
    await db.app.tx('cn', (tx) => takeControlNumbers(tx, 'interchange', 'wrap', 999_999_999));
    expect(await db.app.tx('cn', (tx) => takeControlNumbers(tx, 'interchange', 'wrap'))).toBe(1);
  });

  it('begin again earlier where the agreement says so, and a run of several does not cross that border', async () => {
    const take = (count: number) =>
      db.app.tx('cn', (tx) => takeControlNumbers(tx, 'interchange', 'early', count, 9_999));
    expect(await take(9_998)).toBe(1);
    expect(await take(2)).toBe(1);
    expect(await take(1)).toBe(3);
  });
});

describe('idempotency keys', () => {
  const claim = (key: string, request: string) =>
    db.app.tx('t', (tx) => claimIdempotencyKeys(tx, [{ scope: 'orders', key, request }]));

  it('replay the answer, refuse another body, and say when the first is still at work', async () => {
    expect(await claim('k', 'body')).toEqual([{ outcome: 'claimed' }]);
    expect(await claim('k', 'body')).toEqual([{ outcome: 'in_flight' }]);
    expect(await claim('k', 'other')).toEqual([{ outcome: 'reused' }]);
    await db.app.tx('t', (tx) =>
      completeIdempotencyKeys(tx, [{ scope: 'orders', key: 'k', status: 201, response: { id: 7 } }]),
    );
    expect(await claim('k', 'body')).toEqual([{ outcome: 'replay', status: 201, response: { id: 7 } }]);
    expect(await claim('k', 'other')).toEqual([{ outcome: 'reused' }]);
  });

  it('take a batch with its answers at once, duplicates inside it included', async () => {
    const results = await db.app.tx('t', (tx) =>
      claimIdempotencyKeys(tx, [
        { scope: 'orders', key: 'b1', request: 'x', status: 201, response: { n: 1 } },
        { scope: 'orders', key: 'b1', request: 'x', status: 201, response: { n: 2 } },
        { scope: 'orders', key: 'b1', request: 'y', status: 201, response: { n: 3 } },
        { scope: 'other', key: 'b1', request: 'x', status: 201, response: { n: 4 } },
      ]),
    );
    expect(results.map((r) => r.outcome)).toEqual(['claimed', 'in_flight', 'reused', 'claimed']);
    expect(await claim('b1', 'x')).toEqual([{ outcome: 'replay', status: 201, response: { n: 1 } }]);
  });

  it('go when they are old', async () => {
    const count = await db.app.tx('t', (tx) => pruneIdempotencyKeys(tx, new Date(Date.now() + 60_000)));
    expect(count).toBeGreaterThan(0);
    expect(await claim('b1', 'y')).toEqual([{ outcome: 'claimed' }]);
  });
});
