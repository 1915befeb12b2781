import { isDeepStrictEqual } from 'node:util';
import type { Effect } from '../effect-log.ts';
import { created, type LabReply, ok, type Route, refused } from '../lab-server.ts';
import type { Bench, NewEffect } from '../lab-system.ts';
import type { ShippedGoods } from './receivables.ts';

interface ReleaseLine {
  lineNo: number;
  sku: string;
  qty: string;
  uom: string;
  lots?: { lot: string; qty: string }[];
}

interface BranchRelease {
  releaseNo: string;
  document: Record<string, unknown>;
  state: 'open' | 'shipped' | 'cancelled';
}

/** What the rest of the ERP does about a goods issue. */
export interface AfterGoodsIssue {
  /** Reports the new status of the order with this customer reference. */
  statusReport(customerReference: string): NewEffect[];
  /** Has it billed. */
  shipped(goodsIssueNo: string): void;
}

const notFound = refused(404, 'NOT_FOUND', 'no such document');

/** Branches without a WMS: the counter staff ships, and the ERP posts one goods issue per release. */
export class Branch {
  readonly #bench: Bench;
  readonly #after: AfterGoodsIssue;
  readonly #goodsIssues = new Map<string, ShippedGoods>();
  readonly #byReference = new Map<string, ShippedGoods[]>();
  readonly #releases = new Map<string, BranchRelease>();
  /** What was asked under each operation and caller's key, so that a repeat is recognised. */
  readonly #byKey = new Map<string, { release: BranchRelease; document: Record<string, unknown> }>();
  readonly routes: readonly Route[];

  constructor(bench: Bench, after: AfterGoodsIssue) {
    this.#bench = bench;
    this.#after = after;
    this.routes = [
      ...this.#pair('/api/branch-releases', 'release.create', (key, body) => this.#release(key, body)),
      ...this.#pair('/api/branch-release-cancellations', 'release.cancel', (key, body) => this.#cancel(key, body)),
      ...this.#pair('/api/branch-labels', 'label.attach', (key, body) => this.#label(key, body)),
    ];
  }

  get size(): number {
    return this.#releases.size;
  }

  goodsIssue(number: string): ShippedGoods | undefined {
    return this.#goodsIssues.get(number);
  }

  goodsIssues(): Iterable<ShippedGoods> {
    return this.#goodsIssues.values();
  }

  goodsIssuesOf(customerReference: string): readonly ShippedGoods[] {
    return this.#byReference.get(customerReference) ?? [];
  }

  apply(effect: Effect): void {
    const key = String(effect.key);
    const document = effect.document as Record<string, unknown>;
    if (effect.kind === 'branch.released') {
      const release: BranchRelease = { releaseNo: String(effect.releaseNo), document, state: 'open' };
      this.#releases.set(release.releaseNo, release);
      this.#byKey.set(`release.create ${key}`, { release, document });
      return;
    }
    const release = effect.kind.startsWith('branch.') ? this.#releases.get(String(effect.releaseNo)) : undefined;
    if (!release) return;
    if (effect.kind === 'branch.shipped') {
      release.state = 'shipped';
      this.#issued(key, release, effect.items as IssuedItem[]);
    }
    if (effect.kind === 'branch.cancelled') {
      release.state = 'cancelled';
      this.#byKey.set(`release.cancel ${key}`, { release, document });
    }
    if (effect.kind === 'branch.labelled') {
      this.#byKey.set(`label.attach ${key}`, { release, document });
      const goods = this.#goodsIssues.get(numberOfIssue(release.releaseNo));
      if (goods && typeof document.shipmentNo === 'string') goods.deliveryNo = document.shipmentNo;
    }
  }

  #issued(number: string, release: BranchRelease, items: readonly IssuedItem[]): void {
    const customerReference = String(release.document.orderRef);
    const goods: ShippedGoods = { number, customerReference, lines: items };
    this.#goodsIssues.set(number, goods);
    this.#byReference.set(customerReference, [...this.goodsIssuesOf(customerReference), goods]);
  }

  resume(): void {
    for (const { state, releaseNo } of this.#releases.values()) {
      if (state === 'open') this.#bench.later('branchShip', () => this.ship(releaseNo));
    }
  }

  async ship(releaseNo: string): Promise<void> {
    const release = this.#releases.get(releaseNo);
    if (release?.state !== 'open') return;
    const lines = release.document.lines as ReleaseLine[];
    const items = lines.flatMap((line) => itemsOf(line, this.#bench.dials.lots[line.sku]));
    const at = this.#bench.now();
    const goodsIssueNo = numberOfIssue(releaseNo);
    const { warehouse: branch, orderRef: customerReference } = release.document;
    const packages = [{ no: 1, weightGrams: 1_000, items }];
    const body = {
      event: 'shipment.posted',
      seq: 1,
      at,
      postedAt: at,
      goodsIssueNo,
      releaseNo,
      branch,
      customerReference,
    };
    await this.#bench.record(
      { kind: 'branch.shipped', key: goodsIssueNo, releaseNo, items },
      this.#bench.webhook(String(customerReference), { ...body, packages }),
      ...this.#after.statusReport(String(customerReference)),
    );
    this.#after.shipped(goodsIssueNo);
  }

  #pair(path: string, operation: string, write: (key: string, body: Record<string, unknown>) => Promise<LabReply>) {
    const routes: Route[] = [
      {
        method: 'PUT',
        path: `${path}/:key`,
        operation,
        handle: async ({ params, body }) => {
          const known = this.#byKey.get(`${operation} ${params.key}`);
          if (known && isDeepStrictEqual(known.document, body)) return ok(replyOf(known.release, known.document));
          return write(params.key ?? '', body);
        },
      },
      {
        method: 'GET',
        path: `${path}/:key`,
        operation: 'release.find',
        handle: ({ params }) => {
          const known = this.#byKey.get(`${operation} ${params.key}`);
          return known ? ok(replyOf(known.release, known.document)) : notFound;
        },
      },
    ];
    return routes;
  }

  async #release(key: string, document: Record<string, unknown>): Promise<LabReply> {
    const { releaseNo, lines } = document;
    if (typeof releaseNo !== 'string' || !Array.isArray(lines) || lines.length === 0) {
      return refused(422, 'NO_LINES', 'a release needs a number and lines');
    }
    const barred = (lines as ReleaseLine[]).find(({ sku }) => this.#bench.dials.rejectSkus[sku] !== undefined);
    if (barred) {
      return refused(422, this.#bench.dials.rejectSkus[barred.sku] ?? 'ITEM_REFUSED', `item ${barred.sku} is refused`);
    }
    if (this.#releases.has(releaseNo)) return refused(409, 'RELEASE_EXISTS', 'the release exists with other content');
    await this.#bench.record({ kind: 'branch.released', key, releaseNo, document });
    this.#bench.later('branchShip', () => this.ship(releaseNo));
    return created({ releaseNo, status: 'open', document });
  }

  async #cancel(key: string, document: Record<string, unknown>): Promise<LabReply> {
    const release = this.#releases.get(String(document.releaseNo));
    if (!release) return notFound;
    if (release.state === 'shipped') return refused(409, 'ALREADY_SHIPPED', 'the branch has shipped it');
    await this.#bench.record({ kind: 'branch.cancelled', key, releaseNo: release.releaseNo, document });
    return ok(replyOf(release, document));
  }

  async #label(key: string, document: Record<string, unknown>): Promise<LabReply> {
    const release = this.#releases.get(String(document.releaseNo));
    if (!release) return notFound;
    await this.#bench.record({ kind: 'branch.labelled', key, releaseNo: release.releaseNo, document });
    return ok(replyOf(release, document));
  }
}

/** A branch issues the goods of a release in one go. */
const numberOfIssue = (releaseNo: string): string => `GI-${releaseNo}`;

const replyOf = ({ releaseNo, state }: BranchRelease, document: unknown) => ({
  releaseNo,
  status: state === 'cancelled' ? 'CANCEL' : state,
  document,
});

interface IssuedItem {
  line: number;
  item: string;
  unit: string;
  qty: string;
  lot?: string;
}

function itemsOf(line: ReleaseLine, usualLot: string | undefined): IssuedItem[] {
  const base = { line: line.lineNo, item: line.sku, unit: line.uom };
  if (line.lots?.length) return line.lots.map(({ lot, qty }) => ({ ...base, qty, lot }));
  return [{ ...base, qty: line.qty, ...(usualLot ? { lot: usualLot } : {}) }];
}
