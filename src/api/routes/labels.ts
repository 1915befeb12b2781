import { Type } from 'typebox';
import {
  drawPackingSlip,
  drawShippingLabels,
  labelledPackage,
  loadShipments,
  ssccPng,
} from '../../fulfillment/index.ts';
import { closed, type SalesOrder, type Shipment } from '../../model/index.ts';
import { loadOrders } from '../../orders/index.ts';
import { HubError, isUuid } from '../../platform/index.ts';
import { defineRoute } from '../define-route.ts';
import { IdParams } from '../schemas/conventions.ts';
import type { ApiServices } from '../services.ts';

const tag = 'Shipments and invoices';
const pdf = 'application/pdf';

async function load(
  services: ApiServices,
  tenantId: string,
  id: string,
): Promise<{ shipment: Shipment; order: SalesOrder }> {
  if (!isUuid(id)) throw new HubError('NOT_FOUND');
  return services.db.tx(tenantId, async (tx) => {
    const shipment = (await loadShipments(tx, [id])).get(id);
    const order = shipment && (await loadOrders(tx, [shipment.orderId])).get(shipment.orderId);
    if (shipment === undefined || order === undefined) throw new HubError('NOT_FOUND');
    return { shipment, order };
  });
}

/** Shown in the browser under its own name; never guessed to be anything else. */
function file(mediaType: string, name: string) {
  return {
    'content-type': mediaType,
    'content-disposition': `inline; filename="${name.replace(/[^A-Za-z0-9._-]/g, '_')}"`,
    'x-content-type-options': 'nosniff',
  };
}

export const getLabels = defineRoute({
  method: 'GET',
  path: '/v1/shipments/{id}/labels.pdf',
  access: 'order.read',
  tag,
  summary: 'GS1-128 shipping labels, one 4 × 6 inch page per package',
  description:
    'From the same packages as the 856 or DESADV. Refused when a package has no SSCC or the shipment was voided.',
  params: IdParams,
  responseType: pdf,
  problems: ['CONFLICT'],
  async handle({ params, principal }, services) {
    const { shipment, order } = await load(services, principal.tenantId, params.id);
    return { body: await drawShippingLabels(shipment, order), headers: file(pdf, `labels-${shipment.shipmentNo}.pdf`) };
  },
});

export const getLabelImage = defineRoute({
  method: 'GET',
  path: '/v1/shipments/{id}/labels/{packageNo}.png',
  access: 'order.read',
  tag,
  summary: 'The GS1-128 symbol of a package’s SSCC as an image, for label designs of one’s own',
  params: closed({ id: Type.String({ minLength: 1, maxLength: 120 }), packageNo: Type.Integer({ minimum: 1 }) }),
  responseType: 'image/png',
  problems: ['CONFLICT'],
  async handle({ params, principal }, services) {
    const { shipment } = await load(services, principal.tenantId, params.id);
    const { sscc } = labelledPackage(shipment, params.packageNo);
    return { body: await ssccPng(sscc), headers: file('image/png', `${sscc}.png`) };
  },
});

export const getPackingSlip = defineRoute({
  method: 'GET',
  path: '/v1/shipments/{id}/packing-slip.pdf',
  access: 'order.read',
  tag,
  summary: 'The packing slip: every package with its contents, lots and serial numbers',
  params: IdParams,
  responseType: pdf,
  async handle({ params, principal }, services) {
    const { shipment, order } = await load(services, principal.tenantId, params.id);
    return {
      body: await drawPackingSlip(shipment, order),
      headers: file(pdf, `packing-slip-${shipment.shipmentNo}.pdf`),
    };
  },
});

export const labelRoutes = [getLabels, getLabelImage, getPackingSlip];
