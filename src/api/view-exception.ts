import { type ExceptionRecord, getException, permittedActions } from '../exceptions/index.ts';
import { HubError, isUuid, type Tx } from '../platform/index.ts';
import type { Principal } from '../security/index.ts';
import type { ExceptionView } from './schemas/exceptions.ts';

export function viewException(record: ExceptionRecord, principal: Principal): ExceptionView {
  const { slaDue, dedupeKey: _, occurrences: __, updatedAt: ___, outcomeRefs, ...rest } = record;
  return {
    ...rest,
    entityRefs: record.entityRefs.map((ref) => ({ ...ref })),
    ...(outcomeRefs === undefined ? {} : { outcomeRefs: outcomeRefs.map((ref) => ({ ...ref })) }),
    allowedActions: permittedActions(principal, record),
    snoozedUntil: record.snoozedUntil?.toISOString(),
    openedAt: record.openedAt.toISOString(),
    resolvedAt: record.resolvedAt?.toISOString(),
    dueAt: slaDue.toISOString(),
  };
}

/** @throws HubError NOT_FOUND */
export async function requireException(tx: Tx, id: string): Promise<ExceptionRecord> {
  const record = isUuid(id) ? await getException(tx, id) : undefined;
  if (record === undefined) throw new HubError('NOT_FOUND');
  return record;
}
