/** Messages that are too much for the hub: too many documents, too many problems, or bytes that end whoever reads them. */
import { describe, expect, it } from 'vitest';
import {
  db,
  documents,
  drop,
  findOrder,
  hub,
  hubProcess,
  interchange,
  led,
  message,
  order,
  problems,
  queue,
  tenant,
  types,
  useEdiHub,
} from '../../test/harness/edi-hub.ts';
import { countTries, receive } from '../exchange/index.ts';
import { uuidv7 } from '../platform/index.ts';
import { countTriesOf, TRIES_MAX } from './count-tries.ts';
import { flowDestination } from './flow.ts';
import { resumeMessages } from './resume-messages.ts';

useEdiHub();

/** Sets of nothing but ST and SE, as many as wanted. */
const empties = (count: number): string => interchange(Array.from({ length: count }, () => []));

describe('a message with more documents than are taken in at once', () => {
  it('waits whole, says why, answers nothing and lets others have their turn meanwhile', async () => {
    let turns = 0;
    const counting = setInterval(() => turns++, 5);
    const id = await drop(empties(60_000));
    clearInterval(counting);
    expect(turns).toBeGreaterThan(3);
    expect(await message(id)).toMatchObject({
      state: 'held',
      reason: 'The message holds more than 10,000 documents; nothing of it was taken in and nothing answered',
    });
    expect(await problems(id)).toMatchObject([{ code: 'EDI_TOO_LARGE', ownerRole: 'edi' }]);
    expect(await documents(id)).toEqual([]);
    expect(await types()).toEqual([]);
  });

  it('is taken in once the setting allows it', async () => {
    const { ediDocumentsMax } = hub.config;
    const config = hub.config as { ediDocumentsMax: number };
    config.ediDocumentsMax = 1;
    const id = await drop(interchange([order('PO-L1', [led(1)]), order('PO-L2', [led(1)])]));
    expect(await problems(id)).toMatchObject([{ code: 'EDI_TOO_LARGE' }]);
    config.ediDocumentsMax = ediDocumentsMax;
    await db.app.tx(tenant, (tx) => resumeMessages(tx, hub, [id]));
    await queue.idle();
    expect(await message(id)).toMatchObject({ state: 'processed' });
    expect(await problems(id)).toEqual([]);
    expect(await findOrder('PO-L2')).toBeDefined();
  });

  it('is counted by its groups and interchanges too', async () => {
    const groups = interchange([[]]).replace(
      /GS\*.*GE\*1\*\d+~/,
      'GS*PO*A*B*20260601*0900*1*X*004010~GE*0*1~'.repeat(10_001),
    );
    expect((await message(await drop(groups))).reason).toContain('more than 10,000 functional groups');
    const interchanges = Array.from({ length: 1_001 }, () => interchange([[]])).join('\n');
    expect((await message(await drop(interchanges))).reason).toContain('more than 1,000 interchanges');
  });
});

describe('many problems of one kind in one message', () => {
  it('are one exception with their count', async () => {
    const id = await drop(empties(300));
    expect(await problems(id)).toMatchObject([
      {
        code: 'EDI_REJECTED',
        cause: expect.stringMatching(/^300 documents of the message share this; the first: 850 0001 from C100: /),
        data: { documentCount: 300 },
      },
    ]);
    expect(await types()).toEqual(['997']);
  });
});

describe('a message that ends the hub', () => {
  const arrive = (text: string): Promise<string> =>
    db.app.tx(tenant, async (tx) => {
      const [received] = await receive(tx, [{ channel: 'edi-folder', contentType: 'x', bytes: Buffer.from(text) }]);
      return received!.id;
    });
  const translate = async (...ids: string[]): Promise<void> => {
    await db.app.tx(tenant, (tx) =>
      hub.enqueue(
        tx,
        ids.map((id) => ({
          destination: flowDestination('translate-message'),
          key: id,
          operation: 'message.translate',
          payload: { kind: 'message' as const, messageId: id },
          correlationId: id,
        })),
      ),
    );
    await queue.idle();
  };
  /** What a process does before it ends over these messages. */
  const endOver = (ids: readonly string[], process: { id: string; startedAtMs: number }, alone = ids.length === 1) =>
    countTriesOf(ids.map((messageId) => ({ payload: { messageId } })) as never, {
      process,
      alone,
      tx: (fn) => db.app.tx(tenant, fn),
    });
  const later = () => ({ id: uuidv7(), startedAtMs: Date.now() + 60_000 });

  it('is held after eight tries, by name, and tried again when a person says so', async () => {
    const id = await arrive(interchange([order('PO-L3', [led(1)])]));
    await endOver([id], { id: uuidv7(), startedAtMs: 0 });
    expect(await message(id)).toMatchObject({ tries: 0 });
    for (let tries = 0; tries < TRIES_MAX; tries++) await endOver([id], later());
    Object.assign(hubProcess, later());
    await translate(id);
    expect(await message(id)).toMatchObject({
      state: 'held',
      reason: expect.stringContaining(`The hub ended ${TRIES_MAX + 1} times`),
    });
    expect(await problems(id)).toMatchObject([{ code: 'TRANSLATION_ENDED_HUB', severity: 'critical' }]);
    await db.app.tx(tenant, (tx) => resumeMessages(tx, hub, [id]));
    await queue.idle();
    expect(await message(id)).toMatchObject({ state: 'processed', tries: 0 });
    expect(await problems(id)).toEqual([]);
  });

  it('is found out without its neighbours being taken for it', async () => {
    const [innocent, guilty] = [
      await arrive(interchange([order('PO-L4', [led(1)])])),
      await arrive(empties(1)),
    ] as const;
    const first = later();
    expect(await endOver([innocent, guilty], first)).toBe('together');
    // The same process again, after a failure that it survived, is no other try.
    await db.app.tx(tenant, (tx) => countTries(tx, [innocent, guilty], first.id));
    expect(await message(innocent)).toMatchObject({ tries: 1 });
    const second = later();
    expect(await endOver([innocent, guilty], second)).toBe('apart');
    await endOver([guilty], second);
    for (let tries = 2; tries < TRIES_MAX; tries++) await endOver([guilty], later());
    Object.assign(hubProcess, later());
    await translate(innocent, guilty);
    expect(await message(innocent)).toMatchObject({ state: 'processed' });
    expect(await message(guilty)).toMatchObject({ state: 'held' });
  });
});
