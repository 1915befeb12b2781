import { type CommittableTx, type Db, HubError, sqlState } from '../../platform/index.ts';
import { takeTransactionId } from '../sql/read-lanes.ts';
import { refusedState } from '../sql/write-ledger.ts';
import { type Batch, worksOf } from './batch.ts';
import { DestinationsClosed } from './intents.ts';
import { refuseLost } from './ledger-batch.ts';

/**
 * One transaction of the engine's own pool for a batch.
 *
 * @param began told its id, and answers what to call when it is over
 * @throws DestinationsClosed, LanesLost, HubError INTERNAL when the ledger refuses the batch: nothing of it is written then
 */
export async function writeBatch(
  engine: Db,
  tenantId: string,
  batch: Batch,
  began: (xid: number) => () => void,
  work: (tx: CommittableTx) => Promise<void>,
): Promise<void> {
  let over = (): void => {};
  try {
    await engine.tx(tenantId, async (tx) => {
      // Its answer comes before those of the statements that travel with it; what fails it fails them as well.
      tx.query<{ xid: string }>(takeTransactionId).then(
        ([row]) => void (over = began(Number(row?.xid))),
        () => {},
      );
      await work(tx);
    });
  } catch (error) {
    if (sqlState(error) === refusedState) await explain(engine, tenantId, batch);
    throw error;
  } finally {
    over();
  }
}

/** Why the ledger took nothing of a batch: asked afterwards, as it hardly ever happens. */
async function explain(engine: Db, tenantId: string, batch: Batch): Promise<never> {
  await engine.tx(tenantId, (tx) => refuseLost(tx, worksOf(batch)));
  // Calls are refused for nothing else; by now the pause or the breaker may be over.
  if (batch.sends.length > 0) throw new DestinationsClosed();
  throw new HubError('INTERNAL', { message: "A delivery was not in the state that its lane's owner left it in" });
}
