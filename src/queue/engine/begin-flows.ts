import type { FlowRunner } from '../delivery.ts';
import type { Batch } from './batch.ts';

/** Some member of a batch has to be alone in its transaction: the batch is run again in parts. */
class RunApart extends Error {
  constructor() {
    super('A delivery wants a transaction of its own');
  }
}

/** Lets flows note what is about to be handled, before the batch's own transaction. @throws RunApart */
export async function beginFlows(flows: FlowRunner, tenantId: string, batch: Batch): Promise<void> {
  if (flows.begin === undefined) return;
  const members = batch.flows.reduce((sum, { works }) => sum + works.length, 0);
  for (const { route, works } of batch.flows) {
    const rows = works.map((work) => work.delivery);
    const mode = await flows.begin(tenantId, route.name.slice('flow.'.length), rows, members === 1);
    if (mode === 'apart' && members > 1) throw new RunApart();
  }
}
