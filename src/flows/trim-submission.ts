import type { OrderSubmission } from '../model/index.ts';

/** ` PO-1` is PO-1: blanks around a number are nobody's intention, and would let the same purchase order in twice. */
export function trimSubmission(submission: OrderSubmission): OrderSubmission {
  const customerPo = submission.customerPo?.trim();
  const release = submission.release?.trim();
  if (customerPo === submission.customerPo && release === submission.release) return submission;
  return { ...submission, customerPo, release };
}
