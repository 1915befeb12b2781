import type { Tx } from '../platform/index.ts';
import type { BreakerChange, ByHand, Destination, DestinationCondition } from '../queue/index.ts';
import type { Hub } from './flow.ts';
import { raiseExceptions, settleExceptions } from './raise-exceptions.ts';
import { authKey, downKey, forgetUp } from './report-delivery-trouble.ts';

/** A breaker has opened or closed: told to whoever listens, and what had been raised about it is settled. */
export async function reportBreakerChange(tx: Tx, change: BreakerChange, hub: Hub): Promise<void> {
  const { destination, to, reason, detail, openedAt } = change;
  await hub.events.publish(tx, [
    {
      type: to === 'open' ? 'ops.system.down' : 'ops.system.up',
      entity: { kind: 'message', id: destination },
      key: destination,
      correlationId: `breaker:${destination}`,
      ...(detail === undefined ? {} : { reason: detail }),
      data: { destination, cause: reason, openedAt: openedAt?.toISOString() },
    },
  ]);
  if (to === 'open') {
    forgetUp(tx, hub, destination);
    return;
  }
  await settle(tx, hub, [destination]);
}

/** So long ago a breaker may have closed while another transaction was about to raise an exception about it. */
const raceMs = 600_000;

/** Raises one exception per destination whose breaker has been open for longer than its setting. */
export async function watchBreakers(tx: Tx, hub: Hub): Promise<void> {
  const conditions = (await hub.destinations.conditions(tx)).filter(({ breaker }) => breaker !== undefined);
  if (conditions.length === 0) return;
  const now = hub.clock.now();
  const settings = new Map((await hub.destinations.list(tx)).map((destination) => [destination.name, destination]));
  const late = conditions.filter((condition) => isLate(condition, settings.get(condition.destination), now));
  for (const { destination } of late) forgetUp(tx, hub, destination);
  await raiseExceptions(tx, hub, late.map(downException));
  const closed = conditions.filter(
    ({ breaker }) => breaker?.state === 'closed' && now.getTime() - breaker.since.getTime() < raceMs,
  );
  if (closed.length > 0) {
    const keys = closed.map(({ destination }) => downKey(destination));
    await settleExceptions(tx, hub, { dedupeKeys: keys, resolution: 'It answers again', by: 'hub' });
  }
}

function isLate({ breaker }: DestinationCondition, destination: Destination | undefined, now: Date): boolean {
  if (breaker?.openedAt === undefined || destination === undefined) return false;
  // Who holds it open knows.
  return !breaker.held && now.getTime() - breaker.openedAt.getTime() >= destination.breaker.alarmAfterMs;
}

function downException({ destination, breaker }: DestinationCondition) {
  const since = breaker?.openedAt?.toISOString() ?? '';
  const last = breaker?.lastError === undefined ? '' : ` The last error: ${breaker.lastError}`;
  return {
    code: 'ENDPOINT_DOWN' as const,
    dedupeKey: downKey(destination),
    entityRefs: [{ kind: 'connection', id: destination }],
    cause: `${destination} has not answered since ${since}; deliveries wait for it in order.${last}`,
    data: { destination, blamedSystem: destination, downSince: since },
  };
}

async function settle(tx: Tx, hub: Hub, destinations: readonly string[]): Promise<void> {
  const dedupeKeys = destinations.flatMap((destination) => [downKey(destination), authKey(destination)]);
  await settleExceptions(tx, hub, { dedupeKeys, resolution: 'It answers again', by: 'hub' });
}

/** Longer than any process takes to hear of a connection's new settings. */
const knownEverywhereMs = 6_000;

/**
 * A connection was changed, or a person says that it works again: what was held because of refused credentials goes
 * out once more, and an open breaker is probed, both as soon as every worker knows the connection as it now is.
 * @returns how many deliveries were released
 */
export async function tryAgainSoon(tx: Tx, hub: Hub, destination: string, by: ByHand): Promise<number> {
  await hub.destinations.probeSoon(tx, destination, knownEverywhereMs);
  return hub.deliveries.releaseRefused(tx, destination, { ...by, delayMs: knownEverywhereMs });
}
