import { isDeepStrictEqual } from 'node:util';
import { handOver } from '../carrier-dock.ts';
import { formatDecimal, parseDecimal } from '../decimal.ts';
import type { Effect } from '../effect-log.ts';
import { created, type LabCall, type LabReply, ok, type Route, refused } from '../lab-server.ts';
import type { Bench, NewEffect, System } from '../lab-system.ts';
import { type Carton, packCartons, type PickedLine, type ReleaseLine } from './pack-cartons.ts';

type Stage = 'RELEASED' | 'PICKED' | 'PACKED' | 'LABELLED' | 'SHIPPED' | 'SHORT' | 'CANCEL';

interface Release {
  releaseNo: string;
  document: Record<string, unknown>;
  stage: Stage;
  /** Rises by one with everything that is reported about the release. */
  seq: number;
  picked: PickedLine[];
  cartons: Carton[];
  labels?: Record<string, unknown>;
  cancellation?: Record<string, unknown>;
}

const notFound = refused(404, 'NOT_FOUND', 'no such release');

/**
 * One warehouse: takes releases by their number (PUT, class A), picks after a while, packs, waits for labels, ships, and
 * reports each step with cumulative quantities and a rising sequence.
 */
export class Wms implements System {
  readonly #bench: Bench;
  readonly #releases = new Map<string, Release>();
  #serials = 0;
  readonly routes: readonly Route[];

  constructor(bench: Bench) {
    this.#bench = bench;
    const base = '/wms/:warehouse/releases/:releaseNo';
    const put = (path: string, operation: string, handle: (call: LabCall) => Promise<LabReply>): Route => ({
      method: 'PUT',
      path,
      operation,
      handle,
    });
    const get = (path: string, documentOf: (release: Release) => unknown): Route => ({
      method: 'GET',
      path,
      operation: 'release.find',
      handle: ({ params }) => {
        const release = this.#releases.get(params.releaseNo ?? '');
        const document = release && documentOf(release);
        return release && document ? ok(replyOf(release, document)) : notFound;
      },
    });
    this.routes = [
      put(base, 'release.create', (call) => this.#release(call)),
      put(`${base}/cancellation`, 'release.cancel', (call) => this.#cancel(call)),
      put(`${base}/labels`, 'label.attach', (call) => this.#label(call)),
      get(base, (release) => release.document),
      get(`${base}/cancellation`, (release) => release.cancellation),
      get(`${base}/labels`, (release) => release.labels),
      { method: 'POST', path: '/_progress', handle: (call) => this.#progress(call.body) },
      { method: 'POST', path: '/_stock', handle: (call) => this.#changeStock(call.body) },
    ];
  }

  apply(effect: Effect): void {
    if (effect.kind === 'release.created') {
      const releaseNo = String(effect.key);
      const document = effect.document as Record<string, unknown>;
      this.#releases.set(releaseNo, { releaseNo, document, stage: 'RELEASED', seq: 0, picked: [], cartons: [] });
      return;
    }
    const release = effect.kind.startsWith('release.') ? this.#releases.get(String(effect.key)) : undefined;
    if (!release) return;
    if (effect.seq !== undefined) release.seq = Number(effect.seq);
    if (effect.stage !== undefined) release.stage = effect.stage as Stage;
    if (effect.kind === 'release.picked') release.picked = effect.picked as PickedLine[];
    if (effect.kind === 'release.labelled') release.labels = effect.document as Record<string, unknown>;
    if (effect.kind === 'release.cancelled') release.cancellation = effect.document as Record<string, unknown>;
    if (effect.kind === 'release.packed') {
      release.cartons = effect.cartons as Carton[];
      this.#serials += Number(effect.serialsUsed ?? 0);
    }
  }

  resume(): void {
    for (const release of this.#releases.values()) this.#next(release);
  }

  describe(): unknown {
    const stages: Record<string, number> = {};
    for (const { stage } of this.#releases.values()) stages[stage] = (stages[stage] ?? 0) + 1;
    return { releases: this.#releases.size, stages };
  }

  async #release({ params, body }: LabCall): Promise<LabReply> {
    const releaseNo = params.releaseNo ?? '';
    const existing = this.#releases.get(releaseNo);
    if (existing) {
      if (!isDeepStrictEqual(existing.document, body)) {
        return refused(409, 'RELEASE_EXISTS', 'the release exists with other content');
      }
      await this.#bench.record({ kind: 'release.repeated', key: releaseNo });
      return ok(replyOf(existing, existing.document));
    }
    const lines = body.lines as ReleaseLine[] | undefined;
    if (!Array.isArray(lines) || lines.length === 0) return refused(422, 'NO_LINES', 'a release needs lines');
    const barred = lines.find(({ sku }) => this.#bench.dials.rejectSkus[sku] !== undefined);
    if (barred) {
      return refused(422, this.#bench.dials.rejectSkus[barred.sku] ?? 'ITEM_REFUSED', `item ${barred.sku} is refused`);
    }
    await this.#bench.record({ kind: 'release.created', key: releaseNo, warehouse: params.warehouse, document: body });
    const release = this.#releases.get(releaseNo);
    if (release) this.#next(release);
    return created({ releaseNo, status: 'RELEASED', document: body });
  }

  async #cancel({ params, body }: LabCall): Promise<LabReply> {
    const release = this.#releases.get(params.releaseNo ?? '');
    if (!release) return notFound;
    if (release.stage !== 'CANCEL') {
      if (release.stage !== 'RELEASED') return refused(409, 'ALREADY_PICKED', `the release is ${release.stage}`);
      await this.#bench.record({ kind: 'release.cancelled', key: release.releaseNo, stage: 'CANCEL', document: body });
    }
    return ok(replyOf(release, body));
  }

  async #label({ params, body }: LabCall): Promise<LabReply> {
    const release = this.#releases.get(params.releaseNo ?? '');
    if (!release) return notFound;
    if (!isDeepStrictEqual(release.labels, body)) {
      const stage = release.stage === 'PACKED' ? { stage: 'LABELLED' } : {};
      await this.#bench.record({ kind: 'release.labelled', key: release.releaseNo, ...stage, document: body });
      this.#next(release);
    }
    return ok(replyOf(release, body));
  }

  /** `{releaseNo, step: 'pick' | 'pack' | 'ship', quantities?: {lineNo: qty}}`, for tests that drive by hand. */
  async #progress(body: Record<string, unknown>): Promise<LabReply> {
    const release = this.#releases.get(String(body.releaseNo));
    if (!release) return notFound;
    if (body.step === 'pick') await this.#pick(release, body.quantities as Record<string, string> | undefined);
    if (body.step === 'pack') await this.#pack(release);
    if (body.step === 'ship') await this.#ship(release);
    return ok({ releaseNo: release.releaseNo, status: release.stage });
  }

  /** `{docNo, type: 'RECEIPT' | 'RETURN' | 'ADJUST' | 'COUNT', lines: [{sku, qty, uom, lot?, status?, reasonCode?}]}`: goods that came, or were found missing. */
  async #changeStock(body: Record<string, unknown>): Promise<LabReply> {
    const docNo = String(body.docNo);
    const at = this.#bench.now();
    const report = { event: 'stock.changed', at, docNo, type: body.type, lines: body.lines };
    await this.#bench.record({ kind: 'stock.changed', key: docNo }, this.#bench.webhook(docNo, report));
    return ok({ docNo });
  }

  #next(release: Release): void {
    if (release.stage === 'RELEASED') this.#bench.later('pick', () => this.#pick(release));
    if (release.stage === 'PICKED') this.#bench.later('pack', () => this.#pack(release));
    if (release.stage === 'LABELLED') this.#bench.later('ship', () => this.#ship(release));
    // Without labels the truck leaves all the same, only later.
    if (release.stage === 'PACKED') this.#bench.later('label', () => this.#ship(release));
  }

  async #pick(release: Release, wanted?: Record<string, string>): Promise<void> {
    if (release.stage !== 'RELEASED') return;
    const lines = release.document.lines as ReleaseLine[];
    const picked = lines.map((line) => this.#pickLine(line, wanted?.[line.lineNo]));
    const some = picked.some(({ qty }) => qty !== '0');
    const short = picked.filter(({ short }) => short !== '0');
    const reports: NewEffect[] = [];
    let seq = release.seq;
    if (some) {
      seq += 1;
      reports.push(this.#report(release, 'pick.confirmed', 'PICKED', seq, { lines: picked.map(pickReport) }));
    }
    if (short.length > 0) {
      seq += 1;
      const missing = short.map((line) => ({ ...pickReport(line), qty: line.short, reasonCode: 'NOT_FOUND' }));
      reports.push(this.#report(release, 'pick.short', 'SHORT', seq, { lines: missing }));
    }
    const stage = some ? 'PICKED' : 'SHORT';
    await this.#bench.record({ kind: 'release.picked', key: release.releaseNo, stage, seq, picked }, ...reports);
    this.#next(release);
  }

  #pickLine(line: ReleaseLine, wanted: string | undefined): PickedLine {
    const { shortPick } = this.#bench.dials;
    const ordered = parseDecimal(line.qty);
    const missing = wanted === undefined ? parseDecimal(shortPick[line.sku] ?? '0') : ordered - parseDecimal(wanted);
    const short = missing > ordered ? ordered : missing;
    if (wanted === undefined && short > 0n) shortPick[line.sku] = formatDecimal(missing - short);
    return { ...line, qty: formatDecimal(ordered - short), short: formatDecimal(short) };
  }

  async #pack(release: Release): Promise<void> {
    if (release.stage !== 'PICKED') return;
    const { dials } = this.#bench;
    const before = this.#serials;
    let used = 0;
    const nextSerial = (sku: string): string => {
      used += 1;
      return `${sku}-${this.#bench.config.system.toUpperCase()}-${String(before + used).padStart(6, '0')}`;
    };
    const cartons = packCartons(release.picked, { lots: dials.lots, serialSkus: dials.serialSkus, nextSerial });
    const seq = release.seq + 1;
    await this.#bench.record(
      { kind: 'release.packed', key: release.releaseNo, stage: 'PACKED', seq, cartons, serialsUsed: used },
      this.#report(release, 'pack.confirmed', 'PACKED', seq, { docNo: shipmentDocument(release), cartons }),
    );
    if (release.labels) await this.#bench.record({ kind: 'release.ready', key: release.releaseNo, stage: 'LABELLED' });
    this.#next(release);
  }

  async #ship(release: Release): Promise<void> {
    if (release.stage !== 'PACKED' && release.stage !== 'LABELLED') return;
    const labels = (release.labels?.cartons ?? []) as { cartonNo: number; sscc?: string; trackingNumber?: string }[];
    const cartons = release.cartons.map((carton) => {
      const label = labels.find(({ cartonNo }) => cartonNo === carton.cartonNo);
      return { ...carton, ...(label?.sscc ? { sscc: label.sscc } : {}), ...trackingOf(label) };
    });
    const carrierCode = release.labels?.carrierCode ?? release.document.carrierCode;
    const seq = release.seq + 1;
    await this.#bench.record(
      { kind: 'release.shipped', key: release.releaseNo, stage: 'SHIPPED', seq, cartons },
      this.#report(release, 'shipment.confirmed', 'SHIPPED', seq, {
        docNo: shipmentDocument(release),
        bol: `BOL-${release.releaseNo}`,
        ...(carrierCode ? { carrierCode } : {}),
        cartons,
      }),
    );
    const trackingNumbers = cartons.flatMap((carton) => carton.trackingNumber ?? []);
    await handOver(this.#bench.config.carrierUrl, trackingNumbers);
  }

  #report(release: Release, event: string, status: Stage, seq: number, more: Record<string, unknown>): NewEffect {
    const { warehouse, orderRef } = release.document;
    const docNo = release.releaseNo;
    const body = {
      event,
      seq,
      at: this.#bench.now(),
      warehouse,
      releaseNo: release.releaseNo,
      orderRef,
      docNo,
      status,
    };
    return this.#bench.webhook(release.releaseNo, { ...body, ...more });
  }
}

const shipmentDocument = (release: Release): string => `S-${release.releaseNo}`;

const trackingOf = (label: { trackingNumber?: string } | undefined): { trackingNumber?: string } =>
  label?.trackingNumber ? { trackingNumber: label.trackingNumber } : {};

const pickReport = ({ lineNo, sku, qty, uom }: PickedLine) => ({ lineNo, sku, qty, uom });

const replyOf = (release: Release, document: unknown) => ({
  releaseNo: release.releaseNo,
  status: release.stage,
  document,
});
