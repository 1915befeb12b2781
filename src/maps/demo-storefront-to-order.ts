import type { OrderLineInput, OrderSubmission } from '../model/index.ts';
import { defineInboundMap, MapError } from './map.ts';
import {
  decimalAt,
  instantAt,
  listAt,
  type Native,
  objectAt,
  optionalText,
  present,
  textAt,
} from './native-payload.ts';

interface ShopSettings {
  customer?: string;
  channel?: string;
  currency?: string;
}

function shipToOf(order: Native): OrderSubmission['shipTo'] {
  const code = optionalText(order, 'shipToCode');
  if (code !== undefined) return code;
  if (order.shippingAddress === undefined) return undefined;
  const address = objectAt(order.shippingAddress, 'order/shippingAddress');
  const lines = ['address1', 'address2'].flatMap((field) => optionalText(address, field) ?? []);
  return present({
    name: optionalText(address, 'name'),
    address: present({
      lines,
      city: textAt(address, 'city', 'order/shippingAddress/city'),
      region: optionalText(address, 'provinceCode'),
      postal: textAt(address, 'zip', 'order/shippingAddress/zip'),
      country: textAt(address, 'countryCode', 'order/shippingAddress/countryCode'),
    }),
  });
}

function lineOf(item: Native, index: number, currency: string): OrderLineInput {
  const path = `order/lineItems/${index}`;
  const uom = textAt(item, 'unit', `${path}/unit`);
  const price = optionalText(item, 'unitPrice');
  const sku = optionalText(item, 'sku');
  const gtin = optionalText(item, 'barcode');
  if (sku === undefined && gtin === undefined) throw new MapError('FIELD_MISSING', `${path} names no item`, path);
  return present({
    customerLineNo: optionalText(item, 'id'),
    sku,
    gtin: sku === undefined ? gtin : undefined,
    description: optionalText(item, 'title'),
    quantity: { value: decimalAt(item, 'quantity', `${path}/quantity`), uom },
    price: price === undefined ? undefined : { value: price, currency, perQty: '1', uom },
  });
}

/** An order of the lab's shop. It is booked on the account it names, else on the connection's customer. */
export const demoStorefrontToOrder = defineInboundMap({
  connector: 'demo-storefront',
  topic: 'order.placed',
  map(payload, context) {
    const order = objectAt(objectAt(payload, '').order, 'order');
    const settings = context.settings as ShopSettings;
    const customer = optionalText(order, 'accountNo') ?? settings.customer;
    if (customer === undefined)
      throw new MapError('FIELD_MISSING', 'The connection has no customer', 'settings/customer');
    const currency = optionalText(order, 'currency') ?? settings.currency ?? 'USD';
    const value: OrderSubmission = present({
      channel: settings.channel ?? 'storefront',
      customer,
      customerPo: optionalText(order, 'poNumber') ?? textAt(order, 'number', 'order/number'),
      nativeId: textAt(order, 'id', 'order/id'),
      orderDate: instantAt(order, 'placedAt', 'order/placedAt').slice(0, 10),
      requestedDate: optionalText(order, 'requestedDate'),
      currency,
      shipTo: shipToOf(order),
      lines: listAt(order, 'lineItems', 'order/lineItems').map((item, index) => lineOf(item, index, currency)),
    });
    return [{ kind: 'order', value }];
  },
});
