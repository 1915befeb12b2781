import type { CheckerOptions, Invariant } from './checker.ts';
import { type DeliveryRecord, type IntentRecord, type Tables, isFinal, stateNow } from './ledger.ts';

interface End {
  readonly options: CheckerOptions;
  /** Names of what was committed, and of what flows have written about it. */
  readonly expected: ReadonlySet<string>;
  readonly submissions: readonly number[];
  readonly acknowledged: ReadonlySet<number>;
  judge(invariant: Invariant, isRight: boolean, message: () => string): void;
}

/**
 * Nothing of it is open. The row itself may stay until a lane of it changes hands, when its holder had lost another of
 * its lanes meanwhile.
 */
export function isSettled(tables: Tables, intent: IntentRecord): boolean {
  return intent.members.every((member) => {
    const row = tables.deliveries.get(member.position);
    return row !== undefined && isFinal(stateNow(tables, row));
  });
}

/** After everything has come to rest: what was promised is there, once, and nothing else is. */
export function judgeTheEnd({ options, expected, submissions, acknowledged, judge }: End): void {
  const { tables } = options.ledger;
  const seen = new Set<string>();
  for (const row of tables.deliveries.values()) {
    const { name, destination } = row.plan;
    judge(5, !seen.has(name), () => `${name} is in the ledger twice`);
    seen.add(name);
    const state = stateNow(tables, row);
    judge(11, isFinal(state), () => `${name} is ${state} in the end`);
    const peer = options.peer(destination);
    const times = peer?.effectsOf(name).length ?? tables.flowEffects.filter((effect) => effect === name).length;
    judge(2, times <= 1, () => `${destination} has carried out ${name} ${times} times`);
    judge(1, times > 0 || state !== 'delivered', () => `${name} counts as delivered and is not there`);
    judge(2, times === 0 || state !== 'discarded' || peer !== undefined, () => `${name} was discarded and done`);
  }
  for (const name of expected) judge(1, seen.has(name), () => `${name} was committed and is not in the ledger`);
  for (const intent of tables.intents.values()) {
    judge(5, isSettled(tables, intent), () => `intent ${intent.id} is left over with a member that is open`);
  }
  judge(5, tables.parked.size === 0, () => `${tables.parked.size} rows are left in the side table`);
  for (const id of submissions) {
    const isIn = tables.submissions.has(id);
    judge(1, isIn || !acknowledged.has(id), () => `submission ${id} was acknowledged and is not in the ledger`);
    judge(11, isIn || acknowledged.has(id), () => `submission ${id} was never taken in`);
  }
}

/** The hub's own deaths spend nothing of the budget of tries. */
export function recoveriesOf(tables: Tables, row: DeliveryRecord): number {
  return tables.attempts.filter((attempt) => attempt.position === row.position && attempt.origin === 'recovered')
    .length;
}
