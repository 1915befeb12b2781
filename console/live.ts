import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import type { StreamedEvent } from '../src/api/contract.ts';

/**
 * The live feed. `EventSource` reconnects with Last-Event-ID by itself, so nothing is missed while a laptop sleeps.
 * Events refresh what they touch; a short window gathers bursts, so that a busy hour does not mean a busy browser.
 */

export type LiveState = 'connecting' | 'live' | 'lost';

const gatherMs = 600;
const recentLimit = 60;
let state: LiveState = 'connecting';
let recent: StreamedEvent[] = [];
const listeners = new Set<() => void>();

function change(next: { state?: LiveState; event?: StreamedEvent }): void {
  if (next.state) state = next.state;
  if (next.event) recent = [next.event, ...recent].slice(0, recentLimit);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useLiveState(): LiveState {
  return useSyncExternalStore(subscribe, () => state);
}

/** The newest events first, at most 60. */
export function useRecentEvents(): StreamedEvent[] {
  return useSyncExternalStore(subscribe, () => recent);
}

/** Which cached queries an event makes stale; query keys start with these words. */
function touchedBy(type: string): string[] {
  if (type.startsWith('ops.exception')) return ['exceptions', 'control-tower', 'orders', 'timeline'];
  if (type.startsWith('ops.')) return ['destinations', 'deliveries', 'control-tower'];
  if (type.startsWith('edi.')) return ['messages', 'timeline'];
  if (type.startsWith('inventory.') || type.startsWith('availability.')) return ['inventory', 'availability'];
  return ['orders', 'timeline', 'control-tower', 'messages'];
}

export function useLiveFeed(): void {
  const client = useQueryClient();
  useEffect(() => {
    const source = new EventSource('/v1/events', { withCredentials: true });
    const stale = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refresh = () => {
      timer = undefined;
      for (const key of stale) void client.invalidateQueries({ queryKey: [key] });
      stale.clear();
    };
    const onEvent = (message: MessageEvent<string>) => {
      const event = JSON.parse(message.data) as StreamedEvent;
      change({ event, state: 'live' });
      for (const key of touchedBy(event.type)) stale.add(key);
      timer ??= setTimeout(refresh, gatherMs);
    };
    source.onopen = () => change({ state: 'live' });
    source.onerror = () => change({ state: 'lost' });
    source.onmessage = onEvent;
    source.addEventListener('event', onEvent);
    return () => {
      if (timer) clearTimeout(timer);
      source.close();
    };
  }, [client]);
}
