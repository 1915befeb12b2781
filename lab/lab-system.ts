import { join } from 'node:path';
import { type Dials, defaultDials, type Profile, seededRandom, turnDials } from './dials.ts';
import { type Effect, type EffectLog, openEffectLog, readEffects } from './effect-log.ts';
import { listen, ok, type Route, refused } from './lab-server.ts';
import { createWebhookSender, type WebhookSender } from './webhook-sender.ts';

/** What a simulated system is told when it starts; it comes over the process channel, never on the command line. */
export interface SystemConfig {
  system: string;
  kind: SystemKind;
  port: number;
  dir: string;
  /** Address of the hub, empty when it is not known yet (`PUT /_hub` tells it later). */
  hubUrl: string;
  /** Id of the hub's connection that this system's webhooks are for. */
  connection: string;
  apiKey: string;
  webhookSecret: string;
  profile: Profile;
  dials?: unknown;
  /** Added to the wall clock, so that a lab can live at the time a test is about. */
  clockOffsetMs: number;
  /** Whether every effect is synced to disk before it is answered. */
  durable: boolean;
  /** The carrier, whom the warehouse meets at its dock. */
  carrierUrl?: string;
  /** Of who trades by EDI: its mailbox at the hub, with `in` and `out`. */
  mailboxDir?: string;
}

export type SystemKind = 'erp' | 'wms' | 'carrier' | 'storefront' | 'partner' | 'warehouse-3pl';

export type NewEffect = Omit<Effect, 'at'>;

/** What a system gets to work with. */
export interface Bench {
  readonly config: SystemConfig;
  readonly dials: Dials;
  readonly random: () => number;
  clock(): Date;
  /** The clock as an RFC 3339 instant. */
  now(): string;
  /** Applies effects to the system's state at once and resolves when they are on disk. */
  record(...effects: NewEffect[]): Promise<void>;
  /** The effect that stands for a webhook; it is sent once it is recorded, and again after a restart if unanswered. */
  webhook(key: string, body: Record<string, unknown>): NewEffect;
  /** Runs `step` after the delay of that name, if it has one and the system moves by itself. */
  later(delayName: string, step: () => void | Promise<void>): void;
}

/** A simulated system: its state is a fold of `apply` over its log. */
export interface System {
  readonly routes: readonly Route[];
  apply(effect: Effect): void;
  /** Takes up what the log left unfinished. Called once, after the replay. */
  resume(): void;
  /** Answers `GET /_state`. */
  describe(): unknown;
  stop?(): void;
}

export interface RunningSystem {
  port: number;
  stop(): Promise<void>;
}

/** Replays the log, listens, resumes. */
export async function runSystem(config: SystemConfig, build: (bench: Bench) => System): Promise<RunningSystem> {
  const path = join(config.dir, `${config.system}.ndjson`);
  const dials = defaultDials(config.profile);
  if (config.dials !== undefined) turnDials(dials, config.dials);
  const past = readEffects(path);
  const log = openEffectLog(path, config.durable);
  const random = seededRandom(dials.seed);
  const clock = (): Date => new Date(Date.now() + config.clockOffsetMs);
  const sender = createWebhookSender({
    clock,
    target: targetOf(config, config.hubUrl),
    secret: config.webhookSecret,
    dials,
    random,
    onDelivered: (id) => log.note([{ kind: 'webhook.delivered', at: clock().toISOString(), id }]),
  });
  const timers = new Set<NodeJS.Timeout>();
  const bench = createBench({
    config,
    clock,
    dials,
    random,
    log,
    sender,
    timers,
    past,
    apply: (effect) => system.apply(effect),
  });
  const system = build(bench);
  for (const effect of past) system.apply(effect);

  const counters: Record<string, number> = {};
  const { server, port } = await listen({
    routes: [...controlRoutes(config, dials, counters, system, sender), ...system.routes],
    dials,
    random,
    apiKey: config.apiKey,
    port: config.port,
    onCall(operation, ended) {
      const name = `${operation} ${ended}`;
      counters[name] = (counters[name] ?? 0) + 1;
    },
  });
  resendUnanswered(past, sender);
  system.resume();
  return {
    port,
    async stop() {
      system.stop?.();
      for (const timer of timers) clearTimeout(timer);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await sender.stop();
      await log.close();
    },
  };
}

function createBench(parts: {
  config: SystemConfig;
  clock(): Date;
  dials: Dials;
  random: () => number;
  log: EffectLog;
  sender: WebhookSender;
  timers: Set<NodeJS.Timeout>;
  past: readonly Effect[];
  apply(effect: Effect): void;
}): Bench {
  const { config, dials, random, log, sender, timers } = parts;
  let webhookCount = parts.past.filter(({ kind }) => kind === 'webhook.queued').length;
  return {
    config,
    dials,
    random,
    clock: parts.clock,
    now: () => parts.clock().toISOString(),
    async record(...given) {
      const at = parts.clock().toISOString();
      const effects = given.map((effect) => ({ ...effect, at }) as Effect);
      for (const effect of effects) parts.apply(effect);
      await log.append(effects);
      for (const effect of effects) if (effect.kind === 'webhook.queued') sender.send(outgoing(effect));
    },
    webhook(key, body) {
      webhookCount += 1;
      return { kind: 'webhook.queued', key, id: `${config.system}-${Date.now().toString(36)}-${webhookCount}`, body };
    },
    later(delayName, step) {
      const ms = dials.delaysMs[delayName];
      if (ms === null || ms === undefined || !dials.autoProgress) return;
      const timer = setTimeout(() => {
        timers.delete(timer);
        void step();
      }, ms);
      timers.add(timer);
    },
  };
}

const targetOf = (config: SystemConfig, hubUrl: string): string =>
  hubUrl === '' ? '' : `${hubUrl.replace(/\/+$/, '')}/v1/webhooks/${encodeURIComponent(config.connection)}`;

const outgoing = (effect: Effect) => ({
  id: String(effect.id),
  key: String(effect.key),
  body: effect.body as Record<string, unknown>,
});

function resendUnanswered(past: readonly Effect[], sender: WebhookSender): void {
  const answered = new Set(past.filter(({ kind }) => kind === 'webhook.delivered').map(({ id }) => id));
  for (const effect of past) {
    if (effect.kind === 'webhook.queued' && !answered.has(effect.id)) sender.send(outgoing(effect));
  }
}

function controlRoutes(
  config: SystemConfig,
  dials: Dials,
  counters: Record<string, number>,
  system: System,
  sender: WebhookSender,
): Route[] {
  return [
    { method: 'GET', path: '/health', handle: () => ok({ ok: !dials.maintenance }) },
    { method: 'GET', path: '/_dials', handle: () => ok(dials) },
    {
      method: 'PUT',
      path: '/_dials',
      handle({ body }) {
        try {
          turnDials(dials, body);
        } catch (error) {
          return refused(422, 'NO_SUCH_DIAL', (error as Error).message);
        }
        return ok(dials);
      },
    },
    {
      method: 'PUT',
      path: '/_hub',
      handle({ body }) {
        sender.setTarget(targetOf(config, String(body.url)));
        return ok({});
      },
    },
    {
      method: 'GET',
      path: '/_state',
      handle: () => ok({ ...(system.describe() as object), webhooksPending: sender.pending }),
    },
    { method: 'GET', path: '/_calls', handle: () => ok(counters) },
  ];
}
