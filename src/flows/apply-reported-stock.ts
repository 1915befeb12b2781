import type { NewException } from '../exceptions/index.ts';
import { isHubError, type Tx } from '../platform/index.ts';
import type { Translated } from './apply-results.ts';
import { applyStockChange } from './apply-stock-change.ts';
import { mapFailed } from './check-results.ts';
import type { Hub } from './flow.ts';
import { raiseExceptions } from './raise-exceptions.ts';

/**
 * Applies what messages say of stock. A change that cannot be applied leaves nothing of it, and its message waits for a person.
 * @returns why, for those that were not applied
 */
export async function applyReportedStock(
  tx: Tx,
  hub: Hub,
  items: readonly Translated[],
): Promise<Map<Translated, string>> {
  const refused = new Map<Translated, string>();
  const problems: NewException[] = [];
  for (const item of items) {
    const { message, correlationId, results } = item;
    const changes = results.flatMap((result) => (result.kind === 'stock' ? [result.value] : []));
    if (changes.length === 0) continue;
    try {
      for (const change of changes) await applyStockChange(tx, hub, change, { correlationId });
    } catch (error) {
      if (!isHubError(error) || error.disposition !== 'reject') throw error;
      refused.set(item, error.message);
      problems.push(mapFailed(message, { code: error.code, text: error.message }));
    }
  }
  await raiseExceptions(tx, hub, problems);
  return refused;
}
