import type { Db, Tx } from '../platform/index.ts';

/** Runs in a transaction; a preview is the real thing, undone: what it says will happen is what would have happened. */
export async function runOrPreview<T>(
  db: Db,
  tenantId: string,
  preview: boolean,
  run: (tx: Tx) => Promise<T>,
): Promise<T> {
  if (!preview) return db.tx(tenantId, run);
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
