/**
 * What can be turned on a running system of the lab by `PUT /_dials` (a merge: what is not named stays).
 * Everything that is random draws from `seed`, so that a failing run can be repeated.
 */
export const FAULTS = [
  /** 429 with Retry-After; nothing happens. */
  '429',
  /** 500; nothing happens. */
  '500',
  /** 500, after the effect. */
  'errorAfterCommit',
  /** 502 from a gateway, half the time after the effect. */
  '502',
  /** 503 with Retry-After; nothing happens. */
  '503',
  /** No answer ever; nothing happens. */
  'timeout',
  /** The connection is reset; nothing happens. */
  'reset',
  /** The effect happens, then the connection is reset. */
  'replyLost',
  /** No answer; the effect happens `lateCommitMs` later, when the client has long given up. */
  'lateCommit',
  /** The effect happens, the answer breaks off half-way. */
  'truncated',
  /** 200 with an error inside; nothing happens. */
  'okWithErrorBody',
] as const;
export type Fault = (typeof FAULTS)[number];

/** What goes wrong with a release at the warehouse by EDI. */
export const MISHAPS = [
  /** A tenth of its first line is not found. */
  'short',
  /** A tenth of its first line is found damaged, which a 947 tells. */
  'damaged',
  /** Something else is shipped in the place of its first line. */
  'wrongItem',
  /** It leaves in two parts, under a 945 each. */
  'twoParts',
  /** It leaves `delaysMs.late` after it was packed. */
  'late',
  /** Its 945 is sent a second time, in another interchange. */
  'twice',
] as const;
export type Mishap = (typeof MISHAPS)[number];

export interface Dials {
  seed: number;
  /** Added to every call. */
  latencyMs: number;
  /** Probability per call of each fault. */
  errorRate: Partial<Record<Fault, number>>;
  /** Only these operations meet random faults; absent: all. */
  faultOn?: string[];
  /** Faults that come for certain, first match first, `times` each. */
  next: { operation?: string; fault: Fault; times?: number }[];
  retryAfterMs: number;
  lateCommitMs: number;
  /** Every call is answered 503 with Retry-After. */
  maintenance: boolean;
  /** Probability that a webhook is sent a second time under the same id. */
  duplicates: number;
  /** Probability that a webhook is sent again later under a new id, with the same content and sequence. */
  repeats: number;
  /** Probability that a webhook is overtaken by later ones of its key. */
  outOfOrder: number;
  outOfOrderMs: number;
  webhookRetryMs: number;
  webhookRetryMaxMs: number;
  /** false: nothing moves by itself; a test drives it by `POST /_progress`. */
  autoProgress: boolean;
  /** How long each step takes; see README.md for the steps of each system. `null`: the step never comes by itself. */
  delaysMs: Record<string, number | null>;
  /** Warehouses: this much of the SKU is not found at the next picks; used up as it is missed. */
  shortPick: Record<string, string>;
  /** Refused with this code: orders and releases that name the SKU. */
  rejectSkus: Record<string, string>;
  /** ERP: which ways of writing it offers. */
  idempotency: 'A' | 'C' | 'both';
  /** ERP: whether it reports order statuses. */
  statusWebhooks: boolean;
  /** Carrier: the scans of a parcel, one per `delaysMs.scan`. */
  scans: string[];
  /** Warehouses: items with serial numbers. */
  serialSkus: string[];
  /** WMS: the lot that is picked of an item when the release names none. */
  lots: Record<string, string>;
  /** Warehouse by EDI: probability of each mishap per release; at most one of them happens to it. */
  mishaps: Partial<Record<Mishap, number>>;
  /** Partner and warehouse by EDI: what they answer per document type (`default` for the others). */
  acknowledge: Record<string, 'accept' | 'reject' | 'none'>;
}

export type Profile = 'demo' | 'zero';

const common = {
  seed: 1,
  latencyMs: 0,
  errorRate: {},
  next: [],
  retryAfterMs: 1_000,
  lateCommitMs: 1_000,
  maintenance: false,
  duplicates: 0,
  repeats: 0,
  outOfOrder: 0,
  outOfOrderMs: 500,
  autoProgress: true,
  shortPick: {},
  rejectSkus: {},
  idempotency: 'both',
  serialSkus: ['PMP-220'],
  lots: {},
  acknowledge: { default: 'accept' },
} as const;

/** `demo`: an order walks from received to invoiced in some forty seconds. `zero`: nothing ever waits. */
export function defaultDials(profile: Profile): Dials {
  const paced = profile === 'demo';
  const delaysMs: Dials['delaysMs'] = paced
    ? {
        pick: 6_000,
        pack: 6_000,
        ship: 4_000,
        label: 45_000,
        branchShip: 14_000,
        invoice: 6_000,
        pay: 90_000,
        pickup: 120_000,
        scan: 12_000,
        late: 120_000,
        report: 300_000,
        acknowledge: 2_000,
        poll: 500,
        keep: 600_000,
      }
    : {
        pick: 0,
        pack: 0,
        ship: 0,
        label: 30_000,
        branchShip: 0,
        invoice: 0,
        pay: null,
        pickup: null,
        scan: 0,
        late: 0,
        report: null,
        acknowledge: 0,
        poll: 50,
        keep: null,
      };
  return structuredClone({
    ...common,
    latencyMs: paced ? 40 : 0,
    webhookRetryMs: paced ? 500 : 50,
    webhookRetryMaxMs: paced ? 5_000 : 1_000,
    delaysMs,
    mishaps: paced ? { short: 0.1, twoParts: 0.15 } : {},
    statusWebhooks: paced,
    scans: paced ? ['OC', 'PU', 'IT', 'OD', 'DL'] : ['IT', 'DL'],
  }) as unknown as Dials;
}

/** Merges a change into dials, in place. Throws on what is no dial, so that a test's slip does not pass silently. */
export function turnDials(dials: Dials, change: unknown): void {
  if (typeof change !== 'object' || change === null) throw new TypeError('dials are an object');
  const known = dials as unknown as Record<string, unknown>;
  for (const [name, value] of Object.entries(change)) {
    if (!(name in dials) && name !== 'faultOn') throw new TypeError(`no such dial: ${name}`);
    if (name === 'errorRate') checkNames('fault', FAULTS, Object.keys(value as object));
    if (name === 'next') {
      const faults = (value as Dials['next']).map((each) => each.fault);
      checkNames('fault', FAULTS, faults);
    }
    if (name === 'mishaps') checkNames('mishap', MISHAPS, Object.keys(value as object));
    known[name] = name === 'delaysMs' ? { ...dials.delaysMs, ...(value as object) } : structuredClone(value);
  }
}

function checkNames(what: string, known: readonly string[], names: readonly string[]): void {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new TypeError(`no such ${what}: ${unknown}`);
}

/** Mulberry32: small, seeded, good enough to choose faults. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Which fault meets this call, if any. A certain one is used up. */
export function chooseFault(dials: Dials, operation: string, random: () => number): Fault | undefined {
  const certain = dials.next.find((each) => each.operation === undefined || each.operation === operation);
  if (certain) {
    certain.times = (certain.times ?? 1) - 1;
    if (certain.times <= 0) dials.next.splice(dials.next.indexOf(certain), 1);
    return certain.fault;
  }
  if (dials.faultOn && !dials.faultOn.includes(operation)) return undefined;
  let draw = random();
  for (const fault of FAULTS) {
    draw -= dials.errorRate[fault] ?? 0;
    if (draw < 0) return fault;
  }
  return undefined;
}
