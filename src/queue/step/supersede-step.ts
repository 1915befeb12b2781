import type { LaneRow, LaneState } from './lane-step.ts';

export interface SupersedeRules<R> {
  /** What only the newest of a key counts of; undefined for rows that all have to go. */
  groupOf(row: R): string | undefined;
  /** Nothing of it can have reached the outside: no send is under way and none may have been carried out. */
  isUnsent(row: R): boolean;
}

export interface Superseded<R> {
  /** The head first: none of them is sent. */
  readonly rows: readonly R[];
  readonly by: R;
}

/**
 * A head that is about to go gives way to the newest of those that wait right behind it and would say the same anew.
 * Those in between are taken out of the chain here; the head is finished like any other, and each of the others comes
 * back to the lane as `superseded` once it is in the ledger. What may have been sent never gives way, and nothing
 * passes a row of another kind: the order of the key holds.
 * @returns undefined when the head has to go
 */
export function supersede<R extends LaneRow>(
  state: LaneState<R>,
  head: R,
  rules: SupersedeRules<R>,
): Superseded<R> | undefined {
  const group = rules.groupOf(head);
  const chain = state.chains.get(head.key);
  if (group === undefined || chain === undefined || !rules.isUnsent(head)) return undefined;
  const rows = [head];
  let by: R | undefined;
  for (let index = chain.next; index < chain.waiting.length; index++) {
    const next = chain.waiting[index];
    if (next === undefined || rules.groupOf(next) !== group) break;
    if (by !== undefined) rows.push(by);
    by = next;
    if (!rules.isUnsent(next)) break;
  }
  if (by === undefined) return undefined;
  chain.next += rows.length - 1;
  return { rows, by };
}
