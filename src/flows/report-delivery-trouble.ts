import { deliveryEvent, orderOfDelivery, type NewEvent } from '../events/index.ts';
import type { ExceptionCode, NewException } from '../exceptions/index.ts';
import type { Tx } from '../platform/index.ts';
import type { FoundOutside, Settled } from '../queue/index.ts';
import { defineFlow, type Hub } from './flow.ts';
import { raiseExceptions, settleExceptions } from './raise-exceptions.ts';

/** So many failed tries in a row of one delivery mean that a system is down, and not that one call was unlucky. */
const triesUntilDown = 3;

/** Technical trouble with a delivery is announced and becomes an exception, which closes when the delivery gets through. */
export const reportDeliveryTrouble = defineFlow({
  name: 'report-delivery-trouble',
  settles: {
    '*': async (tx, results, hub) => {
      await openFor(tx, hub, results, (result) => troubleOf(result));
      await closeFor(tx, hub, results);
    },
  },
});

/**
 * What has stopped until a person decides, or was given up on. A failed try that is made again by itself is no news: there
 * are as many as an outage makes, and the breaker tells of that.
 */
function eventsOf(result: Settled): NewEvent[] {
  const { state, outcome, delivery, attempts, nextAttemptAt } = result;
  const waits = state === 'held' || (state === 'outcome_unknown' && nextAttemptAt === undefined);
  if (state !== 'dead' && !waits) return [];
  const code = outcome.kind === 'rejected' ? { code: outcome.code } : {};
  return deliveryEvent(state === 'dead' ? 'ops.delivery.deadLettered' : 'ops.delivery.failed', delivery, {
    data: { state, attempts, error: wordOf(result), ...code },
  });
}

/** The same for a step inside the hub that failed. */
export async function reportFlowFailures(tx: Tx, results: readonly Settled[], hub: Hub): Promise<void> {
  await openFor(tx, hub, results, (result) => {
    if (result.state !== 'dead' && result.state !== 'held') return undefined;
    return exceptionOf(
      result,
      'FLOW_FAILED',
      `${result.delivery.destination} could not do its work: ${wordOf(result)}`,
    );
  });
}

async function openFor(
  tx: Tx,
  hub: Hub,
  results: readonly Settled[],
  judge: (result: Settled) => NewException | undefined,
): Promise<void> {
  const news = results.flatMap(eventsOf);
  if (news.length > 0) await hub.events.publish(tx, news);
  const troubles = results.map(judge).filter((trouble) => trouble !== undefined);
  if (troubles.length === 0) return;
  const unique = [...new Map(troubles.map((trouble) => [trouble.dedupeKey, trouble])).values()];
  const blamed = unique.filter(({ code }) => code === 'AUTH_FAILED' || code === 'ENDPOINT_DOWN');
  for (const { data } of blamed) if (typeof data?.destination === 'string') forgetUp(tx, hub, data.destination);
  await raiseExceptions(tx, hub, unique);
}

async function closeFor(tx: Tx, hub: Hub, results: readonly Settled[]): Promise<void> {
  const arrived = results.filter((result) => result.state === 'delivered');
  if (arrived.length === 0) return;
  const at = hub.clock.now();
  const destinations = [...new Set(arrived.map(({ delivery }) => delivery.destination))];
  const asked = destinations.filter((each) => !hub.knownUp.has(hub.tenantId, each));
  const keys = new Set(asked.flatMap(keysOf));
  for (const { delivery, attempts } of arrived) {
    // Only a delivery that was tried before can have trouble of its own on record.
    if (attempts > 1) for (const code of deliveryCodes) keys.add(`${code}:${delivery.id}`);
  }
  if (keys.size > 0) await settleExceptions(tx, hub, { dedupeKeys: [...keys], ...gotThrough });
  tx.afterCommit(() => {
    for (const destination of asked) hub.knownUp.add(hub.tenantId, destination);
    for (const destination of destinations) hub.knownUp.succeeded(hub.tenantId, destination, at);
  });
}

const gotThrough = { resolution: 'It got through', by: 'hub' };

/**
 * Closes what another worker had opened about a destination just before something got through here, unseen because this one
 * had asked a moment ago, or because it was not committed yet. What has been met again since stays open.
 */
export async function closeOpenedBefore(tx: Tx, hub: Hub, destination: string, succeededAt: Date): Promise<void> {
  await settleExceptions(tx, hub, { dedupeKeys: keysOf(destination), notSince: succeededAt, ...gotThrough });
}

/**
 * Something may be open about the destination again: its next success asks. Said once more when it can be seen, for a
 * success beside this transaction that asked too early.
 */
export function forgetUp(tx: Tx, hub: Hub, destination: string): void {
  hub.knownUp.forget(hub.tenantId, destination);
  tx.afterCommit(() => hub.knownUp.forget(hub.tenantId, destination));
}

const deliveryCodes = [
  'OUTPUT_INVALID',
  'DELIVERY_DEAD',
  'DELIVERY_REJECTED',
  'RELEASE_REJECTED',
  'OUTCOME_UNKNOWN',
  'DUPLICATE_OUTSIDE',
] as const;
export const downKey = (destination: string): string => `endpoint:${destination}`;
/** Credentials are the connection's: one exception, however many deliveries meet it. */
export const authKey = (destination: string): string => `auth:${destination}`;
const keysOf = (destination: string): string[] => [downKey(destination), authKey(destination)];

function troubleOf(result: Settled): NewException | undefined {
  const { outcome, state, delivery, attempts } = result;
  if (state === 'delivered') return undefined;
  if (outcome.kind === 'rejected') {
    if (outcome.class === 'auth') return authException(result);
    if (outcome.code === 'OUTPUT_INVALID') {
      const cause = `${delivery.operation} for ${delivery.destination} was not sent: ${outcome.message}`;
      return exceptionOf(result, 'OUTPUT_INVALID', cause);
    }
    const cause = `${delivery.destination} refused ${delivery.operation}: ${wordOf(result)}`;
    // Stock waits for it and the floor does not know: that is the warehouse's desk and not integration's.
    return exceptionOf(
      result,
      delivery.operation === 'release.create' ? 'RELEASE_REJECTED' : 'DELIVERY_REJECTED',
      cause,
    );
  }
  if (state === 'dead' || state === 'held') {
    return exceptionOf(
      result,
      'DELIVERY_DEAD',
      `${delivery.operation} to ${delivery.destination} failed ${attempts} times; the last time: ${wordOf(result)}`,
    );
  }
  if (state === 'outcome_unknown' && result.nextAttemptAt === undefined) {
    if (outcome.kind === 'unknown' && outcome.found !== undefined) return foundException(result, outcome.found);
    return exceptionOf(
      result,
      'OUTCOME_UNKNOWN',
      `${delivery.operation} left for ${delivery.destination} and no clear answer came back: ${wordOf(result)}`,
    );
  }
  // What speaks against the system is the circuit breaker's to judge, which raises one exception when it stays open.
  const reason = outcome.kind === 'confirmed' ? undefined : outcome.reason;
  if (attempts < triesUntilDown || (reason !== undefined && reason !== 'throttled')) return undefined;
  return {
    code: 'ENDPOINT_DOWN',
    dedupeKey: downKey(delivery.destination),
    entityRefs: [{ kind: 'connection', id: delivery.destination }],
    cause: `${delivery.destination} has not answered ${delivery.operation} ${attempts} times in a row: ${wordOf(result)}`,
    data: { destination: delivery.destination, blamedSystem: delivery.destination },
  };
}

function authException(result: Settled): NewException {
  const { destination } = result.delivery;
  return {
    code: 'AUTH_FAILED',
    dedupeKey: authKey(destination),
    entityRefs: [{ kind: 'connection', id: destination }],
    cause: `${destination} does not accept our credentials: ${wordOf(result)}`,
    data: { destination, blamedSystem: destination },
  };
}

/** The destination has it, but the hub cannot tell which, or whether it is the right thing. */
function foundException(result: Settled, { ids, sameContent }: FoundOutside): NewException {
  const { delivery } = result;
  const name = delivery.naturalKey ?? delivery.key;
  const what = sameContent ? `${ids.length} records (${ids.join(', ')})` : `${ids.join(', ')} with other content`;
  const exception = exceptionOf(
    result,
    'DUPLICATE_OUTSIDE',
    `${delivery.destination} holds ${what} under the key ${name} of ${delivery.operation}.`,
  );
  return {
    ...exception,
    // One record with other content is nobody's surplus: somebody changed it over there, or it was never ours.
    ...(sameContent ? {} : { suggestedFix: 'Compare the two; correct it at the destination, then confirm it.' }),
    data: { ...exception.data, naturalKey: name, foundIds: ids },
  };
}

function exceptionOf(result: Settled, code: ExceptionCode, cause: string): NewException {
  const { delivery, outcome } = result;
  const orderId = orderOfDelivery(result.delivery);
  return {
    code,
    dedupeKey: `${code}:${delivery.id}`,
    entityRefs: [
      ...(orderId === undefined ? [] : [{ kind: 'order', id: orderId }]),
      { kind: 'delivery', id: delivery.id, label: `${delivery.operation} to ${delivery.destination}` },
    ],
    ...(orderId === undefined ? {} : { orderId }),
    correlationId: delivery.correlationId,
    ...(delivery.payload.messageId === undefined ? {} : { messageId: delivery.payload.messageId }),
    deliveryId: delivery.id,
    cause,
    data: {
      destination: delivery.destination,
      operation: delivery.operation,
      ...(outcome.kind === 'rejected' ? { code: outcome.code } : {}),
    },
  };
}

function wordOf({ outcome }: Settled): string {
  if (outcome.kind === 'confirmed') return 'confirmed';
  return outcome.kind === 'rejected' ? `${outcome.message} (${outcome.code})` : outcome.detail;
}
