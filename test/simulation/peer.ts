import type { LookupResult, Outcome } from '../../src/queue/index.ts';
import { type Dials, type PlannedDelivery, type PlannedDestination, serverMaxMs } from './plan.ts';
import { type Random, randomStream } from './random.ts';
import type { Scheduler } from './scheduler.ts';

/** What a request left behind over there. */
interface Effect {
  readonly outsideId: string;
  readonly atMs: number;
  /** When a look-up can find it: its index lags. */
  readonly visibleAtMs: number;
}

/** An outside system of one idempotency class, with its own log: the truth that the hub is judged by. */
export interface Peer {
  readonly destination: PlannedDestination;
  send(delivery: PlannedDelivery, reply: (outcome: Outcome) => void): void;
  lookUp(delivery: PlannedDelivery, reply: (result: LookupResult) => void): void;
  /** Whether it says that it is well. */
  health(reply: (ok: boolean) => void): void;
  effectsOf(name: string): readonly Effect[];
  /** Requests refuse to connect until then. */
  downUntilMs: number;
  readonly requests: number;
}

export interface PeerOptions {
  readonly seed: number;
  readonly scheduler: Scheduler;
  /** All zero once faults are off. */
  dials(): Dials;
  /** Something has been carried out. */
  happened(delivery: PlannedDelivery): void;
  wentWrong(what: keyof Dials): void;
}

/** How long the client waits for an answer. */
const clientTimeoutMs = 900;

type Fate = (delivery: PlannedDelivery, random: Random, reply: (outcome: Outcome, delayMs?: number) => void) => void;

export function createPeer(destination: PlannedDestination, options: PeerOptions): Peer {
  const { seed, scheduler } = options;
  const { idempotency } = destination;
  const effects = new Map<string, Effect[]>();
  const sends = new Map<string, number>();
  const lookups = new Map<string, number>();
  let requests = 0;
  let questions = 0;

  /** Carries a request out, once per natural key where the class says so. */
  function carryOut(delivery: PlannedDelivery, random: Random): string {
    const found = effects.get(delivery.name) ?? [];
    const [first] = found;
    if (first !== undefined && (idempotency === 'A' || idempotency === 'B')) return first.outsideId;
    const outsideId = `${destination.name}/${delivery.name}/${found.length + 1}`;
    const atMs = scheduler.nowMs;
    effects.set(delivery.name, [...found, { outsideId, atMs, visibleAtMs: atMs + random.between(0, serverMaxMs) }]);
    options.happened(delivery);
    return outsideId;
  }

  const confirm: Fate = (delivery, random, reply) => {
    scheduler.after(random.between(1, 40), () => {
      const outsideId = carryOut(delivery, random);
      if (random.chance(options.dials().duplicated) && (idempotency === 'A' || idempotency === 'B')) {
        scheduler.after(random.between(0, 500), () => carryOut(delivery, random));
      }
      reply({ kind: 'confirmed', outsideId }, random.between(1, 40));
    });
  };
  const sometimes = (delivery: PlannedDelivery, random: Random): void => {
    if (random.chance(0.5)) scheduler.after(random.between(0, serverMaxMs), () => carryOut(delivery, random));
  };
  const fates: [keyof Dials, Fate][] = [
    [
      'unreachable',
      (_d, _r, reply) =>
        reply({ kind: 'retryable', sent: false, detail: 'connection refused', reason: 'unreachable' }, 1),
    ],
    [
      'throttled',
      (_d, random, reply) =>
        reply(
          {
            kind: 'retryable',
            sent: false,
            retryAfterMs: random.between(10, 1_500),
            detail: '429',
            reason: 'throttled',
          },
          5,
        ),
    ],
    [
      'lostReply',
      (delivery, random, reply) => {
        scheduler.after(random.between(0, 40), () => carryOut(delivery, random));
        reply(
          { kind: 'unknown', detail: 'connection reset', reason: 'broken_reply' },
          random.between(41, clientTimeoutMs),
        );
      },
    ],
    [
      'lateCommit',
      (delivery, random, reply) => {
        scheduler.after(random.between(clientTimeoutMs, serverMaxMs), () => carryOut(delivery, random));
        reply({ kind: 'unknown', detail: 'time-out', reason: 'timeout' }, clientTimeoutMs);
      },
    ],
    [
      'unsureError',
      (delivery, random, reply) => {
        sometimes(delivery, random);
        reply({ kind: 'retryable', sent: true, detail: '503', reason: 'unavailable' }, 20);
      },
    ],
    [
      'unknownError',
      (delivery, random, reply) => {
        sometimes(delivery, random);
        reply({ kind: 'unknown', detail: '500', reason: 'server_error' }, 20);
      },
    ],
    ['noAnswer', (delivery, random) => sometimes(delivery, random)],
    [
      'refused',
      (_d, random, reply) => {
        const as = random.pick(['business', 'schema', 'auth'] as const);
        reply({ kind: 'rejected', class: as, code: 'REFUSED', message: as }, 20);
      },
    ],
  ];

  function fateOf(delivery: PlannedDelivery, random: Random): Fate {
    const dials = options.dials();
    for (const [dial, fate] of fates) {
      if (!random.chance(dials[dial])) continue;
      options.wentWrong(dial);
      return fate;
    }
    const { poison } = delivery;
    if (poison === undefined) return confirm;
    return (_d, _r, reply) => reply({ kind: 'rejected', class: poison, code: 'POISON', message: 'never' }, 20);
  }

  return {
    destination,
    downUntilMs: 0,
    get requests() {
      return requests;
    },
    effectsOf: (name) => effects.get(name) ?? [],
    send(delivery, reply) {
      requests++;
      const nth = (sends.get(delivery.name) ?? 0) + 1;
      sends.set(delivery.name, nth);
      const random = randomStream(seed, `send ${delivery.name} ${nth}`);
      const answer = (outcome: Outcome, delayMs = 0): void => scheduler.after(delayMs, () => reply(outcome));
      const down = scheduler.nowMs < this.downUntilMs;
      const fate = down ? fates[0]![1] : fateOf(delivery, random);
      fate(delivery, random, answer);
    },
    health(reply) {
      const random = randomStream(seed, `health ${destination.name} ${questions++}`);
      const { unreachable, noAnswer } = options.dials();
      if (random.chance(noAnswer)) return;
      const ok = scheduler.nowMs >= this.downUntilMs && !random.chance(unreachable);
      scheduler.after(random.between(1, 40), () => reply(ok));
    },
    lookUp(delivery, reply) {
      requests++;
      const nth = (lookups.get(delivery.name) ?? 0) + 1;
      lookups.set(delivery.name, nth);
      const random = randomStream(seed, `look-up ${delivery.name} ${nth}`);
      const unavailable = scheduler.nowMs < this.downUntilMs || random.chance(options.dials().lookupUnavailable);
      if (unavailable) options.wentWrong('lookupUnavailable');
      scheduler.after(random.between(1, 20), () => {
        const found = (effects.get(delivery.name) ?? []).filter((effect) => effect.visibleAtMs <= scheduler.nowMs);
        const result = unavailable
          ? ({ kind: 'unavailable', detail: '503', reason: 'unavailable' } as const)
          : resultOf(found, delivery.foreign ?? false);
        scheduler.after(random.between(1, 20), () => reply(result));
      });
    },
  };
}

function resultOf(found: readonly Effect[], foreign: boolean): LookupResult {
  if (foreign) return { kind: 'found', outsideId: 'foreign', sameContent: false };
  const [first, second] = found;
  if (first === undefined) return { kind: 'none' };
  if (second !== undefined) return { kind: 'several', ids: found.map((effect) => effect.outsideId) };
  return { kind: 'found', outsideId: first.outsideId, sameContent: true };
}
