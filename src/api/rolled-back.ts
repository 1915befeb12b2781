import type { Db, Tx } from '../platform/index.ts';

/** A preview is the real thing, undone: what it says will happen is what would have happened. */
export async function rolledBack<T>(db: Db, tenantId: string, run: (tx: Tx) => Promise<T>): Promise<T> {
  const undo = new Error('a preview is rolled back');
  let result: T | undefined;
  try {
    await db.tx(tenantId, async (tx) => {
      result = await run(tx);
      throw undo;
    });
  } catch (error) {
    if (error !== undo) throw error;
  }
  return result!;
}
