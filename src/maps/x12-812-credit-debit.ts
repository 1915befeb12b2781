import { at, coded, defineFormMaps, each, fixed, record, required, type Lens } from './lens.ts';
import { amount, quantity, x12Item } from './lens-values.ts';

const KINDS = { C: 'credit', D: 'debit' } as const;

/** The set must name a party; the sender is the one that we know. */
const ourselves: Lens<never> = {
  read: () => undefined,
  write: () => undefined,
  prepare(node, { terms }) {
    node.parties = [{ N1: { entity: 'FR', name: terms.seller.name ?? 'SELLER' } }];
  },
};

/** Credit or debit adjustment beside invoices. */
export const x12_812CreditDebit = defineFormMaps({
  standard: 'x12',
  type: '812',
  schema: 'credit-debit-adjustment',
  currency: at('CUR.currency'),
  fields: {
    names: fixed('CUR.entity', 'SE'),
    date: required(at('BCD.date'), 'DATE_MISSING', 'date (BCD01)'),
    adjustmentNo: required(at('BCD.adjustmentNumber'), 'ADJUSTMENT_NUMBER_MISSING', 'number (BCD02)'),
    handling: fixed('BCD.handling', 'H'),
    amountMinor: required(amount(at('BCD.amount')), 'AMOUNT_INVALID', 'amount (BCD04)'),
    kind: required(coded(at('BCD.creditDebit'), KINDS, 'BCD05'), 'CODE_UNKNOWN', 'credit or debit (BCD05)'),
    invoiceDate: at('BCD.invoiceDate'),
    invoiceNo: at('BCD.invoiceNumber'),
    poNumber: at('BCD.poNumber'),
    customer: ourselves,
    lines: each(
      'adjustments',
      record({
        reason: required(at('CDD.adjustmentReason'), 'REASON_MISSING', 'reason (CDD01)'),
        kind: required(coded(at('CDD.creditDebit'), KINDS, 'CDD02'), 'CODE_UNKNOWN', 'credit or debit (CDD02)'),
        amountMinor: amount(at('CDD.amount')),
        quantity: quantity(at('CDD.quantity'), at('CDD.unit')),
        item: x12Item('LIN.ids'),
      }),
    ),
  },
});
