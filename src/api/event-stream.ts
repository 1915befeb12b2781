import type { FastifyReply } from 'fastify';
import type { HubEvent } from '../events/index.ts';
import { readOrderNumbers } from '../orders/index.ts';
import type { Tx } from '../platform/index.ts';
import type { ApiServices } from './services.ts';

/** Which events one listener wants. */
export interface StreamFilter {
  readonly types?: ReadonlySet<string>;
  readonly orderId?: string;
  readonly correlationId?: string;
}

/** An event with what people call its order. */
interface NamedEvent extends HubEvent {
  readonly orderNo?: string;
}

/** How often the ledger is looked at while somebody listens; all listeners of a tenant share one look. */
const pollMs = 300;
const heartbeatMs = 15_000;
const pageSize = 500;
const mostListeners = 500;
/** A stream ends after this and comes back by itself. */
const lifetimeMs = 15 * 60_000;

interface Listener {
  readonly reply: FastifyReply;
  readonly filter: StreamFilter;
  readonly openedMs: number;
  /** Whether whoever opened it may still listen: keys are revoked, people sign out. */
  readonly isAllowed: () => Promise<boolean>;
  /** Sequence up to which this listener has been served. */
  sequence: number;
  /** What came while the listener was still being told what it had missed. */
  pending: NamedEvent[] | undefined;
}

interface TenantStream {
  readonly listeners: Set<Listener>;
  /** Resolves when `afterId` is known. A listener looks for what it missed only then, so that the two meet. */
  ready: Promise<void>;
  /** Where the next look begins. */
  afterId: string | undefined;
  cancel: (() => void) | undefined;
  lastBeatMs: number;
}

export interface EventStreams {
  /**
   * Answers with a stream that begins after `lastEventId`; without one with the `recent` last events, or with what
   * happens from now on.
   */
  open(request: {
    tenantId: string;
    reply: FastifyReply;
    filter: StreamFilter;
    lastEventId?: string;
    recent?: number;
    /** Asked at every heartbeat; the stream ends once it says no. */
    isAllowed(): Promise<boolean>;
  }): Promise<void>;
  close(): void;
}

/**
 * Server-sent events from the ledger. Nothing is held back for slow readers: one whose socket does not drain is dropped
 * and, as EventSource does by itself, comes back with Last-Event-ID.
 */
export function createEventStreams(services: Pick<ApiServices, 'db' | 'events' | 'clock' | 'log'>): EventStreams {
  const { db, events, clock, log } = services;
  const tenants = new Map<string, TenantStream>();
  let closed = false;

  const streamOf = (tenantId: string): TenantStream => {
    const known = tenants.get(tenantId);
    if (known !== undefined) return known;
    const made: TenantStream = {
      listeners: new Set(),
      ready: Promise.resolve(),
      afterId: undefined,
      cancel: undefined,
      lastBeatMs: clock.monotonicMs(),
    };
    tenants.set(tenantId, made);
    made.ready = begin(tenantId, made);
    return made;
  };
  const begin = async (tenantId: string, stream: TenantStream): Promise<void> => {
    try {
      const [newest] = await db.tx(tenantId, async (tx) =>
        events.list(tx, { limit: 1, afterSequence: (await events.latest(tx)) - 1 }),
      );
      stream.afterId = newest?.id;
    } catch (error) {
      tenants.delete(tenantId);
      throw error;
    }
    schedule(tenantId, stream);
  };
  const poll = async (tenantId: string, stream: TenantStream): Promise<void> => {
    try {
      const page = await db.tx(tenantId, async (tx) => named(tx, await events.since(tx, stream.afterId, pageSize)));
      for (const event of page) for (const listener of stream.listeners) deliver(stream, listener, event);
      stream.afterId = page.at(-1)?.id ?? stream.afterId;
      keepAlive(stream, clock.monotonicMs(), log);
    } catch (error) {
      log.warn({ err: error }, 'the event stream could not be read and tries again');
    }
    schedule(tenantId, stream);
  };
  const schedule = (tenantId: string, stream: TenantStream): void => {
    stream.cancel = undefined;
    if (closed || stream.listeners.size === 0) {
      if (tenants.get(tenantId) === stream) tenants.delete(tenantId);
      return;
    }
    stream.cancel = clock.setTimeout(() => void poll(tenantId, stream), pollMs);
  };
  /** Up to where a listener counts as served, and what it has to be told first. */
  const findStart = (tenantId: string, lastEventId: string | undefined, recent: number, filter: StreamFilter) =>
    db.tx(tenantId, async (tx) => {
      if (lastEventId !== undefined) {
        return { sequence: 0, missed: await named(tx, await catchUp(events, tx, lastEventId)) };
      }
      const sequence = await events.latest(tx);
      if (recent === 0) return { sequence, missed: [] };
      // Tenants share the numbers, so a window of some more is looked at. What is not decided yet comes with the stream.
      const page = await events.list(tx, { limit: 1_000, afterSequence: Math.max(0, sequence - 1_000) });
      const missed = page.filter((event) => event.sequence <= sequence && isWanted(filter, event)).slice(-recent);
      const before = missed[0] === undefined ? sequence : missed[0].sequence - 1;
      return { sequence: before, missed: await named(tx, missed) };
    });

  return {
    async open({ tenantId, reply, filter, lastEventId, recent = 0, isAllowed }) {
      // Listening begins before the look at what was missed: what happens in between waits, and nothing falls through.
      const stream = streamOf(tenantId);
      const openedMs = clock.monotonicMs();
      const listener: Listener = { reply, filter, isAllowed, openedMs, sequence: 0, pending: [] };
      if (stream.listeners.size >= mostListeners) stream.listeners.values().next().value?.reply.raw.end();
      stream.listeners.add(listener);
      reply.raw.on('close', () => stream.listeners.delete(listener));
      const start = await stream.ready
        .then(() => findStart(tenantId, lastEventId, recent, filter))
        .catch((error: unknown) => {
          stream.listeners.delete(listener);
          throw error;
        });
      reply.hijack();
      reply.raw.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      write(stream, listener, 'retry: 2000\n\n');
      const waited = listener.pending ?? [];
      listener.pending = undefined;
      listener.sequence = start.sequence;
      for (const event of [...start.missed, ...waited]) deliver(stream, listener, event);
    },
    close() {
      closed = true;
      for (const stream of tenants.values()) {
        stream.cancel?.();
        for (const listener of stream.listeners) listener.reply.raw.end();
      }
      tenants.clear();
    },
  };
}

/** What a listener that comes back has missed; at most 5,000 events, after which it is better to load afresh. */
async function catchUp(events: ApiServices['events'], tx: Tx, lastEventId: string): Promise<HubEvent[]> {
  const missed: HubEvent[] = [];
  let afterId = lastEventId;
  while (missed.length < 5000) {
    const page = await events.since(tx, afterId, pageSize);
    missed.push(...page);
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) break;
    afterId = last.id;
  }
  return missed;
}

async function named(tx: Tx, page: readonly HubEvent[]): Promise<NamedEvent[]> {
  const ids = new Set(page.flatMap(({ orderId }) => orderId ?? []));
  const numbers = await readOrderNumbers(tx, [...ids]);
  return page.map((event) => ({ ...event, orderNo: numbers.get(event.orderId ?? '') }));
}

function keepAlive(stream: TenantStream, nowMs: number, log: ApiServices['log']): void {
  if (nowMs - stream.lastBeatMs <= heartbeatMs) return;
  stream.lastBeatMs = nowMs;
  for (const listener of stream.listeners) {
    if (listener.pending !== undefined) continue;
    write(stream, listener, ': beat\n\n');
    if (nowMs - listener.openedMs > lifetimeMs) listener.reply.raw.end();
    else void endUnlessAllowed(stream, listener, log);
  }
}

async function endUnlessAllowed(stream: TenantStream, listener: Listener, log: ApiServices['log']): Promise<void> {
  try {
    if (await listener.isAllowed()) return;
    stream.listeners.delete(listener);
    listener.reply.raw.end();
  } catch (error) {
    // A database that is away says nothing about anybody's key; the next heartbeat asks again.
    log.warn({ err: error }, 'whether a listener may still listen could not be looked up');
  }
}

function deliver(stream: TenantStream, listener: Listener, event: NamedEvent): void {
  if (listener.pending !== undefined) {
    listener.pending.push(event);
    return;
  }
  if (event.sequence <= listener.sequence) return;
  listener.sequence = event.sequence;
  if (!isWanted(listener.filter, event)) return;
  write(stream, listener, `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(streamed(event))}\n\n`);
}

function isWanted({ types, orderId, correlationId }: StreamFilter, event: HubEvent): boolean {
  if (types !== undefined && !types.has(event.type)) return false;
  if (orderId !== undefined && event.orderId !== orderId) return false;
  return correlationId === undefined || event.correlationId === correlationId;
}

/** JSON has no raw line ends, so that one `data:` line carries it whole. */
function streamed(event: NamedEvent): Record<string, unknown> {
  const { id, type, entity, key, orderId, orderNo, correlationId, sequence } = event;
  const { occurredAt, recordedAt, reason, data } = event;
  return { id, type, entity, key, orderId, orderNo, correlationId, sequence, occurredAt, recordedAt, reason, data };
}

function write(stream: TenantStream, listener: Listener, text: string): void {
  const { raw } = listener.reply;
  raw.write(text);
  if (raw.writableLength > 1_000_000) {
    stream.listeners.delete(listener);
    raw.destroy();
  }
}
