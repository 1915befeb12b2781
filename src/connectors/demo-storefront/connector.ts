import { Type } from 'typebox';
import type { LookupResult, Outcome } from '../../queue/index.ts';
import { type ConnectorContext, type ConnectorRequest, defineConnector } from '../connector.ts';
import type { HttpReply } from '../http-client.ts';
import {
  confirmUnlessRefused,
  containsAll,
  type JsonObject,
  jsonOf,
  lookupOf,
  outcomeOf,
} from '../outcome-of-reply.ts';
import { call, eventWebhook, restHealth, restSecrets, restSettings, settleMsSetting } from '../rest-settings.ts';

const fulfillmentsPath = (request: ConnectorRequest): string =>
  `/shop/orders/${encodeURIComponent(String((request.native as JsonObject).orderId))}/fulfillments`;

/** One shipment is one fulfilment: its number is the unique reference. */
function referenceOf(request: ConnectorRequest): string {
  const { shipmentNo } = request.native as JsonObject;
  return typeof shipmentNo === 'string' ? shipmentNo : request.naturalKey;
}

async function findFulfillment(ctx: ConnectorContext, request: ConnectorRequest): Promise<LookupResult> {
  const path = `${fulfillmentsPath(request)}?reference=${encodeURIComponent(referenceOf(request))}`;
  const reply = await call(ctx, { method: 'GET', path }, request);
  return lookupOf(reply, (body) => {
    if (!Array.isArray(body.fulfillments)) return undefined;
    const [first, ...others] = body.fulfillments as JsonObject[];
    if (first === undefined) return { kind: 'none' };
    if (others.length > 0) return { kind: 'several', ids: [first, ...others].map((each) => String(each.id)) };
    const fulfillmentId = String(first.id);
    const sameContent = containsAll(first.document, request.native);
    return { kind: 'found', outsideId: fulfillmentId, sameContent, response: { fulfillmentId } };
  });
}

const isDuplicate = (reply: HttpReply): boolean =>
  reply.kind === 'reply' &&
  reply.status === 409 &&
  (jsonOf(reply)?.error as JsonObject | undefined)?.code === 'DUPLICATE_REFERENCE';

// Class B: the shop refuses a reference that it knows. That is success if it holds what we meant to send.
async function createFulfillment(ctx: ConnectorContext, request: ConnectorRequest): Promise<Outcome> {
  const body = { ...(request.native as JsonObject), reference: referenceOf(request) };
  const reply = await call(ctx, { method: 'POST', path: fulfillmentsPath(request), body }, request);
  if (!isDuplicate(reply)) {
    return outcomeOf(reply, (made) => confirmUnlessRefused(made, () => confirmed(String(made.id))), ctx.clock.now());
  }
  const existing = await findFulfillment(ctx, request);
  if (existing.kind !== 'found') return { kind: 'unknown', detail: 'refused as a duplicate, which was not found' };
  if (existing.sameContent) return confirmed(existing.outsideId);
  return {
    kind: 'rejected',
    class: 'business',
    code: 'DUPLICATE_REFERENCE',
    message: `The shop holds another fulfilment under this reference: ${existing.outsideId}`,
  };
}

const confirmed = (fulfillmentId: string): Outcome => ({
  kind: 'confirmed',
  outsideId: fulfillmentId,
  response: { fulfillmentId },
});

/** The lab's storefront: it sends orders, takes fulfilments (unique by reference: class B) and stock levels (class A). */
export const demoStorefront = defineConnector({
  type: 'demo-storefront',
  title: 'Storefront of the lab',
  role: 'storefront',
  settings: restSettings({
    customer: Type.String({ minLength: 1, maxLength: 80, description: 'Account number that its orders are booked on' }),
    channel: Type.Optional(
      Type.String({ minLength: 1, maxLength: 80, default: 'storefront', description: 'Channel of its orders' }),
    ),
    currency: Type.Optional(Type.String({ pattern: '^[A-Z]{3}$', default: 'USD' })),
  }),
  secrets: restSecrets,
  operations: {
    'fulfillment.create': {
      title: 'Tell the shop what was shipped',
      idempotency: 'B',
      settleMs: settleMsSetting,
      send: createFulfillment,
      lookup: findFulfillment,
    },
    'availability.publish': {
      title: 'Publish stock levels',
      idempotency: 'A',
      settleMs: () => 0,
      async send(ctx, request) {
        const reply = await call(ctx, { method: 'PUT', path: '/shop/inventory', body: request.native }, request);
        return outcomeOf(
          reply,
          (body) =>
            confirmUnlessRefused(body, () =>
              typeof body.accepted === 'number'
                ? { kind: 'confirmed', response: { accepted: body.accepted } }
                : undefined,
            ),
          ctx.clock.now(),
        );
      },
      // A level is a state, not an effect: sending it again is always right, so there is never one to find.
      lookup: async () => ({ kind: 'none' }),
    },
  },
  webhook: eventWebhook(['order.placed']),
  health: restHealth,
});
