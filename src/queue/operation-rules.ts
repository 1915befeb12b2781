/** What the queue knows of an operation by its name. */
export interface OperationRule {
  /** Among keys that are ready at the same time the higher one goes first, and may use what a quota reserves for it. */
  readonly priority: number;
  /** `key`: only the newest of a key counts; one that was not sent yet gives way to a newer one of the same key. */
  readonly supersedes?: 'key';
}

/** By the part before the dot. Orders and what moves goods first, then stock, then money, then the catalogue. */
const rules: Readonly<Record<string, OperationRule>> = {
  order: { priority: 60 },
  release: { priority: 60 },
  shipment: { priority: 50 },
  label: { priority: 50 },
  fulfillment: { priority: 50 },
  // The figure is read when it is sent: an older publication of the same item and channel would say nothing else.
  availability: { priority: 40, supersedes: 'key' },
  inventory: { priority: 40 },
  document: { priority: 40 },
  invoice: { priority: 30 },
  payment: { priority: 30 },
  item: { priority: 10 },
  catalog: { priority: 10 },
  price: { priority: 10 },
  customer: { priority: 10 },
};

const otherRule: OperationRule = { priority: 20 };

/** Names as in the connectors: `order.create`, `availability.publish`. */
export function ruleOfOperation(operation: string): OperationRule {
  const dot = operation.indexOf('.');
  return rules[dot < 0 ? operation : operation.slice(0, dot)] ?? otherRule;
}
