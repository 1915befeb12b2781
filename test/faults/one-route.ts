import type { Clock } from '../../src/platform/index.ts';
import type { DestinationRow } from '../../src/queue/destinations.ts';
import { createRouteBook } from '../../src/queue/engine/route-book.ts';
import type { OwnedLane, Route, Work } from '../../src/queue/engine/work.ts';
import { type EffectState, freshEffect } from '../../src/queue/step/effect-step.ts';
import { newLane } from '../../src/queue/step/lane-step.ts';
import { quickRetry, tenantId } from './scripted-queue.ts';

const row: DestinationRow = {
  tenant_id: tenantId,
  name: 'erp',
  kind: 'connection',
  lanes: 1,
  concurrency: 16,
  paused: false,
  paused_reason: null,
  windows: [],
  retry: quickRetry,
  retry_by_reason: {},
  breaker: {},
  drain: {},
  health: {},
  open_max: null,
  version: 1,
};

/** The parts of an engine that a test of one of its rooms needs: a destination with one lane, and deliveries of it. */
export function oneRoute(clock: Clock): { route: Route; workOf(key: string, effect?: Partial<EffectState>): Work } {
  const book = createRouteBook(clock);
  book.update([row]);
  const route = book.find(tenantId, row.name);
  if (route === undefined) throw new Error('the book forgot its route');
  const owned: OwnedLane = {
    laneId: 1,
    laneNo: 0,
    epoch: 1,
    route,
    lane: newLane<Work>(1, 0, []),
    lost: false,
    dirtyTo: 0,
    savedCursor: 0,
  };
  let position = 0;
  return {
    route,
    workOf(key, effect = {}) {
      position++;
      const delivery = {
        id: `d-${key}`,
        position,
        tenantId,
        destination: row.name,
        key,
        operation: 'order.create',
        payload: { kind: 'command' as const },
        correlationId: `c-${key}`,
        priority: 0,
        attempt: 1,
      };
      const loadedAs = effect.phase === 'unknown' ? 'outcome_unknown' : 'queued';
      const parked = loadedAs !== 'queued';
      return { position, key, parked, owned, delivery, effect: { ...freshEffect, ...effect }, loadedAs };
    },
  };
}
