import { type EventType, eventCatalog, type HubEvent } from '../events/index.ts';
import { titleInSentence } from '../exceptions/index.ts';
import type { Invoice, SalesOrder } from '../model/index.ts';
import { linesText, moneyText, plural, quantityText } from './quantity-words.ts';
import { describeDocument, describeOperation } from './timeline-words.ts';

/** What an event says of its order, for a person: what happened, and by which numbers it can be found elsewhere. */
export interface EventWords {
  title: string;
  detail?: string;
}

/** What an event's own data leaves out; read once for a whole timeline. */
export interface EventFacts {
  order: SalesOrder;
  invoices: ReadonlyMap<string, Pick<Invoice, 'invoiceNo'>>;
  /** What people call the actors that events name. */
  people?: ReadonlyMap<string, string>;
}

type Say = (data: EventData, facts: EventFacts) => readonly [title: string, ...details: (string | undefined)[]];

/** The facts in words; the description of its type where an event says no more, as one that an older release recorded. */
export function wordsOfEvent(event: HubEvent, facts: EventFacts): EventWords {
  const data = new EventData(event, facts.people);
  const [title, ...details] = sayings[event.type]?.(data, facts) ?? [eventCatalog[event.type].description, data.reason];
  const detail = details.filter((part) => part !== undefined && part !== '').join(', ');
  return detail === '' ? { title } : { title, detail };
}

interface Line {
  lineNo: number;
  quantity: string;
  sku?: string;
}

/** The free-form data of an event, read with care: it may come from any earlier release. */
class EventData {
  readonly reason: string | undefined;
  readonly entityId: string;
  readonly #data: Record<string, unknown>;

  readonly #people: EventFacts['people'];

  constructor(event: HubEvent, people: EventFacts['people']) {
    this.#people = people;
    this.reason = event.reason;
    this.entityId = event.entity.id;
    this.#data = event.data ?? {};
  }

  text(name: string): string | undefined {
    const value = this.#data[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  /** Who did it, by the name that people know; undefined for the hub itself. */
  who(name: string): string | undefined {
    const actor = this.text(name);
    return actor === undefined || actor === 'hub' ? undefined : (this.#people?.get(actor) ?? actor);
  }

  number(name: string): number | undefined {
    const value = this.#data[name];
    return typeof value === 'number' ? value : undefined;
  }

  list(name: string): readonly unknown[] {
    const value = this.#data[name];
    return Array.isArray(value) ? value : [];
  }

  texts(name: string): string[] {
    return this.list(name).filter((each) => typeof each === 'string');
  }

  lines(): Line[] {
    return this.list('lines').filter((each): each is Line => {
      const { lineNo, quantity } = (each ?? {}) as Partial<Line>;
      return typeof lineNo === 'number' && typeof quantity === 'string';
    });
  }

  /** Codes of holds with the lines they are on: `Price differs from the contract (line 2)`. */
  holds(name: string): string {
    const lines = new Map<string, number[]>();
    for (const each of this.list(name)) {
      const { code, lineNo } = (each ?? {}) as { code?: unknown; lineNo?: unknown };
      if (typeof code !== 'string') continue;
      const own = lines.get(code) ?? [];
      lines.set(code, typeof lineNo === 'number' ? [...own, lineNo] : own);
    }
    return [...lines].map(([code, on]) => `${titleInSentence(code)}${onLines(on)}`).join('; ');
  }
}

const linesNamed = 3;

function onLines(numbers: readonly number[]): string {
  if (numbers.length === 0) return '';
  if (numbers.length > linesNamed) return ` (${numbers.length} lines)`;
  return ` (${numbers.length === 1 ? 'line' : 'lines'} ${numbers.join(', ')})`;
}

const by = (data: EventData, name = 'by'): string | undefined => {
  const who = data.who(name);
  return who === undefined ? undefined : `by ${who}`;
};

const labelled = (label: string, value: string | undefined): string | undefined =>
  value === undefined ? undefined : `${label} ${value}`;

/** What a site did with goods: `DC1 picked 3 of 5 CS LED`. */
function goods(verb: string): Say {
  return (data, { order }) => {
    const what = linesText(order, data.lines()) ?? 'goods';
    return [
      `${data.text('location') ?? 'The warehouse'} ${verb} ${what}`,
      labelled('release', data.text('fulfillmentNo')),
    ];
  };
}

/** What became of one line: `3 of 5 CS LED backordered (line 1)`. */
function lineNews(words: string, quantity: (data: EventData) => string | undefined): Say {
  return (data, { order }) => {
    const lineNo = data.number('lineNo') ?? 0;
    const value = quantity(data) ?? '0';
    const still = data.text('backordered');
    const waits = words !== 'backordered' && still !== undefined && still !== '0';
    return [
      `${quantityText(order, { lineNo, quantity: value, sku: data.text('sku') })} ${words} (line ${lineNo})`,
      waits ? `${quantityText(order, { lineNo, quantity: still }, { bare: true })} still wait for stock` : undefined,
      data.reason === undefined ? undefined : wordsOfReason(data.reason),
      by(data),
    ];
  };
}

const reasons: Readonly<Record<string, string>> = {
  SHORT_PICK: 'the pick was short',
  shortPick: 'the pick was short',
  found: 'the warehouse has found it',
};

const wordsOfReason = (reason: string): string => reasons[reason] ?? reason;

function stock(words: string): Say {
  return (data) => [
    `${data.text('quantity') ?? ''} ${data.text('sku') ?? data.entityId} ${words} at ${data.text('location') ?? 'its site'}`.trim(),
    data.reason === undefined ? undefined : wordsOfReason(data.reason),
  ];
}

/** Two or three tracking numbers are read; twenty are a list that the shipment has. */
function trackingText(data: EventData): string | undefined {
  const trackings = data.texts('trackings');
  if (trackings.length === 0) return undefined;
  return trackings.length > linesNamed ? `${trackings.length} tracking numbers` : `tracking ${trackings.join(', ')}`;
}

const packagesText = (data: EventData): string => plural(data.number('packages') ?? 1, 'package');

/** News of a carrier about one package: `Package 1 of 2 is out for delivery`. */
function parcel(words: string): Say {
  return (data) => {
    const all = data.number('packages') ?? 1;
    const no = data.number('packageNo');
    const which = all === 1 || no === undefined ? 'The package' : `Package ${no} of ${all}`;
    return [
      `${which} ${words.replace('{carrier}', data.text('carrier') ?? 'the carrier')}`,
      data.text('text'),
      labelled('tracking', data.text('tracking')),
      labelled('shipment', data.text('shipmentNo')),
    ];
  };
}

const document = (words: string): Say => {
  return (data) => {
    const name = describeDocument(data.text('documentType') ?? '');
    const partner = data.text('partner');
    return [
      words.replace('{document}', name).replace('{partner}', partner ?? 'the partner'),
      labelled('control', data.text('control')),
    ];
  };
};

const invoiceNo = (data: EventData, { invoices }: EventFacts): string =>
  data.text('invoiceNo') ?? invoices.get(data.entityId)?.invoiceNo ?? '';

/** Nothing where no price is known yet. */
const orderSum = ({ totals, currency }: SalesOrder): string =>
  totals.amountMinor === 0 ? '' : ` for ${moneyText(totals.amountMinor, currency)}`;

/** What an order is about, short: `5 CS LED, 2 EA PMP-220`, or `14 lines`. */
const ordered = (order: SalesOrder): string =>
  linesText(
    order,
    order.lines.map(({ lineNo, q }) => ({ lineNo, quantity: q.ordered })),
  ) ?? 'nothing';

const delivery = (words: string): Say => {
  return (data) => [
    `${describeOperation(data.text('operation') ?? '')} (${data.text('destination') ?? 'another system'}) ${words}`,
    data.reason,
    by(data),
  ];
};

/** By type of event; those of other things than orders are never on an order's timeline. */
const sayings: Partial<Record<EventType, Say>> = {
  'sales.order.received': (_, { order }) => [
    `${order.customerName} ordered ${ordered(order)}${orderSum(order)}`,
    labelled('PO', order.customerPo),
  ],
  'sales.order.rejected': (data) => [
    'Order refused',
    data.reason === undefined ? undefined : titleInSentence(data.reason),
  ],
  'sales.order.accepted': (data, { order }) => [`Order accepted: ${ordered(order)}${orderSum(order)}`, by(data)],
  'sales.order.created': (data) => {
    const number = data.text('erpOrderNo');
    return number === undefined
      ? ['Order goes on without an ERP: none is connected']
      : [`The ERP took the order as ${number}`];
  },
  'sales.order.changed': (data) =>
    data.text('connection') === undefined
      ? ['A part of the order was cancelled', data.reason]
      : ['The ERP took the lines that joined the order'],
  'sales.order.changeRequested': (data) => [
    `The customer asks to ${data.text('purpose') ?? 'change'} purchase order ${data.text('poNumber') ?? ''}`.trim(),
    labelled('change', data.text('changeNo')),
  ],
  'sales.order.cancelRequested': (data) => {
    const releases = data.texts('releases');
    const what = releases.length > linesNamed ? plural(releases.length, 'release') : `release ${releases.join(', ')}`;
    return [`The warehouse is asked to give ${what} back`, data.reason, by(data)];
  },
  'sales.order.cancelled': (data) => ['Order cancelled', data.reason, by(data)],
  'sales.order.held': (data) => [
    `On hold: ${data.holds(data.list('added').length > 0 ? 'added' : 'holds')}`,
    data.reason,
    by(data),
  ],
  'sales.order.holdReleased': (data) => [`Hold lifted: ${data.holds('released')}`, data.reason, by(data)],
  'credit.order.approved': (_, { order }) => [`Credit granted${orderSum(order)}`],
  'credit.order.declined': (_, { order }) => [`Credit not granted${orderSum(order)}`],
  'sales.line.allocated': lineNews('reserved', (data) => data.text('quantity') ?? data.text('allocated')),
  'sales.line.partiallyAllocated': lineNews('reserved', (data) => data.text('quantity') ?? data.text('allocated')),
  'sales.line.backordered': lineNews('backordered', (data) => data.text('quantity') ?? data.text('backordered')),
  'sales.line.cancelled': lineNews('cancelled', (data) => data.text('quantity')),
  'inventory.reservation.held': stock('set aside'),
  'inventory.reservation.released': stock('given back'),
  'inventory.reservation.expired': stock('no longer set aside'),
  'inventory.stock.statusChanged': (data, facts) =>
    stock(`moved from ${data.text('from') ?? '?'} to ${data.text('to') ?? '?'}`)(data, facts),
  'fulfillment.order.released': goods('took on'),
  'fulfillment.order.acknowledged': goods('confirmed'),
  'fulfillment.order.rejected': goods('refused'),
  'fulfillment.order.picked': goods('picked'),
  'fulfillment.order.shortPicked': goods('could not find'),
  'fulfillment.order.packed': goods('packed'),
  'shipping.shipment.packed': (data) => [
    `Shipment ${data.text('shipmentNo') ?? ''} made up of ${packagesText(data)}`,
    data.number('repack') === undefined ? undefined : 'packed anew',
  ],
  'shipping.shipment.labelled': (data) => [
    `${data.text('carrier') ?? 'The carrier'} gave labels for ${packagesText(data)}`,
    trackingText(data),
  ],
  'shipping.shipment.shipped': (data, { order }) => [
    [
      `${data.text('location') ?? 'The warehouse'} shipped`,
      linesText(order, data.lines(), data.number('lineCount')) ?? 'goods',
      data.text('carrier') === undefined ? '' : `with ${data.text('carrier')}`,
      `in ${packagesText(data)}`,
    ]
      .filter((part) => part !== '')
      .join(' '),
    trackingText(data),
    labelled('shipment', data.text('shipmentNo')),
  ],
  'shipping.shipment.voided': (data) => [
    `Shipment ${data.text('shipmentNo') ?? ''} voided: it never left`,
    data.reason,
  ],
  'shipping.tracking.updated': (data, facts) =>
    parcel(data.text('status') === 'label' ? 'is announced to {carrier}' : 'is on its way with {carrier}')(data, facts),
  'shipping.tracking.outForDelivery': parcel('is out for delivery with {carrier}'),
  'shipping.tracking.delivered': parcel('was delivered'),
  'shipping.tracking.exception': parcel('met a problem at {carrier}'),
  'shipping.tracking.returned': parcel('comes back with {carrier}'),
  'finance.invoice.posted': (data) => [
    `The ERP posted invoice ${data.text('invoiceNo') ?? ''} over ${moneyText(data.number('totalMinor') ?? 0, data.text('currency') ?? 'USD')}`,
    labelled('due', data.text('dueDate')),
    labelled('for shipment', data.text('shipmentNo')),
  ],
  'finance.invoice.sent': (data, facts) => [`Invoice ${invoiceNo(data, facts)} sent to ${facts.order.customerName}`],
  'finance.invoice.paid': (data, facts) => [
    `Invoice ${invoiceNo(data, facts)} paid in full`,
    labelled('payment', data.text('paymentNo')),
  ],
  'edi.document.received': document('{document} came in from {partner}'),
  'edi.document.parsed': document('{document} of {partner} read and translated'),
  'edi.document.duplicate': document('{document} came in from {partner} again'),
  'edi.document.rejected': document('{document} of {partner} refused'),
  'edi.document.sent': document('{document} handed over to {partner}'),
  'edi.document.functionalAcked': (data, facts) =>
    document(`{partner} ${data.reason === 'rejected' ? 'refused' : 'acknowledged'} {document}`)(data, facts),
  'edi.document.overdue': document('{partner} has not acknowledged {document} in time'),
  'ops.exception.opened': (data) => [`Needs a person: ${titleInSentence(data.text('code') ?? '')}`, data.text('cause')],
  'ops.exception.assigned': (data) => [`Taken on: ${titleInSentence(data.text('code') ?? '')}`, by(data)],
  'ops.exception.resolved': (data) => [
    `Settled: ${titleInSentence(data.text('code') ?? '')}`,
    data.text('resolution'),
    by(data),
  ],
  'ops.intervention.recorded': (data) => [
    `${by(data, 'actor')?.slice(3) ?? 'Somebody'} settled "${titleInSentence(data.text('code') ?? '')}" by ${(data.text('action') ?? 'hand').replaceAll(/[_.-]/g, ' ')}`,
    data.reason,
  ],
  'ops.delivery.failed': delivery('waits for a person'),
  'ops.delivery.deadLettered': delivery('was given up on'),
  'ops.delivery.replayed': delivery('is tried again'),
};
