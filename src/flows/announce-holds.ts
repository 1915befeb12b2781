import type { NewException } from '../exceptions/index.ts';
import { isPositiveDecimal, type SalesOrderLine, shareOfMinor } from '../model/index.ts';
import type { HoldProblem, OrderAggregate } from '../orders/index.ts';
import type { Tx } from '../platform/index.ts';
import type { Conclusion, DecideOptions, Undecided } from './decide-orders.ts';
import type { Hub } from './flow.ts';
import { raiseExceptions, settleExceptions } from './raise-exceptions.ts';

export interface HoldNews extends Undecided {
  readonly outcome: Conclusion;
}

export function holdKey(orderId: string, code: string, lineNo?: number): string {
  return `hold:${orderId}:${lineNo ?? ''}:${code}`;
}

export function backorderKey(orderId: string, lineNo: number): string {
  return `backorder:${orderId}:${lineNo}`;
}

function noticeKey(orderId: string, code: string): string {
  return `notice:${orderId}:${code}`;
}

/**
 * Every hold is an exception with an owner, and every exception goes when its hold does. The holds learn the ids of their
 * exceptions, so call it before the orders are saved.
 */
export async function announceHolds(
  tx: Tx,
  hub: Hub,
  news: readonly HoldNews[],
  options: DecideOptions,
): Promise<void> {
  const gone = news.flatMap((one) => [
    ...one.change.released.map(({ code, lineNo }) => holdKey(one.aggregate.id, code, lineNo)),
    ...staleNotices(one),
  ]);
  const resolution = options.by === 'hub' ? 'Its cause is gone' : `Released by ${options.by}`;
  await settleExceptions(tx, hub, { dedupeKeys: gone, resolution, by: options.by });
  const opened: { exception: NewException; learn?: (id: string) => void }[] = [];
  for (const one of news) {
    opened.push(...holdExceptions(one), ...noticeExceptions(one));
    if (one.outcome === 'accepted') opened.push(...backorderExceptions(one.aggregate));
  }
  const ids = await raiseExceptions(
    tx,
    hub,
    opened.map(({ exception }) => exception),
  );
  for (const [index, { learn }] of opened.entries()) learn?.(ids[index]!);
}

/** What every exception about an order says of it. */
export function exceptionAbout({ id, orderNo, document }: OrderAggregate) {
  return {
    entityRefs: [
      { kind: 'order', id, label: orderNo },
      { kind: 'customer', id: document.customer, label: document.customerName },
    ],
    orderId: id,
    correlationId: document.correlationId,
    currency: document.currency,
  };
}

/** For holds that have no exception yet, those that the intake put on included. */
function holdExceptions({ aggregate, check, outcome }: HoldNews) {
  if (outcome === 'rejected') return [];
  const problems = new Map<string, HoldProblem>();
  for (const problem of check.problems) problems.set(`${problem.lineNo ?? ''} ${problem.code}`, problem);
  const holds = [
    ...aggregate.state.holds.map((hold) => ({ hold, lineNo: undefined as number | undefined })),
    ...aggregate.state.lines.flatMap((line) => (line.holds ?? []).map((hold) => ({ hold, lineNo: line.lineNo }))),
  ];
  return holds.flatMap(({ hold, lineNo }) => {
    const problem = problems.get(`${lineNo ?? ''} ${hold.code}`);
    if (hold.exceptionId !== undefined || problem === undefined) return [];
    const exception: NewException = {
      ...exceptionAbout(aggregate),
      code: problem.code,
      dedupeKey: holdKey(aggregate.id, problem.code, lineNo),
      cause: problem.cause,
      suggestedFix: problem.suggestedFix,
      moneyAtRiskMinor: problem.moneyAtRiskMinor,
      messageId: aggregate.document.sourceMessageId,
      data: { ...problem.data, lineNo, orderNo: aggregate.orderNo, causeKey: problem.causeKey },
    };
    const learn = (id: string): void => {
      hold.exceptionId = id;
      hold.causeKey = problem.causeKey;
    };
    return [{ exception, learn }];
  });
}

function noticeExceptions({ aggregate, check }: HoldNews): { exception: NewException }[] {
  const given = aggregate.state.notices ?? [];
  const fresh = check.notices.filter((notice) => !given.includes(notice.code));
  if (fresh.length > 0) aggregate.state.notices = [...given, ...fresh.map((notice) => notice.code)];
  return fresh.map(({ code, cause, data }) => ({
    exception: { ...exceptionAbout(aggregate), code, dedupeKey: noticeKey(aggregate.id, code), cause, data },
  }));
}

function staleNotices({ aggregate, check }: HoldNews): string[] {
  const stale = (aggregate.state.notices ?? []).filter((code) => !check.notices.some((n) => n.code === code));
  if (stale.length > 0) aggregate.state.notices = aggregate.state.notices!.filter((code) => !stale.includes(code));
  return stale.map((code) => noticeKey(aggregate.id, code));
}

function backorderExceptions(aggregate: OrderAggregate): { exception: NewException }[] {
  return aggregate.order.lines.flatMap((line) =>
    backorderException(aggregate, line).map((exception) => ({ exception })),
  );
}

/** That a part of a line waits for stock; none where nothing does. */
export function backorderException(aggregate: OrderAggregate, line: SalesOrderLine): NewException[] {
  const { backordered, ordered } = line.q;
  if (!isPositiveDecimal(backordered)) return [];
  const expected = line.promisedDate === undefined ? 'no supply is on its way' : `expected ${line.promisedDate}`;
  return [
    {
      ...exceptionAbout(aggregate),
      code: 'BACKORDER',
      dedupeKey: backorderKey(aggregate.id, line.lineNo),
      cause: `${backordered} of ${ordered} ${line.baseUom} ${line.sku} are backordered; ${expected}.`,
      moneyAtRiskMinor: shareOfMinor(line.amountMinor, backordered, ordered),
      data: { lineNo: line.lineNo, sku: line.sku, backordered, promisedDate: line.promisedDate },
    },
  ];
}
