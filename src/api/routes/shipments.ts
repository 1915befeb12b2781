import { loadShipments } from '../../fulfillment/index.ts';
import { loadInvoices } from '../../invoicing/index.ts';
import { Invoice, Shipment } from '../../model/index.ts';
import { HubError, isUuid } from '../../platform/index.ts';
import { defineRoute } from '../define-route.ts';
import { IdParams } from '../schemas/conventions.ts';

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

export const shipmentRoutes = [getShipment, getInvoice];
