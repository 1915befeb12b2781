import { lastOfSequence } from '../../platform/index.ts';

/**
 * A mark for the readers of what a sequence numbers: a MarkReading (read-mark.ts). The order matters: the statement's
 * snapshot is taken first, then the sequence is read (materialised before anything is computed from it), then the
 * transaction id is taken.
 */
export function markOf(sequence: string): string {
  return `
    WITH noted AS MATERIALIZED (SELECT ${lastOfSequence(sequence)} AS position)
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xmin, position,
           pg_current_xact_id()::text::bigint AS xid
    FROM noted`;
}
