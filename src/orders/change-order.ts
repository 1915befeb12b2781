import {
  addDecimals,
  isZeroDecimal,
  minDecimal,
  subtractDecimals,
  type SalesOrder,
  type SalesOrderLine,
} from '../model/index.ts';
import { HubError } from '../platform/index.ts';
import { deriveLine, deriveLines, deriveOrder } from './derive-order.ts';
import type {
  HoldProblem,
  LinePrice,
  LineState,
  OrderAggregate,
  OrderDocument,
  OrderState,
  StateHold,
  Waiver,
} from './orders-types.ts';

/**
 * An order in hand. It is derived when somebody looks: many who lock an order never do. What changes of one line derives
 * that line alone, since a step goes through up to a thousand lines and looks at each again after its change.
 */
export class LockedOrder implements OrderAggregate {
  readonly id: string;
  readonly orderNo: string;
  readonly document: OrderDocument;
  readonly state: OrderState;
  version: number;
  updatedAt: string;
  #order: SalesOrder | undefined;
  /** As derived last; `#outdated` are the line numbers that changed since. */
  #lines: SalesOrderLine[] | undefined;
  readonly #outdated = new Set<number>();

  constructor(row: Pick<OrderAggregate, 'id' | 'orderNo' | 'document' | 'state' | 'version' | 'updatedAt'>) {
    this.id = row.id;
    this.orderNo = row.orderNo;
    this.document = row.document;
    this.state = row.state;
    this.version = row.version;
    this.updatedAt = row.updatedAt;
  }

  get order(): SalesOrder {
    if (this.#order !== undefined) return this.#order;
    this.#lines ??= deriveLines(this.document, this.state);
    for (const lineNo of this.#outdated) this.#derive(this.#lines, lineNo);
    this.#outdated.clear();
    // A copy: who holds an order keeps it as it was.
    this.#order = deriveOrder(this.document, this.state, this, [...this.#lines]);
    return this.#order;
  }

  /** One line as it is now, without deriving the others again. */
  line(lineNo: number): SalesOrderLine | undefined {
    if (this.#lines === undefined) return this.order.lines[lineNo - 1];
    if (this.#outdated.delete(lineNo)) this.#derive(this.#lines, lineNo);
    return this.#lines[lineNo - 1];
  }

  /** It was changed: one of its lines, its header (`null`), or anything. */
  outdate(lineNo?: number | null): void {
    this.#order = undefined;
    if (lineNo === undefined) this.#lines = undefined;
    else if (lineNo !== null) this.#outdated.add(lineNo);
  }

  #derive(lines: SalesOrderLine[], lineNo: number): void {
    const line = this.document.lines[lineNo - 1]!;
    lines[lineNo - 1] = deriveLine(line, findLineState(this.state, lineNo), this.state.credit === 'approved');
  }
}

function changed(aggregate: OrderAggregate, lineNo?: number | null): void {
  if (aggregate instanceof LockedOrder) aggregate.outdate(lineNo);
  else aggregate.order = deriveOrder(aggregate.document, aggregate.state, aggregate);
}

/** Derives the order anew from what the aggregate holds now; `saveOrders` does so as well. */
export function refreshOrder(aggregate: OrderAggregate): SalesOrder {
  changed(aggregate);
  return aggregate.order;
}

/**
 * A line as it is now. Steps that change one line after another look at it with this and not through `order`, which
 * derives everything that changed. @throws HubError NOT_FOUND for a line that the order does not have
 */
export function lineOf(aggregate: OrderAggregate, lineNo: number): SalesOrderLine {
  const line = aggregate instanceof LockedOrder ? aggregate.line(lineNo) : aggregate.order.lines[lineNo - 1];
  if (line === undefined) throw new HubError('NOT_FOUND', { message: noSuchLine(aggregate, lineNo) });
  return line;
}

function noSuchLine(aggregate: OrderAggregate, lineNo: number): string {
  return `Order ${aggregate.orderNo} has no line ${lineNo}`;
}

/** Line states by number; lines are only ever added to a state. */
const lineStates = new WeakMap<OrderState, Map<number, LineState>>();

/** What has changed about a line, where anything has. */
export function findLineState(state: OrderState, lineNo: number): LineState | undefined {
  let known = lineStates.get(state);
  if (known === undefined || known.size !== state.lines.length) {
    lineStates.set(state, (known = new Map(state.lines.map((line) => [line.lineNo, line]))));
  }
  return known.get(lineNo);
}

/** The mutable part of a line. @throws HubError NOT_FOUND for a line that the order does not have */
export function lineState(aggregate: OrderAggregate, lineNo: number): LineState {
  const known = findLineState(aggregate.state, lineNo);
  if (known !== undefined) return known;
  if (aggregate.document.lines[lineNo - 1] === undefined) {
    throw new HubError('NOT_FOUND', { message: noSuchLine(aggregate, lineNo) });
  }
  const line: LineState = { lineNo };
  aggregate.state.lines.push(line);
  lineStates.get(aggregate.state)?.set(lineNo, line);
  return line;
}

/** Absolute base-unit quantities that the hub has reserved and backordered for a line; absent ones stay. */
export function setAllocation(
  aggregate: OrderAggregate,
  lineNo: number,
  allocation: { allocated?: string; backordered?: string; promisedDate?: string | null },
): void {
  const line = lineState(aggregate, lineNo);
  // Confirmed cancels are taken off again when the line is derived, so that the caller's figure is what shows.
  if (allocation.allocated !== undefined) {
    line.allocated = addDecimals(allocation.allocated, line.facts?.cancelled ?? '0');
  }
  if (allocation.backordered !== undefined) line.backordered = allocation.backordered;
  if (allocation.promisedDate === null) delete line.promisedDate;
  else if (allocation.promisedDate !== undefined) line.promisedDate = allocation.promisedDate;
  changed(aggregate, lineNo);
}

/** Adds to what the hub cancelled of a line; with `rejectedFor` it is we who refuse it, and the buyer is told so. */
export function cancelQuantity(
  aggregate: OrderAggregate,
  lineNo: number,
  quantity: string,
  rejectedFor?: string,
): void {
  const line = lineState(aggregate, lineNo);
  line.cancelled = addDecimals(line.cancelled ?? '0', quantity);
  if (rejectedFor !== undefined) {
    const before = line.rejected?.quantity ?? '0';
    line.rejected = { quantity: addDecimals(before, quantity), reason: rejectedFor };
  }
  changed(aggregate, lineNo);
  if (isZeroDecimal(quantity) || lineOf(aggregate, lineNo).milestone !== 'cancelled') return;
  // Nothing is left that a hold could keep back.
  line.holds = [];
  changed(aggregate, lineNo);
}

/** Takes a refusal of ours back as far as it goes: what was missing is there. Answers by how much. */
export function restoreRejected(aggregate: OrderAggregate, lineNo: number, quantity: string, reason: string): string {
  const line = lineState(aggregate, lineNo);
  if (line.rejected?.reason !== reason) return '0';
  const back = minDecimal(quantity, line.rejected.quantity);
  line.cancelled = subtractDecimals(line.cancelled ?? '0', back);
  const rest = subtractDecimals(line.rejected.quantity, back);
  if (isZeroDecimal(rest)) delete line.rejected;
  else line.rejected = { quantity: rest, reason };
  changed(aggregate, lineNo);
  return back;
}

function holdsOf(aggregate: OrderAggregate, lineNo: number | undefined): StateHold[] {
  if (lineNo === undefined) return aggregate.state.holds;
  const line = lineState(aggregate, lineNo);
  line.holds ??= [];
  return line.holds;
}

/** Puts a hold on the order, or with `lineNo` on a line. False when it is there already. */
export function addHold(
  aggregate: OrderAggregate,
  hold: { code: string; lineNo?: number; causeKey?: string; by: string; exceptionId?: string },
  now: Date,
): boolean {
  const holds = holdsOf(aggregate, hold.lineNo);
  const known = holds.find((candidate) => candidate.code === hold.code);
  if (known !== undefined) {
    if (hold.causeKey !== undefined) known.causeKey = hold.causeKey;
    if (hold.exceptionId !== undefined) known.exceptionId = hold.exceptionId;
    changed(aggregate, hold.lineNo ?? null);
    return false;
  }
  const { code, causeKey, by, exceptionId } = hold;
  holds.push({ code, since: now.toISOString(), by, exceptionId, causeKey });
  changed(aggregate, hold.lineNo ?? null);
  return true;
}

/** True when there was such a hold. */
export function removeHold(aggregate: OrderAggregate, code: string, lineNo?: number): boolean {
  const holds = holdsOf(aggregate, lineNo);
  const index = holds.findIndex((hold) => hold.code === code);
  if (index < 0) return false;
  holds.splice(index, 1);
  changed(aggregate, lineNo ?? null);
  return true;
}

/** A person lets the order, or one of its lines, go on despite a hold code; the hold itself goes at the next check. */
export function waiveHold(aggregate: OrderAggregate, waiver: Waiver): void {
  aggregate.state.waivers.push(waiver);
}

/** What a line is billed at from now on. */
export function setLinePrice(aggregate: OrderAggregate, lineNo: number, price: LinePrice): void {
  Object.assign(lineState(aggregate, lineNo), price);
  changed(aggregate, lineNo);
}

export interface HoldChange {
  added: HoldProblem[];
  released: { code: string; lineNo?: number; since: string }[];
}

/**
 * Brings the holds of an order in line with the problems it has now: new ones are added, and those without a cause any
 * more are released. Codes that other steps decide (`keep`) are left as they are.
 */
export function reconcileHolds(
  aggregate: OrderAggregate,
  problems: readonly HoldProblem[],
  options: { keep: readonly string[]; now: Date },
): HoldChange {
  const change: HoldChange = { added: [], released: [] };
  const wanted = new Set(problems.map((problem) => `${problem.lineNo ?? ''} ${problem.code}`));
  const present = [
    ...aggregate.state.holds.map((hold) => ({ ...hold, lineNo: undefined as number | undefined })),
    ...aggregate.state.lines.flatMap((line) => (line.holds ?? []).map((hold) => ({ ...hold, lineNo: line.lineNo }))),
  ];
  for (const { code, lineNo, since } of present) {
    if (options.keep.includes(code) || wanted.has(`${lineNo ?? ''} ${code}`)) continue;
    removeHold(aggregate, code, lineNo);
    change.released.push({ code, lineNo, since });
  }
  for (const problem of problems) {
    const { code, lineNo, causeKey } = problem;
    if (addHold(aggregate, { code, lineNo, causeKey, by: 'hub' }, options.now)) change.added.push(problem);
  }
  return change;
}
