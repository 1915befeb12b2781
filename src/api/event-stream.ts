import type { FastifyReply } from 'fastify';
import type { HubEvent } from '../events/index.ts';
import type { ApiServices } from './services.ts';

/** Which events one listener wants. */
export interface StreamFilter {
  readonly types?: ReadonlySet<string>;
  readonly orderId?: string;
}

/** How often the ledger is looked at while somebody listens; all listeners of a tenant share one look. */
const pollMs = 300;
const heartbeatMs = 15_000;
const pageSize = 500;
const mostListeners = 500;
/** A stream ends after this and comes back by itself: then its credentials are looked at again. */
const lifetimeMs = 15 * 60_000;

interface Listener {
  readonly reply: FastifyReply;
  readonly filter: StreamFilter;
  readonly openedMs: number;
  /** Sequence up to which this listener has been served. */
  sequence: number;
}

interface TenantStream {
  readonly listeners: Set<Listener>;
  afterId: string | undefined;
  cancel: (() => void) | undefined;
  lastBeatMs: number;
}

export interface EventStreams {
  /** Answers with a stream that begins after `lastEventId`, or with what happens from now on. */
  open(request: { tenantId: string; reply: FastifyReply; filter: StreamFilter; lastEventId?: string }): Promise<void>;
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

  const poll = async (tenantId: string, stream: TenantStream): Promise<void> => {
    try {
      const page = await db.tx(tenantId, (tx) => events.since(tx, stream.afterId, pageSize));
      for (const event of page) for (const listener of stream.listeners) deliver(stream, listener, event);
      stream.afterId = page.at(-1)?.id ?? stream.afterId;
      if (clock.monotonicMs() - stream.lastBeatMs > heartbeatMs) {
        stream.lastBeatMs = clock.monotonicMs();
        for (const listener of stream.listeners) {
          write(stream, listener, ': beat\n\n');
          if (clock.monotonicMs() - listener.openedMs > lifetimeMs) listener.reply.raw.end();
        }
      }
    } catch (error) {
      log.warn({ err: error }, 'the event stream could not be read and tries again');
    }
    schedule(tenantId, stream);
  };
  const schedule = (tenantId: string, stream: TenantStream): void => {
    if (closed || stream.listeners.size === 0) {
      tenants.delete(tenantId);
      return;
    }
    stream.cancel = clock.setTimeout(() => void poll(tenantId, stream), pollMs);
  };

  return {
    async open({ tenantId, reply, filter, lastEventId }) {
      const start = await db.tx(tenantId, async (tx) => ({
        sequence: await events.latest(tx),
        missed: lastEventId === undefined ? [] : await catchUp(events, tx, lastEventId),
        newest: (await events.list(tx, { limit: 1, afterSequence: (await events.latest(tx)) - 1 })).at(-1)?.id,
      }));
      reply.hijack();
      reply.raw.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      const stream = tenants.get(tenantId) ?? {
        listeners: new Set(),
        afterId: start.newest,
        cancel: undefined,
        lastBeatMs: clock.monotonicMs(),
      };
      const listener: Listener = { reply, filter, openedMs: clock.monotonicMs(), sequence: 0 };
      if (stream.listeners.size >= mostListeners) stream.listeners.values().next().value?.reply.raw.end();
      stream.listeners.add(listener);
      reply.raw.on('close', () => stream.listeners.delete(listener));
      write(stream, listener, 'retry: 2000\n\n');
      for (const event of start.missed) deliver(stream, listener, event);
      listener.sequence = Math.max(listener.sequence, lastEventId === undefined ? start.sequence : 0);
      if (!tenants.has(tenantId)) {
        tenants.set(tenantId, stream);
        schedule(tenantId, stream);
      }
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
async function catchUp(
  events: ApiServices['events'],
  tx: Parameters<ApiServices['events']['since']>[0],
  lastEventId: string,
): Promise<HubEvent[]> {
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

function deliver(stream: TenantStream, listener: Listener, event: HubEvent): void {
  if (event.sequence <= listener.sequence) return;
  listener.sequence = event.sequence;
  const { types, orderId } = listener.filter;
  if (types !== undefined && !types.has(event.type)) return;
  if (orderId !== undefined && event.orderId !== orderId) return;
  write(stream, listener, `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(streamed(event))}\n\n`);
}

/** JSON has no raw line ends, so that one `data:` line carries it whole. */
function streamed(event: HubEvent): Record<string, unknown> {
  const { id, type, entity, key, orderId, correlationId, sequence, occurredAt, recordedAt, reason, data } = event;
  return { id, type, entity, key, orderId, correlationId, sequence, occurredAt, recordedAt, reason, data };
}

function write(stream: TenantStream, listener: Listener, text: string): void {
  const { raw } = listener.reply;
  raw.write(text);
  if (raw.writableLength > 1_000_000) {
    stream.listeners.delete(listener);
    raw.destroy();
  }
}
