import { isDeepStrictEqual } from 'node:util';
import { handOver, takeLabels } from '../carrier-dock.ts';
import { formatDecimal, parseDecimal } from '../decimal.ts';
import { MISHAPS, type Mishap } from '../dials.ts';
import type { Effect } from '../effect-log.ts';
import { type LabReply, ok, type Route, refused } from '../lab-server.ts';
import type { Bench, NewEffect, System } from '../lab-system.ts';
import { Mailbox } from '../mailbox.ts';
import { openingStock } from '../ridgeline.ts';
import { packCartons, type PickedLine } from '../wms/pack-cartons.ts';
import type { ReadDocument } from '../x12-text.ts';
import { orderRefusal, shippingAdvice } from './advices.ts';
import { splitCartons, ssccOf } from './cartons.ts';
import { adviseParts, cancelledLines, type Part, type Release } from './release.ts';
import { type OrderLine, readShippingOrder, type ShippingOrder } from './shipping-order.ts';
import { type Lot, type Move, takeLots } from './stock-book.ts';
import { StockOffice } from './stock-office.ts';

/** W0501: the codes by which depositors take an order back. */
const CANCELLING = ['F', 'D'];

/**
 * A third party's warehouse that speaks X12 and nothing else: takes releases by 940, picks, packs and ships them after a
 * while, and says so by 945. It labels on its own account with the carrier, and does not cancel what is picked.
 */
export class Warehouse3pl implements System {
  readonly #bench: Bench;
  readonly #mailbox: Mailbox;
  readonly #office: StockOffice;
  readonly #releases = new Map<string, Release>();
  /** Taken in, refused or cancelled, and nothing done about it. */
  #fresh: Release[] = [];
  #shipments = 0;
  #cartons = 0;
  #serials = 0;
  readonly routes: readonly Route[];

  constructor(bench: Bench) {
    this.#bench = bench;
    this.#mailbox = new Mailbox(bench, {
      us: 'RENO3PL',
      businessNumbers: { W05: 2 },
      // The hub reads a folder by name: what is sent first is read first.
      fileName: (type, control) => `${String(control).padStart(6, '0')}-${type}.edi`,
      receive: (document) => this.#receive(document),
      received: () => this.#startFresh(),
    });
    this.#office = new StockOffice(bench, this.#mailbox, () => openingStock('DC2'));
    this.routes = [
      { method: 'POST', path: '/_progress', handle: ({ body }) => this.#progress(body) },
      ...this.#office.routes,
      ...this.#mailbox.routes,
    ];
  }

  apply(effect: Effect): void {
    this.#mailbox.apply(effect);
    this.#office.apply(effect);
    if (effect.kind === 'release.created' || effect.kind === 'release.refused') {
      const order = effect.order as ShippingOrder;
      const { releaseNo } = order;
      const stage = effect.kind === 'release.created' ? 'RELEASED' : 'REFUSED';
      const release: Release = { releaseNo, order, stage, picked: [], parts: [], sent: 0 };
      this.#releases.set(releaseNo, release);
      this.#fresh.push(release);
      return;
    }
    const release = this.#releases.get(String(effect.key));
    if (!release) return;
    if (effect.kind === 'refusal.sent') release.sent = 1;
    if (effect.kind === 'release.cancelled') {
      release.stage = 'CANCEL';
      this.#fresh.push(release);
    }
    if (effect.kind === 'cancellation.confirmed') {
      release.sent = 1;
      this.#shipments += 1;
    }
    if (effect.kind === 'release.picked') {
      release.picked = effect.picked as PickedLine[];
      release.mishap = effect.mishap as Mishap | undefined;
      release.stage = 'PICKED';
    }
    if (effect.kind === 'release.packed') {
      release.parts = effect.parts as Part[];
      release.stage = 'PACKED';
      this.#shipments += release.parts.length;
      this.#cartons += release.parts.flatMap(({ cartons }) => cartons).length;
      this.#serials += Number(effect.serialsUsed);
    }
    if (effect.kind === 'release.shipped') {
      release.sent += 1;
      if (release.sent === release.parts.length) release.stage = 'SHIPPED';
    }
  }

  resume(): void {
    this.#fresh = [];
    this.#office.resume();
    for (const release of this.#releases.values()) this.#next(release);
    this.#mailbox.open();
  }

  stop(): void {
    this.#mailbox.close();
  }

  describe(): unknown {
    const stages: Record<string, number> = {};
    for (const { stage } of this.#releases.values()) stages[stage] = (stages[stage] ?? 0) + 1;
    return { releases: this.#releases.size, stages, sent: this.#mailbox.sent, stock: this.#office.describe() };
  }

  /** What a 940 comes to; anything else is only logged. */
  #receive(document: ReadDocument): NewEffect[] {
    if (document.type !== '940') return [];
    const order = readShippingOrder(document);
    const key = order.releaseNo;
    const release = this.#releases.get(key);
    if (CANCELLING.includes(order.status)) return [this.#cancel(key, release)];
    if (order.status !== 'N') return [{ kind: 'order.ignored', key, status: order.status }];
    if (release === undefined || release.stage === 'REFUSED') {
      const barred = order.lines.some(({ sku }) => this.#bench.dials.rejectSkus[sku] !== undefined);
      return [{ kind: barred ? 'release.refused' : 'release.created', key, order }];
    }
    const same = isDeepStrictEqual(release.order, order);
    return [{ kind: 'release.repeated', key, ...(same ? {} : { order }) }];
  }

  #startFresh(): void {
    const fresh = this.#fresh;
    this.#fresh = [];
    for (const release of fresh) this.#next(release);
  }

  /** What is picked is not put back on its shelf: it ships. */
  #cancel(key: string, release: Release | undefined): NewEffect {
    if (release === undefined) return { kind: 'cancellation.unknown', key };
    if (release.stage === 'CANCEL') return { kind: 'cancellation.repeated', key };
    return release.stage === 'RELEASED'
      ? { kind: 'release.cancelled', key }
      : { kind: 'cancellation.refused', key, stage: release.stage };
  }

  #next(release: Release): void {
    if (release.stage === 'RELEASED') this.#bench.later('pick', () => this.#pick(release));
    if (release.stage === 'PICKED') this.#bench.later('pack', () => this.#pack(release));
    const isLate = release.mishap === 'late' && release.sent === 0;
    if (release.stage === 'PACKED') this.#bench.later(isLate ? 'late' : 'ship', () => this.#ship(release));
    if (release.stage === 'CANCEL' && release.sent === 0) void this.#confirmCancellation(release);
    if (release.stage === 'REFUSED' && release.sent === 0) void this.#refuse(release);
  }

  async #refuse({ releaseNo, order }: Release): Promise<void> {
    const { rejectSkus } = this.#bench.dials;
    const reasons = order.lines.flatMap(({ sku }) => (rejectSkus[sku] ? [`${rejectSkus[sku]} ${sku}`] : []));
    const adviceNo = `AD-${10_001 + this.#mailbox.sent}`;
    const segments = orderRefusal(releaseNo, adviceNo, reasons.join(', ') || 'refused', '0001', this.#bench.clock());
    await this.#mailbox.send('AG', segments, [{ kind: 'refusal.sent', key: releaseNo, adviceNo }]);
  }

  /** By a 945 that ships nothing of any line. */
  async #confirmCancellation({ releaseNo, order }: Release): Promise<void> {
    const shipmentNo = `RN-${100_001 + this.#shipments}`;
    const lines = cancelledLines(order.lines);
    const segments = shippingAdvice(order, { shipmentNo, cartons: [], lines }, '0001', this.#bench.clock());
    const confirmed = { kind: 'cancellation.confirmed', key: releaseNo, shipmentNo, lines };
    await this.#mailbox.send('SW', segments, [confirmed]);
  }

  /** `{releaseNo, step: 'pick' | 'pack' | 'ship', quantities?: {lineNo: qty}}`, for tests that drive by hand. */
  async #progress(body: Record<string, unknown>): Promise<LabReply> {
    const release = this.#releases.get(String(body.releaseNo));
    if (!release) return refused(404, 'NOT_FOUND', 'no such release');
    if (body.step === 'pick') await this.#pick(release, body.quantities as Record<string, string> | undefined);
    if (body.step === 'pack') await this.#pack(release);
    if (body.step === 'ship') await this.#ship(release);
    return ok({ releaseNo: release.releaseNo, status: release.stage });
  }

  async #pick(release: Release, wanted?: Record<string, string>): Promise<void> {
    if (release.stage !== 'RELEASED') return;
    const { releaseNo: key, order } = release;
    const mishap = this.#drawMishap();
    const spoils = mishap === 'short' || mishap === 'damaged';
    const lines = order.lines.map((line, index) => this.#pickLine(line, wanted?.[line.lineNo], spoils && index === 0));
    const lost = lines.flatMap(({ missing }) => missing);
    await this.#bench.record({
      kind: 'release.picked',
      key,
      ...(mishap === undefined ? {} : { mishap }),
      picked: lines.map(({ picked }) => picked),
      picks: lines.flatMap(({ picks }) => picks),
      // What is not found is gone, which the next report of the stock will show.
      moves: mishap === 'damaged' ? [] : lost,
    });
    if (mishap === 'damaged' && lost.length > 0) await this.#office.setAside(lost);
    this.#next(release);
  }

  #drawMishap(): Mishap | undefined {
    let draw = this.#bench.random();
    return MISHAPS.find((mishap) => {
      draw -= this.#bench.dials.mishaps[mishap] ?? 0;
      return draw < 0;
    });
  }

  /** No more than the book has. What is missing besides is by the dial, by hand, or a tenth of a line that is spoilt. */
  #pickLine(line: OrderLine, wanted: string | undefined, spoilt: boolean) {
    const { sku, uom } = line;
    const { shortPick } = this.#bench.dials;
    const ordered = parseDecimal(line.qty);
    const dialled = wanted === undefined ? parseDecimal(shortPick[sku] ?? '0') : ordered - parseDecimal(wanted);
    const missing = min(ordered, spoilt && dialled === 0n ? tenthOf(ordered) : dialled);
    if (wanted === undefined && missing > 0n && !spoilt) shortPick[sku] = formatDecimal(dialled - missing);
    const [taken, lost] = takeLots(this.#office.book.free(sku, uom, ordered, line.lots), ordered - missing);
    const qty = taken.reduce((sum, lot) => sum + parseDecimal(lot.qty), 0n);
    const picked: PickedLine = {
      lineNo: line.lineNo,
      sku,
      uom,
      qty: formatDecimal(qty),
      short: formatDecimal(ordered - qty),
      lots: taken.flatMap(({ lot, qty }) => (lot === undefined ? [] : [{ lot, qty }])),
    };
    const move = ({ lot, qty }: Lot): Move => ({ sku, ...(lot === undefined ? {} : { lot }), quantity: qty, uom });
    return { picked, picks: taken.map(move), missing: lost.map(move).map(negated) };
  }

  async #pack(release: Release): Promise<void> {
    if (release.stage !== 'PICKED') return;
    const before = this.#serials;
    let serialsUsed = 0;
    const nextSerial = (sku: string): string => {
      serialsUsed += 1;
      return `${sku}-RENO-${String(before + serialsUsed).padStart(6, '0')}`;
    };
    const { serialSkus } = this.#bench.dials;
    const cartons = packCartons(release.picked, { lots: {}, serialSkus, nextSerial });
    const loads = release.mishap === 'twoParts' ? splitCartons(cartons) : [cartons];
    const lines = adviseParts(release.picked, loads);
    let carton = this.#cartons;
    const parts = loads.map((load, index): Part => {
      const shipmentNo = `RN-${100_001 + this.#shipments + index}`;
      const marked = load.map((each) => ({ ...each, sscc: ssccOf((carton += 1)) }));
      return { shipmentNo, cartons: marked, lines: lines[index] ?? [] };
    });
    await this.#bench.record({ kind: 'release.packed', key: release.releaseNo, parts, serialsUsed });
    this.#next(release);
  }

  async #ship(release: Release): Promise<void> {
    const part = release.parts[release.sent];
    if (release.stage !== 'PACKED' || part === undefined) return;
    const { order, mishap } = release;
    const { shipmentNo, lines } = part;
    const { carrierUrl } = this.#bench.config;
    const numbers = await takeLabels(carrierUrl, { shipmentNo, carrier: order.scac, packages: part.cartons.length });
    // Meanwhile somebody may have shipped it by hand.
    if (release.parts[release.sent] !== part) return;
    const labelled = part.cartons.map((carton, index) => ({
      ...carton,
      trackingNumber: numbers[index] ?? `RENO${carton.sscc.slice(8)}`,
    }));
    const cartons = mishap === 'wrongItem' ? this.#mistake(labelled) : labelled;
    const segments = shippingAdvice(order, { shipmentNo, cartons, lines }, '0001', this.#bench.clock());
    const shipped = { kind: 'release.shipped', key: release.releaseNo, shipmentNo, cartons, lines };
    const moves = cartons.flatMap(movesOut);
    await this.#mailbox.send('SW', segments, [{ ...shipped, moves, picks: part.cartons.flatMap(movesOut) }]);
    if (mishap === 'twice') {
      await this.#mailbox.send('SW', segments, [{ kind: 'advice.repeated', key: release.releaseNo, shipmentNo }]);
    }
    await handOver(carrierUrl, numbers);
    this.#next(release);
  }

  /** Something else went into the first carton than was asked for. */
  #mistake<T extends Part['cartons'][number]>(cartons: readonly T[]): T[] {
    const [first, ...others] = cartons;
    const [content, ...rest] = first?.contents ?? [];
    const other = this.#office.book.positions().find(({ sku, uom }) => sku !== content?.sku && uom === content?.uom);
    if (first === undefined || content === undefined || other === undefined) return [...cartons];
    const { lineNo, qty, uom } = content;
    const wrong = { lineNo, sku: other.sku, qty, uom, ...(other.lot === undefined ? {} : { lot: other.lot }) };
    return [{ ...first, contents: [wrong, ...rest] }, ...others];
  }
}

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** Whole pieces, one at least. */
const tenthOf = (quantity: bigint): bigint => {
  const piece = parseDecimal('1');
  const tenth = (quantity / (10n * piece)) * piece;
  return tenth > piece ? tenth : piece;
};

const negated = (move: Move): Move => ({ ...move, quantity: formatDecimal(-parseDecimal(move.quantity)) });

const movesOut = ({ contents }: Part['cartons'][number]): Move[] =>
  contents.map(({ sku, lot, qty, uom }) => negated({ sku, ...(lot === undefined ? {} : { lot }), quantity: qty, uom }));
