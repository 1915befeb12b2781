import { isDeepStrictEqual } from 'node:util';
import type { Effect } from './effect-log.ts';
import { created, type LabReply, ok, type Route, refused } from './lab-server.ts';
import type { Bench, System } from './lab-system.ts';

interface Label {
  key: string;
  shipmentId: string;
  document: Record<string, unknown>;
  packages: { packageNo: number; trackingNumber: string; labelUrl: string }[];
}

interface Parcel {
  trackingNumber: string;
  /** How many of the planned scans have happened. */
  scans: number;
  pickedUp: boolean;
}

const descriptions: Readonly<Record<string, string>> = {
  OC: 'Shipment information sent to carrier',
  PU: 'Picked up',
  IT: 'In transit',
  OD: 'Out for delivery',
  DL: 'Delivered',
  DE: 'Delivery exception',
};

/** Names a carrier goes by, its Standard Carrier Alpha Code, and what its tracking numbers begin with. */
const carriers: Readonly<Record<string, { scac: string; prefix: string }>> = {
  UPS: { scac: 'UPSN', prefix: '1Z0614' },
  FedEx: { scac: 'FDEG', prefix: '7946' },
  Estes: { scac: 'EXLA', prefix: '0614' },
};

/** The carrier: labels once per Idempotency-Key (class A); parcels are scanned along their way once picked up. */
export class Carrier implements System {
  readonly #bench: Bench;
  readonly #labels = new Map<string, Label>();
  readonly #parcels = new Map<string, Parcel>();
  readonly routes: readonly Route[];

  constructor(bench: Bench) {
    this.#bench = bench;
    this.routes = [
      {
        method: 'POST',
        path: '/carrier/labels',
        operation: 'label.create',
        handle: ({ headers, body }) => this.#create(headers['idempotency-key'], body),
      },
      // For warehouses that label on an account of their own, whom the hub does not order labels for.
      {
        method: 'POST',
        path: '/_labels',
        handle: ({ body: { key, ...document } }) => this.#create(key, document),
      },
      {
        method: 'GET',
        path: '/carrier/labels/:key',
        operation: 'label.find',
        handle: ({ params }) => {
          const label = this.#labels.get(params.key ?? '');
          return label ? ok(this.#replyOf(label)) : refused(404, 'NOT_FOUND', 'no label under this key');
        },
      },
      {
        method: 'POST',
        path: '/_pickup',
        handle: async ({ body }) => {
          for (const number of body.trackingNumbers as string[]) await this.#pickUp(number);
          return ok({});
        },
      },
      { method: 'POST', path: '/_scan', handle: ({ body }) => this.#scanByHand(body) },
    ];
  }

  apply(effect: Effect): void {
    if (effect.kind === 'label.created') {
      const label = effect.label as Label;
      this.#labels.set(label.key, label);
      for (const { trackingNumber } of label.packages) {
        this.#parcels.set(trackingNumber, { trackingNumber, scans: 0, pickedUp: false });
      }
    }
    const parcel = this.#parcels.get(String(effect.key));
    if (parcel && effect.kind === 'parcel.pickedUp') parcel.pickedUp = true;
    if (parcel && effect.kind === 'parcel.scanned') parcel.scans = Number(effect.scans);
  }

  resume(): void {
    for (const parcel of this.#parcels.values()) this.#next(parcel);
  }

  describe(): unknown {
    return { labels: this.#labels.size, parcels: this.#parcels.size };
  }

  async #create(key: unknown, body: Record<string, unknown>): Promise<LabReply> {
    if (typeof key !== 'string' || key === '') return refused(400, 'KEY_MISSING', 'Idempotency-Key is missing');
    const existing = this.#labels.get(key);
    if (existing) {
      if (!isDeepStrictEqual(existing.document, body)) {
        return refused(422, 'KEY_REUSED', 'the key was used for another shipment');
      }
      await this.#bench.record({ kind: 'label.repeated', key });
      return ok(this.#replyOf(existing));
    }
    const packages = body.packages as { packageNo: number }[] | undefined;
    if (!Array.isArray(packages) || packages.length === 0) return refused(422, 'NO_PACKAGES', 'nothing to label');
    const label = this.#labelOf(key, body, packages);
    await this.#bench.record({ kind: 'label.created', key, label });
    for (const { trackingNumber } of label.packages) {
      const parcel = this.#parcels.get(trackingNumber);
      if (parcel) this.#next(parcel);
    }
    return created(this.#replyOf(label));
  }

  #labelOf(key: string, document: Record<string, unknown>, packages: readonly { packageNo: number }[]): Label {
    const { prefix } = carriers[this.#carrierOf(document)] ?? { prefix: '9' };
    const shipmentId = `CS-${500_001 + this.#labels.size}`;
    const made = packages.map(({ packageNo }, index) => {
      const trackingNumber = `${prefix}${String(10_000_001 + this.#parcels.size + index)}`;
      return { packageNo, trackingNumber, labelUrl: `/carrier/labels/${trackingNumber}.zpl` };
    });
    return { key, shipmentId, document, packages: made };
  }

  #carrierOf(document: Record<string, unknown>): string {
    const wanted = document.carrier;
    const found = Object.entries(carriers).find(([name, { scac }]) => wanted === name || wanted === scac);
    return found?.[0] ?? 'UPS';
  }

  #replyOf({ shipmentId, document, packages }: Label): Record<string, unknown> {
    const carrier = this.#carrierOf(document);
    const service = document.service ?? 'Ground';
    return { shipmentId, carrier, scac: carriers[carrier]?.scac, service, packages, document };
  }

  #next(parcel: Parcel): void {
    const code = this.#bench.dials.scans[parcel.scans];
    if (code === undefined) return;
    // The first code, OC, only says that a label exists; the others need the parcel in the carrier's hands.
    if (code === 'OC') void this.#scan(parcel, code);
    else if (parcel.pickedUp) this.#bench.later('scan', () => this.#scan(parcel, code));
    else this.#bench.later('pickup', () => this.#pickUp(parcel.trackingNumber));
  }

  async #pickUp(trackingNumber: string): Promise<void> {
    const parcel = this.#parcels.get(trackingNumber);
    if (!parcel || parcel.pickedUp) return;
    await this.#bench.record({ kind: 'parcel.pickedUp', key: trackingNumber });
    this.#next(parcel);
  }

  async #scan(parcel: Parcel, code: string): Promise<void> {
    if (this.#bench.dials.scans[parcel.scans] !== code) return;
    await this.#recordScan(parcel, code, parcel.scans + 1, this.#bench.now());
    this.#next(parcel);
  }

  #recordScan(parcel: Parcel, code: string, scans: number, at: string): Promise<void> {
    const { trackingNumber } = parcel;
    const body = {
      event: 'tracking.updated',
      seq: scans,
      at,
      trackingNumber,
      code,
      description: descriptions[code] ?? code,
    };
    return this.#bench.record(
      { kind: 'parcel.scanned', key: trackingNumber, code, scans },
      this.#bench.webhook(trackingNumber, body),
    );
  }

  /** `{trackingNumber, code, at?}`: any scan at any time, known code or not. */
  async #scanByHand(body: Record<string, unknown>): Promise<LabReply> {
    const parcel = this.#parcels.get(String(body.trackingNumber));
    if (!parcel) return refused(404, 'NOT_FOUND', 'no such parcel');
    await this.#recordScan(
      parcel,
      String(body.code),
      parcel.scans + 1,
      typeof body.at === 'string' ? body.at : this.#bench.now(),
    );
    return ok({});
  }
}
