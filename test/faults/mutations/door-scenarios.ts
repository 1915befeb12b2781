import { createHash } from 'node:crypto';
import { subscriptionsOf } from '../../../src/app/flows.ts';
import { createEvents } from '../../../src/events/index.ts';
import { receive } from '../../../src/exchange/index.ts';
import { createOrderIntake, flows } from '../../../src/flows/index.ts';
import { createCatalogDirectory } from '../../../src/catalog/index.ts';
import { createCustomerDirectory } from '../../../src/parties/index.ts';
import { systemClock, uuidv7 } from '../../../src/platform/index.ts';
import { orderDesk, tenant } from '../../orders/order-desk.ts';
import { judgeBytes, judgeIdempotency } from '../invariants/answers.ts';
import { checkPublished } from '../invariants/ledger.ts';
import { tenantId, testQueue } from '../scripted-queue.ts';
import { type Alter, alteredDb, replacing } from './altered-db.ts';
import type { Scenario } from './scenario.ts';

/** No key is ever seen again. */
const saltedKeys: Alter = ({ name, text }) => {
  if (!/^exchange-claim-(new-)?idempotency-keys$/.test(name)) return undefined;
  const salted = "sha256(convert_to(gen_random_uuid()::text, 'UTF8'))";
  return { text: text.replace("decode(key, 'hex'),", `${salted},`).replace(' key, request,', ` ${salted}, request,`) };
};

/** 4: an order is sent twice under one key, and then another one under the same key. */
const askedAgain: Scenario = {
  invariant: 4,
  bug: { name: 'forgotten keys', what: 'idempotency keys are recorded so that they never match', alter: saltedKeys },
  async play(_db, bug) {
    const desk = await orderDesk();
    const db = alteredDb(desk.db.app, bug?.alter);
    const { clock } = desk;
    const customers = createCustomerDirectory({ db, clock });
    const catalog = createCatalogDirectory({ db, clock });
    try {
      const intake = createOrderIntake({ db, clock, customers, catalog, hub: () => desk.hub });
      const submit = async (customerPo: string) => {
        const submission = {
          channel: 'portal' as const,
          customer: 'C200',
          customerPo,
          lines: [{ sku: 'LED', quantity: { value: '1', uom: 'EA' } }],
        };
        const bytes = Buffer.from(JSON.stringify(submission));
        const result = await intake.submit(tenant, {
          submission,
          correlationId: 'c',
          message: { channel: 'api', contentType: 'application/json', bytes },
          idempotency: { scope: 'POST /v1/orders ann', key: 'key-1', request: bytes },
        });
        if (result.outcome === 'created') return { status: 201, resource: result.order.id, body: '' };
        const status = result.outcome === 'conflict' && result.code === 'IDEMPOTENCY_KEY_REUSED' ? 422 : 409;
        return { status, resource: undefined, body: result.code };
      };
      const answers = [await submit('PO-1'), await submit('PO-1')];
      const other = await submit('PO-2');
      const { rows } = await desk.db.owner.query(`SELECT FROM sales_order WHERE customer_po = 'PO-2'`);
      const otherBody = { status: other.status, written: rows.length > 0 };
      return judgeIdempotency([{ what: 'PO-1', answers, otherBody }]);
    } finally {
      customers.stop();
      catalog.stop();
      await desk.close();
    }
  },
};

/** The fan-out writes nothing. */
const noFanOut: Alter = ({ name, text }) => {
  if (name !== 'queue-enqueue') return undefined;
  return {
    text: text
      .replace('RETURNING position', 'LIMIT 0 RETURNING position')
      .replace('LIMIT 0 RETURNING', 'WHERE false RETURNING'),
  };
};

/** 10: an event is published. */
const eventPublished: Scenario = {
  invariant: 10,
  bug: { name: 'no fan-out', what: 'events are recorded and their deliveries are not', alter: noFanOut },
  async play(db, bug) {
    const queue = testQueue(db.engine);
    const events = createEvents({ clock: systemClock, queue, subscriptions: subscriptionsOf(flows) });
    const since = new Date(Date.now() - 1);
    const id = uuidv7();
    await alteredDb(db.app, bug?.alter).tx(tenantId, (tx) =>
      events.publish(tx, [
        { type: 'sales.order.received', entity: { kind: 'order', id }, key: id, orderId: id, correlationId: 'c' },
      ]),
    );
    return checkPublished(db.owner, since);
  },
};

/** Bodies are stored as a parser reads them. */
const tidiedBodies = replacing(
  'exchange-insert-messages',
  /sha256, byte_size, body,(?=\s*coalesce)/,
  "sha256, byte_size, convert_to(convert_from(body, 'UTF8')::jsonb::text, 'UTF8'),",
);

/** 14: a body comes with spaces, an order of fields and a number as only its sender writes them. */
const bodyKept: Scenario = {
  invariant: 14,
  bug: { name: 'tidied bodies', what: 'what came is stored as it was understood', alter: tidiedBodies },
  async play(db, bug) {
    const bytes = Buffer.from('{ "b": 1.50,\n "a": "x" }\n');
    const [message] = await alteredDb(db.app, bug?.alter).tx(tenantId, (tx) =>
      receive(tx, [{ channel: 'api', contentType: 'application/json', bytes }]),
    );
    const { rows } = await db.owner.query<{ stored: string; recorded: string }>(
      `SELECT encode(sha256(body), 'hex') AS stored, encode(sha256, 'hex') AS recorded FROM message WHERE id = $1`,
      [message?.id],
    );
    const received = createHash('sha256').update(bytes).digest('hex');
    return judgeBytes([{ what: 'a body', received, stored: rows[0]?.stored, recordedHash: rows[0]?.recorded }]);
  },
};

export const doorScenarios: readonly Scenario[] = [askedAgain, eventPublished, bodyKept];
