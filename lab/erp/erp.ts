import { isDeepStrictEqual } from 'node:util';
import type { Effect } from '../effect-log.ts';
import { created, type LabCall, type LabReply, ok, type Route, refused } from '../lab-server.ts';
import type { Bench, NewEffect, System } from '../lab-system.ts';
import { Branch } from './branch.ts';
import { DocumentStore, type StoredDocument } from './document-store.ts';
import { Receivables, type ShippedGoods } from './receivables.ts';
import type { ShippedLine } from './invoice-lines.ts';

/**
 * The ERP: orders and shipments written under the caller's id (PUT, class A) or posted with a reference that is
 * searchable and not unique (POST, class C); it invoices what was shipped, takes money, and ships for branches.
 */
export class Erp implements System {
  readonly #bench: Bench;
  readonly #orders = new DocumentStore('order', '/api/orders', 'orderNo', 'SO');
  readonly #shipments = new DocumentStore('shipment', '/api/shipments', 'shipmentNo', 'DN');
  readonly #cancellations = new DocumentStore('cancellation', '/api/cancellations', 'orderNo', 'CX', 'order.cancel');
  readonly #branch: Branch;
  readonly #receivables: Receivables;
  readonly #statusSequences = new Map<string, number>();
  readonly routes: readonly Route[];

  constructor(bench: Bench) {
    this.#bench = bench;
    this.#branch = new Branch(bench, {
      statusReport: (reference) =>
        this.#orders
          .byReference(reference)
          .slice(0, 1)
          .flatMap((order) => this.#statusReport(order, 'SHIPPED')),
      shipped: (goodsIssueNo) => this.#receivables.shipped(goodsIssueNo),
    });
    const goods = {
      byNumber: (number: string) => goodsOf(this.#shipments.byNumber(number)) ?? this.#branch.goodsIssue(number),
      byReference: (reference: string) => [
        ...this.#shipments.byReference(reference).map((entry) => goodsOf(entry)),
        ...this.#branch.goodsIssuesOf(reference),
      ],
      all: () => [...[...this.#shipments.all()].map((entry) => goodsOf(entry)), ...this.#branch.goodsIssues()],
    };
    this.#receivables = new Receivables(bench, this.#orders, goods, (order, status) =>
      this.#statusReport(order, status),
    );
    this.routes = [
      ...this.#changeRoutes(),
      ...[this.#orders, this.#shipments, this.#cancellations].flatMap((store) => this.#routesOf(store)),
      ...this.#branch.routes,
      ...this.#controlRoutes(),
    ];
  }

  apply(effect: Effect): void {
    for (const store of [this.#orders, this.#shipments, this.#cancellations]) store.apply(effect);
    this.#receivables.apply(effect);
    this.#branch.apply(effect);
    if (effect.kind === 'webhook.queued') {
      const { event, orderNo, seq } = effect.body as { event: string; orderNo: string; seq: number };
      if (event === 'order.status') this.#statusSequences.set(orderNo, seq);
    }
  }

  resume(): void {
    this.#receivables.resume();
    this.#branch.resume();
  }

  describe(): unknown {
    return {
      orders: this.#orders.size,
      shipments: this.#shipments.size,
      branchReleases: this.#branch.size,
      ...this.#receivables.describe(),
    };
  }

  #routesOf(store: DocumentStore): Route[] {
    const { operation } = store;
    const find = `${store.name}.find`;
    return [
      { method: 'PUT', path: `${store.path}/:key`, operation, handle: (call) => this.#put(store, call) },
      { method: 'POST', path: store.path, operation, handle: (call) => this.#post(store, call) },
      {
        method: 'GET',
        path: `${store.path}/:key`,
        operation: find,
        handle({ params }) {
          const entry = store.byKey(params.key ?? '')[0];
          return entry ? ok(store.replyOf(entry)) : refused(404, 'NOT_FOUND', 'no such document');
        },
      },
      {
        method: 'GET',
        path: store.path,
        operation: find,
        handle: ({ query }) =>
          ok({ items: store.byKey(query.get('reference') ?? '').map((entry) => store.replyOf(entry)) }),
      },
    ];
  }

  /** Changing an order under the ERP's own number needs no upsert by the caller's key. */
  #changeRoutes(): Route[] {
    const path = `${this.#orders.path}/by-number/:number`;
    return [
      {
        method: 'PUT',
        path,
        operation: 'order.change',
        handle: ({ params, body }) => {
          const existing = this.#orders.byNumber(params.number ?? '');
          return existing ? this.#overwrite(this.#orders, existing, body) : refused(404, 'NOT_FOUND', 'no such order');
        },
      },
      {
        method: 'GET',
        path,
        operation: 'order.find',
        handle: ({ params }) => {
          const existing = this.#orders.byNumber(params.number ?? '');
          return existing ? ok(this.#orders.replyOf(existing)) : refused(404, 'NOT_FOUND', 'no such order');
        },
      },
    ];
  }

  async #put(store: DocumentStore, { params, body }: LabCall): Promise<LabReply> {
    if (this.#bench.dials.idempotency === 'C') return refused(405, 'NOT_OFFERED', 'this ERP has no upsert');
    const key = params.key ?? '';
    const existing = store.byKey(key)[0];
    return existing ? this.#overwrite(store, existing, body) : this.#create(store, key, body);
  }

  async #overwrite(store: DocumentStore, existing: StoredDocument, body: Record<string, unknown>): Promise<LabReply> {
    const { key, number } = existing;
    if (isDeepStrictEqual(existing.document, body)) {
      await this.#bench.record({ kind: `${store.name}.repeated`, key, number });
      return ok(store.replyOf(existing));
    }
    const problem = this.#objection(store, body);
    if (problem) return problem;
    await this.#bench.record({ kind: `${store.name}.updated`, key, number, document: body });
    return ok(store.replyOf(existing));
  }

  #post(store: DocumentStore, { body }: LabCall): LabReply | Promise<LabReply> {
    if (this.#bench.dials.idempotency === 'A') return refused(405, 'NOT_OFFERED', 'this ERP has upsert only');
    const { reference, ...document } = body;
    if (typeof reference !== 'string') return refused(400, 'REFERENCE_MISSING', 'reference is missing');
    return this.#create(store, reference, document);
  }

  async #create(store: DocumentStore, key: string, document: Record<string, unknown>): Promise<LabReply> {
    const problem = this.#objection(store, document);
    if (problem) return problem;
    const about = this.#orders.byReference(document.customerReference)[0];
    // A cancellation is answered with the number of the order it is about.
    const number = store === this.#cancellations && about ? about.number : store.nextNumber();
    const order = store === this.#orders ? { number, key, document, revision: 1 } : about;
    const status = store === this.#orders ? 'OPEN' : store === this.#shipments ? 'SHIPPED' : 'CANCELLED';
    await this.#bench.record(
      { kind: `${store.name}.created`, key, number, document },
      ...(order ? this.#statusReport(order, status) : []),
    );
    if (store === this.#shipments) this.#receivables.shipped(number);
    return created(store.replyOf({ number, key, document, revision: 1 }));
  }

  #objection(store: DocumentStore, document: Record<string, unknown>): LabReply | undefined {
    const lines = document.lines as { item?: unknown }[] | undefined;
    if (!Array.isArray(lines) || lines.length === 0) return refused(422, 'NO_LINES', 'a document needs lines');
    const { customerReference } = document;
    if (typeof customerReference !== 'string') return refused(400, 'REFERENCE_MISSING', 'customerReference is missing');
    if (store !== this.#orders && this.#orders.byReference(customerReference).length === 0) {
      return refused(422, 'ORDER_UNKNOWN', `no order with reference ${customerReference}`);
    }
    const barred = lines.find((line) => this.#bench.dials.rejectSkus[String(line.item)] !== undefined);
    if (!barred) return undefined;
    const item = String(barred.item);
    return refused(422, this.#bench.dials.rejectSkus[item] ?? 'ITEM_REFUSED', `item ${item} is refused`);
  }

  #statusReport(order: StoredDocument, status: string): NewEffect[] {
    if (!this.#bench.dials.statusWebhooks) return [];
    const { customerReference } = order.document;
    const seq = (this.#statusSequences.get(order.number) ?? 0) + 1;
    const body = {
      event: 'order.status',
      seq,
      at: this.#bench.now(),
      orderNo: order.number,
      customerReference,
      status,
    };
    return [this.#bench.webhook(String(customerReference), body)];
  }

  #controlRoutes(): Route[] {
    return [
      {
        method: 'POST',
        path: '/_payments',
        handle: async ({ body }) => created(await this.#receivables.receive(body)),
      },
      {
        method: 'POST',
        path: '/_progress',
        handle: async ({ body }) => {
          if (body.step === 'invoice') return ok({ invoiced: await this.#receivables.invoiceAll() });
          await this.#branch.ship(String(body.releaseNo));
          return ok({});
        },
      },
    ];
  }
}

function goodsOf(entry: StoredDocument): ShippedGoods;
function goodsOf(entry: StoredDocument | undefined): ShippedGoods | undefined;
function goodsOf(entry: StoredDocument | undefined): ShippedGoods | undefined {
  if (entry === undefined) return undefined;
  const { customerReference, deliveryNo, lines } = entry.document;
  return {
    number: entry.number,
    customerReference: String(customerReference),
    ...(typeof deliveryNo === 'string' ? { deliveryNo } : {}),
    lines: lines as ShippedLine[],
  };
}
