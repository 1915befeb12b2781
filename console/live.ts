import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import type { StreamedEvent } from '../src/api/contract.ts';
import { followEvents } from './event-source.ts';

/**
 * The live feed. It reconnects after the last event it has seen, so nothing is missed while a laptop sleeps. Events
 * refresh what they touch; a short window gathers bursts, so that a busy hour does not mean a busy browser.
 */

export type LiveState = 'connecting' | 'live' | 'lost';

const gatherMs = 800;
const recentLimit = 60;
let state: LiveState = 'connecting';
let lostSince: Date | undefined;
let recent: StreamedEvent[] = [];
const listeners = new Set<() => void>();

function change(next: { state?: LiveState; event?: StreamedEvent }): void {
  if (next.state) {
    if (next.state === 'live') lostSince = undefined;
    else if (next.state === 'lost') lostSince ??= new Date();
    state = next.state;
  }
  const { event } = next;
  // A stream that is opened anew begins with what has been seen already.
  if (event && !recent.some(({ id }) => id === event.id)) recent = [event, ...recent].slice(0, recentLimit);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useLiveState(): LiveState {
  return useSyncExternalStore(subscribe, () => state);
}

/** Since when nothing has come in; undefined while connected. */
export function useLostSince(): Date | undefined {
  return useSyncExternalStore(subscribe, () => lostSince);
}

/** The newest events first, at most 60. */
export function useRecentEvents(): StreamedEvent[] {
  return useSyncExternalStore(subscribe, () => recent);
}

/** Which cached queries an event makes stale; query keys start with these words. */
function touchedBy(type: string): string[] {
  // A snooze or a note is an intervention, and nothing else.
  if (type.startsWith('ops.exception') || type === 'ops.intervention.recorded')
    return ['exceptions', 'control-tower', 'orders', 'timeline'];
  if (type.startsWith('ops.')) return ['destinations', 'deliveries', 'control-tower'];
  if (type.startsWith('edi.')) return ['messages', 'timeline'];
  if (type.startsWith('inventory.') || type.startsWith('availability.')) return ['inventory', 'availability'];
  return ['orders', 'timeline', 'control-tower', 'messages', 'deliveries'];
}

function createRefresher(client: QueryClient) {
  const stale = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const refresh = () => {
    timer = undefined;
    for (const key of stale) void client.invalidateQueries({ queryKey: [key] });
    stale.clear();
  };
  return {
    touch(type: string) {
      for (const key of touchedBy(type)) stale.add(key);
      timer ??= setTimeout(refresh, gatherMs);
    },
    stop: () => clearTimeout(timer),
  };
}

export function useLiveFeed(): void {
  const client = useQueryClient();
  useEffect(() => {
    const refresher = createRefresher(client);
    const stop = followEvents(`/v1/events?recent=${recentLimit}`, {
      onOpen(afterLoss) {
        change({ state: 'live' });
        if (afterLoss) void client.invalidateQueries();
      },
      onData(data) {
        const event = JSON.parse(data) as StreamedEvent;
        // The hub does not know what was seen last: what happened in between is only in what it shows now.
        if (event.type === 'reset') {
          void client.invalidateQueries();
          return;
        }
        change({ event });
        refresher.touch(event.type);
      },
      onLost: () => change({ state: 'lost' }),
    });
    return () => {
      stop();
      refresher.stop();
    };
  }, [client]);
}
