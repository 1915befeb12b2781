import type { Tx } from '../../platform/index.ts';
import type { DeliveryState, Outcome } from '../delivery.ts';
import { statesOfParents } from '../sql/read-lanes.ts';
import { parentStep } from '../step/parent-step.ts';
import type { Decision, Work } from './work.ts';

/**
 * Those that wait for another delivery that is not through, with what becomes of them. Hardly ever is there one. What may
 * have been sent is settled first, whatever its parent does by now: it went after it, and waiting would forget the send.
 */
export async function awaitParents(tx: Tx, works: readonly Work[], now: Date): Promise<ReadonlyMap<Work, Decision>> {
  const decisions = new Map<Work, Decision>();
  const children = works.filter((work) => work.delivery.afterId !== undefined && work.effect.phase === 'clear');
  if (children.length === 0) return decisions;
  const ids = [...new Set(children.map((work) => work.delivery.afterId ?? ''))];
  const rows = await tx.query<{ id: string; state: DeliveryState }>(statesOfParents, [tx.tenantId, ids]);
  const states = new Map(rows.map((row) => [row.id, row.state]));
  for (const work of children) {
    const { id, afterId = '' } = work.delivery;
    const verdict = parentStep(states.get(afterId), now.getTime() - createdMsOf(id));
    if (verdict.type === 'wait') {
      const outcome: Outcome = { kind: 'retryable', sent: false, detail: `Waits for delivery ${afterId}` };
      const { dueInMs } = verdict;
      const waiting = { outcome, effect: work.effect, code: 'WAITS_FOR_PARENT', untold: true };
      decisions.set(work, { work, to: 'retry_wait', dueInMs, ...waiting });
    } else if (verdict.type === 'hold') {
      const code = 'PARENT_DISCARDED';
      const message = `It was to follow delivery ${afterId}, which was discarded`;
      const outcome: Outcome = { kind: 'rejected', class: 'business', code, message };
      decisions.set(work, { work, to: 'held', outcome, effect: work.effect, code });
    }
  }
  return decisions;
}

/** The ids are UUIDv7: their first 48 bits are the time. */
function createdMsOf(id: string): number {
  return Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
}
