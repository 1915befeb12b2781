import { MANUAL_HOLD, type SalesOrder } from '../model/index.ts';
import { defineOutboundMap, MapError } from './map.ts';
import { type Native, nativeAddress, present } from './native-payload.ts';

/**
 * A sales order as the lab's ERP books it: the sales unit with its quantity and price as the buyer wrote them, the stock
 * unit beside it. Held lines stay out until their hold is released; the order is then written again under its key. An order
 * that a person holds stays out as a whole, unless the ERP has it.
 */
export const orderToDemoErp = defineOutboundMap<SalesOrder>({
  connector: 'demo-erp',
  operation: 'order.create',
  entity: 'order',
  map(order, { data }) {
    if (order.erpOrderNo === undefined && order.holds.some(({ code }) => code === MANUAL_HOLD)) {
      throw new MapError('NOTHING_TO_SEND', `Order ${order.orderNo} is held by hand`);
    }
    // Asked for again when the hold was released: the first one may have gone out before there was a hold.
    if (order.erpOrderNo !== undefined && data.unlessThere === true) {
      throw new MapError('NOTHING_TO_SEND', `The ERP has order ${order.orderNo} as ${order.erpOrderNo}`);
    }
    return nativeOrder(order);
  },
});

/** Lines that joined the order later: the whole order again, under the ERP's own number. */
export const orderChangeToDemoErp = defineOutboundMap<SalesOrder>({
  connector: 'demo-erp',
  operation: 'order.change',
  entity: 'order',
  map(order) {
    if (order.erpOrderNo === undefined)
      throw new MapError('XREF_MISSING', `The ERP has no number for ${order.orderNo}`);
    return { ...nativeOrder(order), orderNo: order.erpOrderNo };
  },
});

function nativeOrder(order: SalesOrder): Native {
  const lines = order.lines.filter((line) => line.holds.length === 0 && line.milestone !== 'cancelled');
  if (lines.length === 0) throw new MapError('NOTHING_TO_SEND', `Order ${order.orderNo} has no line to book`);
  return present({
    customerReference: order.orderNo,
    customerAccount: order.customer,
    customerPo: order.customerPo,
    orderDate: order.orderDate,
    requestedDate: order.requestedDate,
    currency: order.currency,
    paymentDays: order.terms.netDays,
    salesChannel: order.channel,
    shipTo: nativeAddress(order.shipTo.name, order.shipTo.address, order.shipTo.gln),
    lines: lines.map((line) => ({
      line: line.lineNo,
      item: line.sku,
      qty: line.ordered.value,
      unit: line.ordered.uom,
      stockQty: line.q.ordered,
      stockUnit: line.baseUom,
      unitPrice: line.price.value,
      pricePer: line.price.perQty,
      priceUnit: line.price.uom,
      amountCents: line.amountMinor,
    })),
  });
}
