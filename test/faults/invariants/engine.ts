import type pg from 'pg';
import type { Violation } from './violation.ts';

/** Everything in the ledger that says what became of a delivery, as text per row. */
export async function readFinals(db: pg.Pool): Promise<Map<string, string>> {
  const { rows } = await db.query<{ id: string; row: string }>(
    `SELECT d.id, concat_ws(' ', d.state, d.position, d.attempts, d.updated_at, d.outside_id, a.n) AS row
     FROM delivery_now AS d
     -- All attempts at once: a look for each delivery would unfold every batch every time.
     LEFT JOIN (SELECT delivery_id, count(*) AS n FROM attempt_now GROUP BY delivery_id) AS a ON a.delivery_id = d.id
     WHERE d.state IN ('delivered', 'discarded')`,
  );
  return new Map(rows.map(({ id, row }) => [id, row]));
}

/** 9: whoever wakes after its lease changes nothing of what its successors have finished. */
export function judgeFenced(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): Violation[] {
  return [...before].flatMap(([id, was]) => {
    const is = after.get(id);
    return is === was ? [] : [`delivery ${id} was final as "${was}" and is "${is ?? 'not final'}"`];
  });
}

/** 9: nothing was sent by a worker after its lanes had been taken over. Times are of one clock. */
export function judgeNoZombieSends(sends: readonly { what: string; atMs: number }[], takenOverMs: number): Violation[] {
  return sends
    .filter(({ atMs }) => atMs > takenOverMs)
    .map(({ what }) => `${what} was sent by a worker whose lanes had been taken over`);
}

/** 11: with the faults off everything is finished within the bound. `open` is what was left when it had passed. */
export function judgeDrained(drainedInMs: number, boundMs: number, open: readonly string[]): Violation[] {
  if (open.length > 0) return open.map((what) => `${what} was still open after ${boundMs} ms`);
  return drainedInMs > boundMs ? [`drained in ${drainedInMs} ms, with ${boundMs} allowed`] : [];
}

/** 12: no call while the window is open, and no attempt spent on it. */
export function judgeQuiet(
  window: { fromMs: number; toMs: number },
  calls: readonly { what: string; atMs: number }[],
  attemptsSpent: number,
): Violation[] {
  const within = calls.filter(({ atMs }) => atMs >= window.fromMs && atMs < window.toMs);
  return [
    ...within.map(({ what, atMs }) => `${what} was called ${atMs - window.fromMs} ms into the window`),
    ...(attemptsSpent > 0 ? [`${attemptsSpent} attempts were spent while the window was open`] : []),
  ];
}

/** How much of their throughput the neighbours of a poison message may lose. */
const poisonAllowance = 0.1;

/** 13: what the others got done with the poison beside them, against what they get done without, in the same time. */
export function judgePoison(aloneDone: number, besideDone: number): Violation[] {
  return besideDone >= aloneDone * (1 - poisonAllowance)
    ? []
    : [`the neighbours of a poison message did ${besideDone}, and ${aloneDone} without it`];
}
