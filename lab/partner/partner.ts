import type { Effect } from '../effect-log.ts';
import { created, type LabReply, type Route, refused } from '../lab-server.ts';
import type { Bench, System } from '../lab-system.ts';
import { type Framing, Mailbox } from '../mailbox.ts';
import { type PurchaseOrder, purchaseOrderSegments } from './purchase-order.ts';

/**
 * The trading partner Meridian: puts its 850s into the hub's `in` folder by renaming them into place, reads what the hub
 * leaves in `out`, and answers each group with a 997. Every document it sees is logged with its business number.
 */
export class Partner implements System {
  readonly #bench: Bench;
  readonly #mailbox: Mailbox;
  #orders = 0;
  readonly routes: readonly Route[];

  constructor(bench: Bench) {
    this.#bench = bench;
    this.#mailbox = new Mailbox(bench, {
      us: 'MERIDIAN',
      // The PO of an 855, the shipment of an 856, the invoice of an 810.
      businessNumbers: { BAK: 3, BSN: 2, BIG: 2 },
    });
    this.routes = [
      { method: 'POST', path: '/_orders', handle: ({ body }) => this.#order(body) },
      ...this.#mailbox.routes,
    ];
  }

  apply(effect: Effect): void {
    this.#mailbox.apply(effect);
    if (effect.kind === 'order.sent') this.#orders += 1;
  }

  resume(): void {
    this.#mailbox.open();
  }

  stop(): void {
    this.#mailbox.close();
  }

  describe(): unknown {
    return { sent: this.#mailbox.sent, orders: this.#orders, filesRead: this.#mailbox.filesRead };
  }

  /** `PurchaseOrder` plus `version`, `usage` and `control` for tests that need a certain interchange. */
  async #order(body: Record<string, unknown>): Promise<LabReply> {
    const order = body as unknown as PurchaseOrder & Framing;
    if (!Array.isArray(order.lines) || order.lines.length === 0)
      return refused(422, 'NO_LINES', 'an order needs lines');
    const poNumber = order.poNumber ?? `MR-${String(45_000 + this.#orders + 1)}`;
    const segments = purchaseOrderSegments(order, poNumber, '0001', this.#bench.clock());
    const sent = { kind: 'order.sent', key: poNumber, lines: order.lines };
    return created({ poNumber, ...(await this.#mailbox.send('PO', segments, [sent], order)) });
  }
}
