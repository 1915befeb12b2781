import { Type } from 'typebox';
import type { LookupResult, Outcome } from '../../queue/index.ts';
import {
  type ConnectorContext,
  type ConnectorOperation,
  type ConnectorRequest,
  defineConnector,
} from '../connector.ts';
import { confirmUnlessRefused, containsAll, type JsonObject, lookupOf, outcomeOf } from '../outcome-of-reply.ts';
import { call, eventWebhook, restHealth, restSecrets, restSettings, settleMsSetting } from '../rest-settings.ts';

/** Documents of the ERP that can be written by our id (class A) or posted with a searchable reference (class C). */
interface Collection {
  readonly path: string;
  /** The ERP's own number of the document, in its replies. */
  readonly number: string;
  /** What `response` is called in OperationResponses. */
  readonly answer: string;
  /** Our own number in the document, where that and not the order's natural key is what is unique. */
  readonly ownNumber?: string;
}

const orders: Collection = { path: '/api/orders', number: 'orderNo', answer: 'erpOrderNo' };
/** Written under the ERP's own number, which any ERP takes: repeating it changes nothing. */
const orderChanges: Collection = {
  path: '/api/orders/by-number',
  number: 'orderNo',
  answer: 'erpOrderNo',
  ownNumber: 'orderNo',
};
const shipments: Collection = {
  path: '/api/shipments',
  number: 'shipmentNo',
  answer: 'erpShipmentNo',
  ownNumber: 'deliveryNo',
};
const cancellations: Collection = { path: '/api/cancellations', number: 'orderNo', answer: 'erpOrderNo' };
const releases: Collection = {
  path: '/api/branch-releases',
  number: 'releaseNo',
  answer: 'releaseNo',
  ownNumber: 'releaseNo',
};
const labels: Collection = {
  path: '/api/branch-labels',
  number: 'releaseNo',
  answer: 'releaseNo',
  ownNumber: 'shipmentNo',
};

function keyOf(request: ConnectorRequest, within: Collection): string {
  const own = within.ownNumber && (request.native as JsonObject)[within.ownNumber];
  return typeof own === 'string' ? own : request.naturalKey;
}

type Settings = Readonly<Record<string, unknown>>;
const classOf = (settings: Settings) => (settings.idempotency === 'C' ? 'C' : 'A');

// Class A: PUT under our id creates or repeats. Class C: POST with `reference`; two posts are two documents.
async function write(ctx: ConnectorContext, request: ConnectorRequest, to: Collection, upsert: boolean) {
  const key = keyOf(request, to);
  const exchange = upsert
    ? { method: 'PUT' as const, path: `${to.path}/${encodeURIComponent(key)}`, body: request.native }
    : {
        method: 'POST' as const,
        path: to.path,
        body: { ...(request.native as JsonObject), reference: key },
      };
  const reply = await call(ctx, exchange, request);
  return outcomeOf(reply, (body) => confirmUnlessRefused(body, () => confirmed(body, to)), ctx.clock.now());
}

function confirmed(body: JsonObject, from: Collection): Outcome | undefined {
  const number = body[from.number];
  return typeof number === 'string'
    ? { kind: 'confirmed', outsideId: number, response: { [from.answer]: number } }
    : undefined;
}

async function find(ctx: ConnectorContext, request: ConnectorRequest, within: Collection, upsert: boolean) {
  const key = encodeURIComponent(keyOf(request, within));
  const path = upsert ? `${within.path}/${key}` : `${within.path}?reference=${key}`;
  const reply = await call(ctx, { method: 'GET', path }, request);
  return lookupOf(reply, (body) => {
    if (!upsert) return oneOfMany(body.items, within, request);
    const number = body[within.number];
    return typeof number === 'string' ? found(number, body, within, request) : undefined;
  });
}

function found(number: string, item: JsonObject, within: Collection, request: ConnectorRequest): LookupResult {
  const sameContent = containsAll(item.document, request.native);
  return { kind: 'found', outsideId: number, sameContent, response: { [within.answer]: number } };
}

function oneOfMany(items: unknown, within: Collection, request: ConnectorRequest): LookupResult | undefined {
  if (!Array.isArray(items)) return undefined;
  const ids = items.map((item: JsonObject) => String(item[within.number]));
  const only = items[0] as JsonObject | undefined;
  if (only === undefined) return { kind: 'none' };
  if (items.length > 1) return { kind: 'several', ids };
  return found(ids[0] ?? '', only, within, request);
}

const bySetting = (title: string, to: Collection): ConnectorOperation => ({
  title,
  idempotency: classOf,
  settleMs: settleMsSetting,
  send: (ctx, request) => write(ctx, request, to, classOf(ctx.settings) === 'A'),
  lookup: (ctx, request) => find(ctx, request, to, classOf(ctx.settings) === 'A'),
});

const alwaysUpsert = (title: string, to: Collection): ConnectorOperation => ({
  title,
  idempotency: 'A',
  settleMs: settleMsSetting,
  send: (ctx, request) => write(ctx, request, to, true),
  lookup: (ctx, request) => find(ctx, request, to, true),
});

/** An order is always there to be found; the change is there once the order reads as the change wants it. */
const changeOrder: ConnectorOperation = {
  ...alwaysUpsert('Add lines that were held to the sales order', orderChanges),
  async lookup(ctx, request) {
    const answer = await find(ctx, request, orderChanges, true);
    return answer.kind === 'found' && !answer.sameContent ? { kind: 'none' } : answer;
  },
};

/**
 * The lab's ERP. Orders and shipments are written under our natural key (`idempotency: A`) or posted with it as a
 * searchable reference that is not unique (`idempotency: C`), so that both ways of real ERPs are lived through.
 * It also ships for branches that have no WMS of their own.
 */
export const demoErp = defineConnector({
  type: 'demo-erp',
  title: 'ERP of the lab',
  role: 'erp',
  settings: restSettings({
    idempotency: Type.Optional(
      Type.Unsafe<'A' | 'C'>({
        type: 'string',
        enum: ['A', 'C'],
        default: 'A',
        description: 'A: written under our id. C: posted with a searchable reference, looked up before a retry',
      }),
    ),
  }),
  secrets: restSecrets,
  operations: {
    'order.create': bySetting('Create the sales order', orders),
    'order.change': changeOrder,
    'order.cancel': alwaysUpsert('Cancel quantities of the sales order', cancellations),
    'shipment.create': bySetting('Report a shipment of the order', shipments),
    'release.create': alwaysUpsert('Release to a branch that ships through the ERP', releases),
    'release.cancel': alwaysUpsert('Cancel a release to a branch', {
      path: '/api/branch-release-cancellations',
      number: 'releaseNo',
      answer: 'releaseNo',
      ownNumber: 'releaseNo',
    }),
    'label.attach': alwaysUpsert('Hand labels of a branch shipment over', labels),
  },
  webhook: eventWebhook(['order.status', 'invoice.posted', 'payment.received', 'shipment.posted']),
  health: restHealth,
});
