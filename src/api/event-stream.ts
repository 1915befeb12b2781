import type { FastifyReply } from 'fastify';
import type { HubEvent } from '../events/index.ts';
import { readOrderNumbers } from '../orders/index.ts';
import { type Clock, isUuid, type Tx } from '../platform/index.ts';
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
/** What waits for a listener that is still told what it missed. */
const mostPending = 500;
/** How long one page may take a listener; who is slower comes back and goes on where it stopped. */
const slowestMs = 60_000;
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
 * and, as EventSource does by itself, comes back with Last-Event-ID; then it is told what it missed, however much it is, at
 * the pace at which it reads.
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
  /** Where a listener begins: what it is told at once, and up to where the ledger is told page by page before that. */
  const findStart = (tenantId: string, lastEventId: string | undefined, recent: number, filter: StreamFilter) =>
    db.tx(tenantId, async (tx): Promise<Start> => {
      const sequence = await events.latest(tx);
      const seen = lastEventId !== undefined && isUuid(lastEventId) ? await events.load(tx, [lastEventId]) : undefined;
      const last = seen?.get(lastEventId ?? '');
      if (last !== undefined) return { sequence: last.sequence, told: [], behind: true };
      if (lastEventId === undefined && recent === 0) return { sequence, told: [], behind: false };
      // Tenants share the numbers, so a window of some more is looked at. What is not decided yet comes with the stream.
      const window = await events.list(tx, { limit: 1_000, afterSequence: Math.max(0, sequence - 1_000) });
      const page = window.filter((event) => event.sequence <= sequence);
      if (lastEventId !== undefined) return { sequence, told: [], behind: false, reset: page.at(-1)?.id ?? '' };
      const told = page.filter((event) => isWanted(filter, event)).slice(-recent);
      const before = told[0] === undefined ? sequence : told[0].sequence - 1;
      return { sequence: before, told: await named(tx, told), behind: false };
    });
  /** Tells what was missed, as fast as it is taken and never more than a page at once, up to where `pending` goes on. */
  const catchUp = async (tenantId: string, stream: TenantStream, listener: Listener): Promise<void> => {
    let at = listener.sequence;
    for (;;) {
      // What came before the page is read is in the page or in those after it.
      listener.pending = [];
      const page = await db.tx(tenantId, async (tx) => {
        const safe = await events.latest(tx);
        const found = await events.list(tx, { afterSequence: at, limit: pageSize });
        return named(
          tx,
          found.filter((event) => event.sequence <= safe),
        );
      });
      for (const [index, event] of page.entries()) {
        tell(stream, listener, event);
        at = event.sequence;
        // A page of large events is more than a socket is meant to hold.
        if (index % 50 === 49 && !(await drained(listener, clock))) return;
      }
      await endUnlessAllowed(stream, listener, log);
      if (!(await drained(listener, clock))) return;
      if (page.length < pageSize && listener.pending.length < mostPending) return;
    }
  };

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
      listener.sequence = start.sequence;
      if (start.reset !== undefined) write(stream, listener, resetEvent(start.reset));
      for (const event of start.told) tell(stream, listener, event);
      try {
        const missed = start.behind || (listener.pending?.length ?? 0) >= mostPending;
        if (missed) await catchUp(tenantId, stream, listener);
      } catch (error) {
        // It has been answered: it comes back by itself, and goes on after what it was told.
        log.warn({ err: error }, 'what a listener had missed could not be read');
        reply.raw.destroy();
      }
      const waited = listener.pending ?? [];
      listener.pending = undefined;
      for (const event of waited) deliver(stream, listener, event);
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

/** `reset` is the id to go on after, for one who came with an id that nobody knows. */
interface Start {
  readonly sequence: number;
  readonly told: readonly NamedEvent[];
  readonly behind: boolean;
  readonly reset?: string;
}

/** Told to whoever comes back after an event that is not, or no longer, kept: what lies between is not known. */
function resetEvent(newestId: string): string {
  const message =
    'The event after which to go on is not known here, or is no longer kept. Load afresh what you show; the stream goes on with what happens from now on.';
  return `id: ${newestId}\nevent: reset\ndata: ${JSON.stringify({ id: newestId, type: 'reset', message })}\n\n`;
}

/** Waits until the socket has taken what was written. @returns false when nobody is there any more */
async function drained({ reply }: Listener, clock: Clock): Promise<boolean> {
  const { raw } = reply;
  if (raw.writableNeedDrain && !raw.destroyed) {
    await new Promise<void>((resolve) => {
      const cancel = clock.setTimeout(() => raw.destroy(), slowestMs);
      const done = (): void => {
        cancel();
        raw.off('drain', done).off('close', done);
        resolve();
      };
      raw.on('drain', done).on('close', done);
    });
  }
  return !raw.destroyed && !raw.writableEnded;
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
  if (listener.pending === undefined) tell(stream, listener, event);
  // Beyond this it is in the ledger, from where the listener is told page by page.
  else if (listener.pending.length < mostPending) listener.pending.push(event);
}

function tell(stream: TenantStream, listener: Listener, event: NamedEvent): void {
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
