/**
 * Which positions a reader may pass. A writer takes its transaction id first and its positions after; so when the
 * sequence's last value was noted and then a transaction id taken, every position up to that value belongs to an older
 * transaction, and is visible (or rolled back) once the snapshot's xmin has reached that id. Reading by id instead
 * skips late commits; reading by (xid, id) misorders.
 */
export interface ReadMarks {
  /** Every position up to here is decided. */
  safe: number;
  /** Noted and not yet passed, oldest first. */
  readonly pending: readonly { position: number; xid: number; atMs: number }[];
}

/** What one look at the database says, in this order: xmin of a snapshot, then the sequence, then an own xid. */
export interface MarkReading {
  xmin: number;
  position: number;
  xid: number;
}

const pendingMarksMax = 16;

export const noMarks: ReadMarks = { safe: 0, pending: [] };

/** @param atMs monotonic time, to tell how long a mark has waited */
export function markStep(marks: ReadMarks, reading: MarkReading, atMs: number): ReadMarks {
  let safe = marks.safe;
  let pending = marks.pending.filter((mark) => {
    if (reading.xmin < mark.xid) return true;
    safe = Math.max(safe, mark.position);
    return false;
  });
  if (reading.xmin >= reading.xid) {
    // No transaction was under way when the snapshot was taken, and none has begun before the own id.
    safe = Math.max(safe, reading.position);
  } else if (reading.position > safe && pending.length < pendingMarksMax) {
    pending = [...pending, { position: reading.position, xid: reading.xid, atMs }];
  }
  return { safe, pending: pending.filter((mark) => mark.position > safe) };
}

/** How long the oldest pending mark has waited, in ms. */
export function markAgeMs(marks: ReadMarks, nowMs: number): number {
  const oldest = marks.pending[0];
  return oldest === undefined ? 0 : nowMs - oldest.atMs;
}
