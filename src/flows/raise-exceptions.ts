import type { NewEvent } from '../events/index.ts';
import {
  closeObligations,
  type ExceptionRecord,
  exceptionDefinition,
  type NewException,
  openExceptions,
  type Resolving,
  resolveExceptions,
} from '../exceptions/index.ts';
import type { Tx } from '../platform/index.ts';
import type { Hub } from './flow.ts';

/**
 * Opens exceptions and announces those that are new: the one way to open them, which `test/tidy.test.ts` sees to. Answers
 * their ids in the order given.
 */
export async function raiseExceptions(tx: Tx, hub: Hub, exceptions: readonly NewException[]): Promise<string[]> {
  if (exceptions.length === 0) return [];
  const opened = await openExceptions(tx, exceptions, hub.clock.now());
  const news = exceptions.flatMap((exception, index): NewEvent[] => {
    const { id, opened: isNew } = opened[index]!;
    if (!isNew || isAboutNews(exception)) return [];
    const { severity, ownerRole } = exceptionDefinition(exception.code);
    return [
      {
        type: 'ops.exception.opened',
        entity: { kind: 'message', id },
        key: exception.orderId ?? id,
        orderId: exception.orderId,
        correlationId: exception.correlationId ?? id,
        data: { exceptionId: id, code: exception.code, severity, ownerRole, cause: exception.cause },
      },
    ];
  });
  if (news.length > 0) await hub.events.publish(tx, news);
  return opened.map(({ id }) => id);
}

/** Resolves exceptions whose cause is gone, or that a person settled, and announces it. */
export async function settleExceptions(tx: Tx, hub: Hub, what: Resolving): Promise<ExceptionRecord[]> {
  const resolved = await resolveExceptions(tx, what, hub.clock.now());
  const news = resolved.filter((record) => !isAboutNews(record));
  if (news.length === 0) return resolved;
  await hub.events.publish(
    tx,
    news.map(
      (record): NewEvent => ({
        type: 'ops.exception.resolved',
        entity: { kind: 'message', id: record.id },
        key: record.orderId ?? record.id,
        orderId: record.orderId,
        correlationId: record.correlationId ?? record.id,
        data: { exceptionId: record.id, code: record.code, resolution: what.resolution, by: what.by },
      }),
    ),
  );
  return resolved;
}

/** Stops clocks; the exceptions of those that had fallen due are resolved and announced. */
export async function endObligations(
  tx: Tx,
  hub: Hub,
  ended: Parameters<typeof closeObligations>[1],
  outcome: 'met' | 'withdrawn' = 'met',
): Promise<void> {
  const dedupeKeys = await closeObligations(tx, ended, hub.clock.now(), outcome);
  const resolution = outcome === 'met' ? 'It has happened' : 'No longer owed';
  await settleExceptions(tx, hub, { dedupeKeys, resolution, by: 'hub' });
}

/** A delivery of such news that fails is not announced again: a subscriber that does not answer would cause more without end. */
function isAboutNews({ deliveryId, data }: Pick<NewException, 'deliveryId' | 'data'>): boolean {
  return deliveryId !== undefined && String(data?.operation).startsWith('ops.');
}
