import type { ActionResults, ActOnExceptionsBody, ExceptionView } from '../../src/api/contract.ts';

export type Decision = Pick<ActOnExceptionsBody, 'action' | 'reason' | 'input'>;
export type RowResult = ActionResults['results'][number];
type Post = (body: ActOnExceptionsBody) => Promise<ActionResults>;

/** So many a request, that the bar moves and none waits long; the hub takes more. */
const chunkSize = 25;

/**
 * Decides about rows as they were seen, some at a time. Where something fails, nothing more is asked; where the hub stops
 * answering, what is left is told as not known. What was done before stays done.
 * @param told how many have been answered, after each request
 */
export async function decideMany(
  post: Post,
  rows: readonly Pick<ExceptionView, 'id' | 'version'>[],
  decision: Decision & { preview: boolean },
  told: (answered: number) => void = () => {},
): Promise<RowResult[]> {
  const results: RowResult[] = [];
  while (results.length < rows.length) {
    const chunk = rows.slice(results.length, results.length + chunkSize).map(({ id, version }) => ({ id, version }));
    try {
      results.push(...(await post({ ...decision, exceptions: chunk })).results);
    } catch (error) {
      if (decision.preview || results.length === 0) throw error;
      const message = `Not tried, or not known: ${(error as Error).message}`;
      results.push(...chunk.map(({ id }) => ({ id, outcome: 'failed' as const, message })));
    }
    if (results.some(({ outcome }) => outcome === 'failed')) {
      results.push(...rows.slice(results.length).map(({ id }) => ({ id, outcome: 'not_tried' as const })));
    }
    told(results.length);
  }
  return results;
}

const reasons: Readonly<Record<string, string>> = {
  PRECONDITION_FAILED: 'changed since you saw it; nobody is overwritten',
  NOT_FOUND: 'no longer there',
  FORBIDDEN: 'not for your role',
};

/** Why a row was refused, in words. */
export function reasonOf({ outcome, code = '', message }: RowResult, row: ExceptionView | undefined): string {
  if (outcome === 'not_tried') return 'not tried, since one before it failed';
  if (outcome === 'failed') return message ?? code;
  if (code === 'ACTION_NOT_ALLOWED') {
    if (row?.state === 'resolved') return 'already resolved';
    return row === undefined ? 'does not allow it' : `“${row.title}” does not allow it`;
  }
  return reasons[code] ?? message ?? code;
}

/** How many for each reason, most first. */
export function countReasons(
  results: readonly RowResult[],
  rows: readonly ExceptionView[],
): { reason: string; count: number }[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const counts = new Map<string, number>();
  for (const result of results) {
    if (result.outcome === 'done') continue;
    const reason = reasonOf(result, byId.get(result.id));
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count);
}
