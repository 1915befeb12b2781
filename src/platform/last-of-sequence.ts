/**
 * SQL for the last number that a sequence has handed out, 0 when none. Never `SELECT last_value FROM` the sequence: that
 * reads its page without the lock under which `nextval` changes it, and every 32nd `nextval` has 32 numbers too many
 * there while it writes its log record (PostgreSQL, sequence.c). Whoever takes the number for what has been handed
 * out passes what is yet to come. `pg_sequence_last_value`, which the view pg_sequences rests on, takes the lock.
 */
export function lastOfSequence(name: string): string {
  return `coalesce(pg_sequence_last_value('${name}'), 0)`;
}
