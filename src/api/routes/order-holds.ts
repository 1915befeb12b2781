import { holdByHand, releaseByHand } from '../../flows/index.ts';
import type { SalesOrder } from '../../model/index.ts';
import { loadOrders } from '../../orders/index.ts';
import { HubError, isUuid, type Tx } from '../../platform/index.ts';
import { recordAudit } from '../../security/index.ts';
import { defineRoute, type RouteRequest } from '../define-route.ts';
import { readIfMatch } from '../precondition.ts';
import { runOrPreview } from '../run-or-preview.ts';
import { IdParams } from '../schemas/conventions.ts';
import { HoldOrderBody, HoldResult, ReleaseOrderHoldBody } from '../schemas/orders.ts';
import type { ApiServices } from '../services.ts';

const tag = 'Orders';

export const holdOrder = defineRoute({
  method: 'POST',
  path: '/v1/orders/{id}/hold',
  access: 'order.hold',
  tag,
  summary: 'Hold an order, or lines of it, by hand',
  description:
    'Until somebody releases the hold nothing more of it goes to a warehouse, nor the order to the ERP where that does not have it yet. What a warehouse has been told of goes on, what is reserved stays reserved, and no payment or change of data ends the hold. Where nothing is left to hold it is refused: cancel the order instead. `preview: true` answers what would happen and changes nothing.',
  params: IdParams,
  body: HoldOrderBody,
  response: HoldResult,
  precondition: 'required',
  problems: ['ORDER_NOT_HOLDABLE', 'CONFLICT'],
  handle: (request, services) => decide(request, services, 'order.hold', holdByHand),
});

export const releaseOrderHold = defineRoute({
  method: 'POST',
  path: '/v1/orders/{id}/release-hold',
  access: 'order.hold',
  tag,
  summary: 'Release what is held by hand of an order',
  description:
    'It goes on where it stood, with the stock that it has. Other holds stay: each is released by its exception. `preview: true` answers what would happen and changes nothing.',
  params: IdParams,
  body: ReleaseOrderHoldBody,
  response: HoldResult,
  precondition: 'required',
  problems: ['CONFLICT'],
  handle: (request, services) =>
    decide(request, services, 'order.release-hold', (hub, tx, { lines, ...asked }) =>
      releaseByHand(hub, tx, lines === undefined ? asked : { ...asked, places: lines.map((lineNo) => ({ lineNo })) }),
    ),
});

type Decide = typeof holdByHand;

async function decide(
  { params, body, principal, headers }: RouteRequest<{ id: string }, unknown, HoldOrderBody>,
  services: ApiServices,
  action: string,
  run: Decide,
) {
  if (!isUuid(params.id)) throw new HubError('NOT_FOUND');
  const version = readIfMatch(headers['if-match']);
  const preview = body.preview === true;
  const { reason, lines } = body;
  const { tenantId, actor } = principal;
  await services.prepareTenant(tenantId);
  const result = await runOrPreview(services.db, tenantId, preview, async (tx) => {
    const effects = await run(services.hub(tenantId), tx, {
      orderId: params.id,
      reason,
      actor,
      ...(version === '*' ? {} : { expectedVersion: version }),
      ...(lines === undefined ? {} : { lines }),
    });
    await recordAudit(tx, services.clock, [
      { actor, action, subject: { kind: 'order', id: params.id }, reason, detail: { lines } },
    ]);
    return { order: await orderNow(tx, params.id), effects };
  });
  return { body: { ...result, preview }, version: result.order.version };
}

async function orderNow(tx: Tx, id: string): Promise<SalesOrder> {
  const order = (await loadOrders(tx, [id])).get(id);
  if (order === undefined) throw new HubError('NOT_FOUND');
  return order;
}

export const orderHoldRoutes = [holdOrder, releaseOrderHold];
