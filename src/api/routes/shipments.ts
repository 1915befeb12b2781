import { voidShipments } from '../../flows/index.ts';
import { loadShipments } from '../../fulfillment/index.ts';
import { listInvoices, loadInvoices } from '../../invoicing/index.ts';
import { Invoice, Shipment } from '../../model/index.ts';
import { HubError, isUuid, type Tx } from '../../platform/index.ts';
import { type Principal, recordAudit } from '../../security/index.ts';
import { defineRoute } from '../define-route.ts';
import { readIfMatch } from '../precondition.ts';
import { runOrPreview } from '../run-or-preview.ts';
import { IdParams } from '../schemas/conventions.ts';
import { VoidResult, VoidShipmentBody } from '../schemas/shipments.ts';
import type { ApiServices } from '../services.ts';

const tag = 'Shipments and invoices';

export const getShipment = defineRoute({
  method: 'GET',
  path: '/v1/shipments/{id}',
  access: 'order.read',
  tag,
  summary: 'Read a shipment with its packages',
  params: IdParams,
  response: Shipment,
  async handle({ params, principal }, services) {
    if (!isUuid(params.id)) throw new HubError('NOT_FOUND');
    const shipment = (await services.db.tx(principal.tenantId, (tx) => loadShipments(tx, [params.id]))).get(params.id);
    if (shipment === undefined) throw new HubError('NOT_FOUND');
    return { body: shipment, version: shipment.version };
  },
});

export const voidShipment = defineRoute({
  method: 'POST',
  path: '/v1/shipments/{id}/void',
  access: 'shipment.void',
  tag,
  summary: 'Void a shipment that never left',
  description:
    "For what a warehouse or carrier cannot say itself. Every system's news of the shipment stops counting, its goods are on hand and the order's again, and partners who were told of it are told. Cannot be undone; what leaves later is a shipment of its own. What the carrier reports as delivered or sent back did leave, and is refused. `preview: true` answers what would happen and changes nothing.",
  params: IdParams,
  body: VoidShipmentBody,
  response: VoidResult,
  precondition: 'required',
  problems: ['CONFLICT'],
  async handle({ params, body, principal, headers }, services) {
    const version = readIfMatch(headers['if-match']);
    const asked = { id: params.id, version, reason: body.reason };
    await services.prepareTenant(principal.tenantId);
    const preview = body.preview === true;
    const result = await runOrPreview(services.db, principal.tenantId, preview, (tx) =>
      voidOne(tx, services, principal, asked),
    );
    return { body: { ...result, preview }, version: result.shipment.version };
  },
});

async function voidOne(
  tx: Tx,
  services: ApiServices,
  principal: Principal,
  { id, version, reason }: { id: string; version: number | '*'; reason: string },
): Promise<{ shipment: Shipment; effects: string[] }> {
  const known = isUuid(id) ? (await loadShipments(tx, [id])).get(id) : undefined;
  if (known === undefined) throw new HubError('NOT_FOUND');
  if (version !== '*' && known.version !== version) throw new HubError('PRECONDITION_FAILED');
  const { shipmentNo, orderNo, shippedAt } = known;
  refuseWhatLeft(known);
  const voided = await voidShipments(tx, services.hub(principal.tenantId), [{ shipmentNo, reason }]);
  if (voided.length === 0)
    throw new HubError('CONFLICT', { message: `Shipment ${shipmentNo} is void already: nothing is left to do` });
  await recordAudit(tx, services.clock, [
    { actor: principal.actor, action: 'shipment.void', subject: { kind: 'shipment', id }, reason },
  ]);
  const bills = (await listInvoices(tx, { orderIds: [known.orderId] })).filter(
    (each) => each.shipmentNo === shipmentNo,
  );
  const effects = [
    `Shipment ${shipmentNo} is void; what its systems report of it no longer counts`,
    ...(shippedAt === undefined ? [] : [`Its goods are on hand again, and allocated to order ${orderNo}`]),
    'Partners who were sent a ship notice are sent its cancellation',
    ...(underWay.has(known.trackerStatus)
      ? [`The carrier says it is under way (${known.trackerStatus.replaceAll('_', ' ')}): make sure that it is not`]
      : []),
    ...bills.map(({ invoiceNo }) => `Invoice ${invoiceNo} bills it and stays: have the ERP credit it`),
  ];
  return { shipment: (await loadShipments(tx, [id])).get(id)!, effects };
}

const underWay: ReadonlySet<Shipment['trackerStatus']> = new Set(['in_transit', 'out_for_delivery', 'exception']);

/** Goods that arrived somewhere are not on the shelf, whoever says that they never left. */
function refuseWhatLeft({ shipmentNo, trackerStatus }: Shipment): void {
  if (trackerStatus !== 'delivered' && trackerStatus !== 'returned') return;
  const what = trackerStatus === 'delivered' ? 'delivered' : 'sent back';
  throw new HubError('CONFLICT', {
    message: `The carrier reports shipment ${shipmentNo} as ${what}, so it did leave and cannot be voided. Goods that come back are a return; if the carrier is wrong, have it void the packages.`,
  });
}

export const getInvoice = defineRoute({
  method: 'GET',
  path: '/v1/invoices/{id}',
  access: 'order.read',
  tag,
  summary: 'Read an invoice as the ERP posted it',
  params: IdParams,
  response: Invoice,
  async handle({ params, principal }, services) {
    if (!isUuid(params.id)) throw new HubError('NOT_FOUND');
    const invoice = (await services.db.tx(principal.tenantId, (tx) => loadInvoices(tx, [params.id]))).get(params.id);
    if (invoice === undefined) throw new HubError('NOT_FOUND');
    return { body: invoice, version: invoice.version };
  },
});

export const shipmentRoutes = [getShipment, voidShipment, getInvoice];
