import type { Customer } from '../model/index.ts';
import type { OrderFacts } from './orders-types.ts';

/** Levels of a group that are looked at; real ones have two or three. */
const levelsMax = 10;

/** The accounts above a customer, nearest first. Ends at a cycle, which master data can hold for a moment. */
export function ancestorsOf(customer: Customer, facts: Pick<OrderFacts, 'customer'>): Customer[] {
  const ancestors: Customer[] = [];
  const seen = new Set([customer.accountNo]);
  let { parentAccountNo } = customer;
  while (parentAccountNo !== undefined && !seen.has(parentAccountNo) && ancestors.length < levelsMax) {
    seen.add(parentAccountNo);
    const parent = facts.customer(parentAccountNo);
    if (parent === undefined) break;
    ancestors.push(parent);
    parentAccountNo = parent.parentAccountNo;
  }
  return ancestors;
}

/** Whose limit counts for a customer: that of the nearest account above it that has one, else its own. */
export function creditAccountOf(customer: Customer, facts: Pick<OrderFacts, 'customer'>): string {
  const limited = ancestorsOf(customer, facts).find((ancestor) => ancestor.credit.limitMinor !== undefined);
  return (limited ?? customer).accountNo;
}
