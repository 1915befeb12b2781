import type { Tx } from '../../platform/index.ts';
import { arrayOfNumbers, arrayOfTexts } from '../sql/pg-array.ts';
import { lockParked } from '../sql/write-ledger.ts';
import type { Decision, Route, Work } from './work.ts';

/** What one transaction commits for a tenant. */
export interface Batch {
  decisions: Decision[];
  parks: Work[];
  flows: { route: Route; works: Work[] }[];
  sends: Work[];
}

export function emptyBatch(): Batch {
  return { decisions: [], parks: [], flows: [], sends: [] };
}

export function isEmpty(batch: Batch): boolean {
  return batch.decisions.length + batch.parks.length + batch.flows.length + batch.sends.length === 0;
}

/** Every delivery of a batch, whatever is to become of it. */
export function worksOf(batch: Batch): Work[] {
  const works = [...batch.parks, ...batch.sends];
  for (const { work } of batch.decisions) works.push(work);
  for (const flow of batch.flows) works.push(...flow.works);
  return works;
}

/** By kind and flow first; a single kind by member. */
export function split(batch: Batch): Batch[] {
  const parts: Batch[] = [];
  if (batch.decisions.length > 0) parts.push({ ...emptyBatch(), decisions: batch.decisions });
  if (batch.parks.length > 0) parts.push({ ...emptyBatch(), parks: batch.parks });
  for (const flow of batch.flows) parts.push({ ...emptyBatch(), flows: [flow] });
  if (batch.sends.length > 0) parts.push({ ...emptyBatch(), sends: batch.sends });
  if (parts.length > 1) return parts;
  const flow = batch.flows[0];
  if (flow !== undefined)
    return flow.works.map((work) => ({ ...emptyBatch(), flows: [{ route: flow.route, works: [work] }] }));
  if (batch.decisions.length > 0)
    return batch.decisions.map((decision) => ({ ...emptyBatch(), decisions: [decision] }));
  if (batch.sends.length > 0) return batch.sends.map((work) => ({ ...emptyBatch(), sends: [work] }));
  return [batch];
}

/** Everything that the lanes' cursors may pass once the batch is committed. */
export function closingOf(batch: Batch): ReadonlySet<number> {
  const closing = new Set<number>();
  for (const { work } of batch.decisions) if (!work.parked) closing.add(work.position);
  for (const { works } of batch.flows) for (const work of works) if (!work.parked) closing.add(work.position);
  for (const work of batch.parks) closing.add(work.position);
  return closing;
}

/** Parked deliveries that were decided by hand since they were loaded. The others are locked until the commit. */
export async function findOvertaken(tx: Tx, batch: Batch): Promise<Work[]> {
  const parked: Work[] = [];
  for (const { work } of batch.decisions) if (work.parked) parked.push(work);
  for (const { works } of batch.flows) for (const work of works) if (work.parked) parked.push(work);
  for (const work of batch.sends) if (work.parked) parked.push(work);
  if (parked.length === 0) return [];
  const rows = await tx.query<{ position: number }>(lockParked, [
    arrayOfNumbers(parked.map((work) => work.owned.laneId)),
    arrayOfNumbers(parked.map((work) => work.position)),
    arrayOfTexts(parked.map((work) => work.loadedAs)),
  ]);
  const valid = new Set(rows.map((row) => row.position));
  return parked.filter((work) => !valid.has(work.position));
}
