import type { Effect } from './effect-log.ts';
import { created, type LabCall, type LabReply, ok, type Route, refused } from './lab-server.ts';
import type { Bench, System } from './lab-system.ts';

interface ShopOrder {
  id: string;
  document: Record<string, unknown>;
  fulfillments: { id: string; reference: string; document: Record<string, unknown> }[];
}

/** The shop: it places orders, takes fulfilments whose reference is unique (class B), and shows stock levels (class A). */
export class Storefront implements System {
  readonly #bench: Bench;
  readonly #orders = new Map<string, ShopOrder>();
  readonly #references = new Map<string, ShopOrder>();
  readonly #levels = new Map<string, { available: string; unit: string }>();
  readonly routes: readonly Route[];

  constructor(bench: Bench) {
    this.#bench = bench;
    this.routes = [
      { method: 'POST', path: '/_orders', handle: ({ body }) => this.#place(body) },
      {
        method: 'POST',
        path: '/shop/orders/:id/fulfillments',
        operation: 'fulfillment.create',
        handle: (call) => this.#fulfil(call),
      },
      {
        method: 'GET',
        path: '/shop/orders/:id/fulfillments',
        operation: 'fulfillment.find',
        handle: ({ params, query }) => {
          const reference = query.get('reference');
          const found = this.#orders.get(params.id ?? '')?.fulfillments ?? [];
          return ok({ fulfillments: found.filter((each) => reference === null || each.reference === reference) });
        },
      },
      {
        method: 'PUT',
        path: '/shop/inventory',
        operation: 'availability.publish',
        handle: ({ body }) => this.#setLevels(body),
      },
      { method: 'GET', path: '/_inventory', handle: () => ok(Object.fromEntries(this.#levels)) },
    ];
  }

  apply(effect: Effect): void {
    if (effect.kind === 'order.placed') {
      const document = effect.order as Record<string, unknown>;
      this.#orders.set(String(effect.key), { id: String(effect.key), document, fulfillments: [] });
    }
    if (effect.kind === 'fulfillment.created') {
      const { id, key: reference, document } = effect as Effect & { id: string; document: Record<string, unknown> };
      const order = this.#orders.get(String(effect.orderId));
      order?.fulfillments.push({ id, reference: String(reference), document });
      if (order) this.#references.set(String(reference), order);
    }
    if (effect.kind === 'inventory.set') {
      for (const { sku, available, unit } of effect.levels as { sku: string; available: string; unit: string }[]) {
        this.#levels.set(sku, { available, unit });
      }
    }
  }

  resume(): void {}

  describe(): unknown {
    return { orders: this.#orders.size, fulfillments: this.#references.size, levels: this.#levels.size };
  }

  /** A shopper buys: `{lineItems: [{sku, quantity, unit?, unitPrice?}], accountNo?, shippingAddress?, …}`. */
  async #place(body: Record<string, unknown>): Promise<LabReply> {
    const items = body.lineItems as Record<string, unknown>[] | undefined;
    if (!Array.isArray(items) || items.length === 0) return refused(422, 'NO_LINES', 'an order needs line items');
    const at = this.#bench.now();
    const count = this.#orders.size + 1;
    const id = typeof body.id === 'string' ? body.id : `gid-${700_000 + count}`;
    if (this.#orders.has(id)) return refused(409, 'ORDER_EXISTS', `order ${id} exists`);
    const order = {
      number: `SF-${100_000 + count}`,
      currency: 'USD',
      ...body,
      id,
      placedAt: at,
      lineItems: items.map((item, index) => ({ id: `${index + 1}`, unit: 'EA', ...item })),
    };
    await this.#bench.record(
      { kind: 'order.placed', key: id, order },
      this.#bench.webhook(id, { event: 'order.placed', seq: 1, at, order }),
    );
    return created(order);
  }

  async #fulfil({ params, body }: LabCall): Promise<LabReply> {
    const order = this.#orders.get(params.id ?? '');
    if (!order) return refused(404, 'ORDER_UNKNOWN', 'no such order');
    const { reference, ...document } = body;
    if (typeof reference !== 'string') return refused(400, 'REFERENCE_MISSING', 'reference is missing');
    if (this.#references.has(reference)) return refused(409, 'DUPLICATE_REFERENCE', 'the reference is taken');
    if (!Array.isArray(document.lineItems) || document.lineItems.length === 0) {
      return refused(422, 'NO_LINES', 'a fulfilment needs line items');
    }
    const id = `FF-${600_001 + this.#references.size}`;
    await this.#bench.record({ kind: 'fulfillment.created', key: reference, id, orderId: order.id, document });
    return created({ id, reference, document });
  }

  async #setLevels(body: Record<string, unknown>): Promise<LabReply> {
    const levels = body.levels as unknown[] | undefined;
    if (!Array.isArray(levels)) return refused(400, 'LEVELS_MISSING', 'levels is missing');
    await this.#bench.record({ kind: 'inventory.set', levels });
    return ok({ accepted: levels.length });
  }
}
