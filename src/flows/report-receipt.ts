import { choosePrice, loadItems, loadPriceRules } from '../catalog/index.ts';
import type { EntityRef } from '../exceptions/index.ts';
import type { RecordedMovement, StockMovement } from '../inventory/index.ts';
import { extendPrice } from '../model/index.ts';
import { localDate, type Tx } from '../platform/index.ts';
import type { StockCause } from './apply-stock.ts';
import type { Hub } from './flow.ts';
import { raiseExceptions } from './raise-exceptions.ts';

/** What a receipt says beside what came in; base units. */
export interface Discrepancy {
  readonly lineNo: number;
  readonly sku: string;
  readonly uom: string;
  readonly lot?: string;
  readonly kind: 'short' | 'over';
  readonly quantity: string;
}

/** The document behind a receipt, with what it says beside what came in. */
export interface ReceiptDocument {
  readonly messageId?: string;
  readonly documentId?: string;
  readonly told?: readonly Discrepancy[];
}

interface Receipt extends ReceiptDocument {
  readonly source: string;
  readonly location: string;
  /** Number of the receipt at its source. */
  readonly number: string;
  readonly movements: readonly StockMovement[];
  readonly recorded: readonly RecordedMovement[];
  readonly cause: StockCause;
}

/** What of a receipt is not as it should be; base units. */
export interface Finding {
  readonly kind: 'damaged' | 'refused' | 'beyondOrder' | 'short' | 'over';
  readonly sku: string;
  readonly lot?: string;
  readonly quantity: string;
}

const words: Readonly<Record<Finding['kind'], string>> = {
  damaged: 'damaged',
  refused: 'refused by the warehouse and put in quarantine',
  beyondOrder: 'beyond the order and its tolerance, put in quarantine',
  short: 'short',
  over: 'more than the warehouse was told to expect',
};

/** Findings named in one sentence; the exception's data has them all. */
const mostNamed = 20;

/** One exception for a receipt with damaged, refused, missing or surplus goods; none when it was on record before. */
export async function reportReceipt(tx: Tx, hub: Hub, receipt: Receipt): Promise<void> {
  const { source, location, number, movements, recorded, cause, messageId, documentId, told } = receipt;
  if (movements.length > 0 && recorded.every(({ duplicate }) => duplicate)) return;
  const findings: Finding[] = [
    // A site that books into quarantine itself may do so with all that comes in, until it has been inspected.
    ...movements.flatMap((movement, index) => findingsOf(movement, recorded[index]!, told !== undefined)),
    ...(told ?? []),
  ];
  if (findings.length === 0) return;
  const orders = [...new Set(movements.flatMap(({ poNo }) => poNo ?? []))];
  const refs: EntityRef[] = [
    { kind: 'location', id: location, label: location },
    ...[...new Set(findings.map(({ sku }) => sku))].slice(0, 10).map((sku) => ({ kind: 'item', id: sku, label: sku })),
    ...(messageId === undefined ? [] : [{ kind: 'message', id: messageId }]),
    ...(documentId === undefined ? [] : [{ kind: 'document', id: documentId }]),
  ];
  const named = findings.slice(0, mostNamed).map(sentenceOf).join('; ');
  const more = findings.length > mostNamed ? `; and ${findings.length - mostNamed} more` : '';
  const forOrder = orders.length === 0 ? '' : ` for ${orders.slice(0, 5).join(', ')}`;
  await raiseExceptions(tx, hub, [
    {
      code: 'RECEIPT_DISCREPANT',
      dedupeKey: `receipt:${source}:${number}`,
      entityRefs: refs,
      correlationId: cause.correlationId,
      ...(messageId !== undefined && { messageId }),
      cause: `Receipt ${number} at ${location}${forOrder}: ${named}${more}.`,
      ...(await moneyAtRisk(tx, hub, findings)),
      data: { source, document: number, location, poNos: orders, findings, partner: cause.partner },
    },
  ]);
}

function findingsOf(
  { sku, lot, status, quantity }: StockMovement,
  recorded: RecordedMovement,
  refuses: boolean,
): Finding[] {
  if (recorded.duplicate) return [];
  const about = { sku, ...(lot && { lot }) };
  if (status === 'damaged') return [{ kind: 'damaged', ...about, quantity }];
  if (status === 'quarantine' && refuses) return [{ kind: 'refused', ...about, quantity }];
  if (recorded.quarantined === undefined) return [];
  return [{ kind: 'beyondOrder', ...about, quantity: recorded.quarantined }];
}

function sentenceOf({ kind, sku, lot, quantity }: Finding): string {
  return `${quantity} of ${sku}${lot === undefined ? '' : ` lot ${lot}`} ${words[kind]}`;
}

/** At the prices of the list, in the currency of the first that has one. */
async function moneyAtRisk(tx: Tx, hub: Hub, findings: readonly Finding[]) {
  const skus = [...new Set(findings.map(({ sku }) => sku))];
  const items = await loadItems(tx, skus);
  const rules = await loadPriceRules(tx, skus);
  const listed = [...rules.values()]
    .flat()
    .find(({ customer, channel }) => customer === undefined && channel === undefined);
  if (listed === undefined) return {};
  const { currency } = listed.price;
  const date = localDate(hub.clock.now(), hub.timeZone);
  const amounts = findings.flatMap(({ sku, quantity }) => {
    const item = items.get(sku)?.value;
    if (item === undefined) return [];
    const chosen = choosePrice(item, rules.get(sku) ?? [], { customer: '', channel: '', date, quantity, currency });
    return chosen === undefined ? [] : (extendPrice(item, quantity, chosen.price) ?? []);
  });
  if (amounts.length === 0) return {};
  return { moneyAtRiskMinor: amounts.reduce((sum, amount) => sum + amount, 0), currency };
}
