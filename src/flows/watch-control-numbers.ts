import { listExceptions, type NewException } from '../exceptions/index.ts';
import { type ControlGap, findControlGaps } from '../exchange/index.ts';
import type { Tx } from '../platform/index.ts';
import type { Hub } from './flow.ts';
import { raiseExceptions } from './raise-exceptions.ts';

/** A day and what a hub that was down may have missed. */
const lookBackMs = 48 * 3_600_000;

/**
 * Control numbers that were passed over become exceptions, once each: partners watch the sequence of ISA13 and UNB 0020, and
 * ask. Run it every hour.
 */
export async function watchControlNumbers(tx: Tx, hub: Hub): Promise<void> {
  const gaps = await findControlGaps(tx, new Date(hub.clock.now().getTime() - lookBackMs));
  const found = gaps.map(told);
  const { rows } = await listExceptions(tx, { code: 'CONTROL_NUMBER_GAP' }, { limit: 1_000 });
  const known = new Set(rows.map(({ dedupeKey }) => dedupeKey));
  await raiseExceptions(
    tx,
    hub,
    found.filter(({ dedupeKey }) => !known.has(dedupeKey)),
  );
}

function told({ agreement, sender, receiver, usage, before, after, afterRestore }: ControlGap): NewException {
  const isOne = after - before === 2;
  const missing = isOne ? `Number ${before + 1}` : `Numbers ${before + 1} to ${after - 1}`;
  const what = isOne ? 'was' : 'were';
  const happened = afterRestore
    ? `${what} passed over when the database was put back; the partner may have got some of them since the backup`
    : `${what} never sent`;
  return {
    code: 'CONTROL_NUMBER_GAP',
    dedupeKey: `control-gap:${sender}:${receiver}:${usage}:${before}`,
    entityRefs: [],
    cause: `${missing} of the interchanges from ${sender} to ${receiver} ${happened}.`,
    data: { agreement, sender, receiver, usage, before, after, afterRestore },
  };
}
