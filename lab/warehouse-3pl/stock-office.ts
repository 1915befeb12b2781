import { formatDecimal, parseDecimal } from '../decimal.ts';
import type { Effect } from '../effect-log.ts';
import { created, type LabReply, type Route, refused } from '../lab-server.ts';
import type { Bench, NewEffect } from '../lab-system.ts';
import type { Mailbox } from '../mailbox.ts';
import { type Adjustment, inventoryReport, type Receipt, stockAdjustment, stockReceipt } from './advices.ts';
import { type Move, StockBook } from './stock-book.ts';

const kinds = ['receipt.sent', 'adjustment.sent', 'report.sent'] as const;

/** W1901 of goods that were damaged in the building. */
const DAMAGED = 'AU';

/** The clerk who keeps the book of stock and tells the depositor: 944 of what came, 947 of what changed, 846 of what is there. */
export class StockOffice {
  readonly book = new StockBook();
  readonly #bench: Bench;
  readonly #mailbox: Mailbox;
  readonly #sent: Record<(typeof kinds)[number], number> = {
    'receipt.sent': 0,
    'adjustment.sent': 0,
    'report.sent': 0,
  };
  readonly #openingStock: () => Move[];
  #opened = false;
  readonly routes: readonly Route[];

  constructor(bench: Bench, mailbox: Mailbox, openingStock: () => Move[]) {
    this.#bench = bench;
    this.#mailbox = mailbox;
    this.#openingStock = openingStock;
    const post = (path: string, handle: (body: Record<string, unknown>) => Promise<LabReply>): Route => ({
      method: 'POST',
      path,
      handle: ({ body }) => handle(body),
    });
    this.routes = [
      post('/_receipts', (body) => this.#receive(body as Partial<Receipt>)),
      post('/_adjustments', async (body) => {
        if (!Array.isArray(body.lines) || body.lines.length === 0) return refused(422, 'NO_LINES', 'nothing to adjust');
        return created(await this.adjust(body as unknown as Adjustment));
      }),
      post('/_reports', async () => created(await this.#report())),
      post('/_stock', (body) => this.#set(body.lines as Move[])),
    ];
  }

  apply(effect: Effect): void {
    if (effect.kind === 'stock.opened') this.#opened = true;
    if (effect.moves !== undefined) this.book.move(effect.moves as Move[]);
    if (effect.picks !== undefined) this.book.pick(effect.picks as Move[]);
    for (const kind of kinds) if (effect.kind === kind) this.#sent[kind] += 1;
  }

  resume(): void {
    if (!this.#opened) void this.#bench.record({ kind: 'stock.opened', moves: this.#openingStock() });
    this.#reportLater();
  }

  /** `{adjustmentNo?, lines: [{sku, lot?, quantity, uom, reason}]}`: quantities are signed. */
  async adjust(given: Omit<Adjustment, 'adjustmentNo'> & { adjustmentNo?: string }): Promise<unknown> {
    const adjustmentNo = given.adjustmentNo ?? this.#next('RA', 'adjustment.sent');
    const { lines } = given;
    const adjustment = { adjustmentNo, lines };
    const sent: NewEffect = { kind: 'adjustment.sent', key: adjustmentNo, lines, moves: lines.flatMap(movesOf) };
    const segments = stockAdjustment(adjustment, '0001', this.#bench.clock());
    return { adjustmentNo, ...(await this.#mailbox.send('AW', segments, [sent])) };
  }

  /** Tells of goods that are no longer fit for sale, and keeps them apart. `moves` take them off the shelf. */
  async setAside(moves: readonly Move[]): Promise<void> {
    const lines = moves.map((move) => ({ ...move, reason: DAMAGED }));
    await this.adjust({ lines });
  }

  /** `Receipt`; its number has a usual value. */
  async #receive(given: Partial<Receipt>): Promise<LabReply> {
    const { lines } = given;
    if (!Array.isArray(lines) || lines.length === 0) return refused(422, 'NO_LINES', 'nothing has come in');
    const receiptNo = given.receiptNo ?? this.#next('RR', 'receipt.sent');
    const moves = lines.flatMap(({ sku, lot, quantity, uom, damaged = '0' }): Move[] => {
      const good = formatDecimal(parseDecimal(quantity) - parseDecimal(damaged));
      return [
        { sku, lot, quantity: good, uom },
        { sku, lot, quantity: damaged, uom, status: 'damaged' },
      ];
    });
    const segments = stockReceipt({ ...given, receiptNo, lines }, '0001', this.#bench.clock());
    const sent = { kind: 'receipt.sent', key: receiptNo, lines, moves };
    return created({ receiptNo, ...(await this.#mailbox.send('RE', segments, [sent])) });
  }

  async #report(): Promise<unknown> {
    const reportNo = this.#next('RI', 'report.sent');
    const positions = this.book.positions();
    const segments = inventoryReport(reportNo, positions, '0001', this.#bench.clock());
    const sent = { kind: 'report.sent', key: reportNo, positions: this.describe() };
    return { reportNo, ...(await this.#mailbox.send('IB', segments, [sent])) };
  }

  #reportLater(): void {
    this.#bench.later('report', async () => {
      await this.#report();
      this.#reportLater();
    });
  }

  /** `{lines: [{sku, lot?, quantity, uom}]}`: what lies there from now on, told to nobody. */
  async #set(lines: readonly Move[]): Promise<LabReply> {
    const moves = lines.map(({ sku, lot, quantity, uom }): Move => {
      const now = this.book.positions().find((position) => position.sku === sku && position.lot === lot)?.good ?? 0n;
      return { sku, lot, quantity: formatDecimal(parseDecimal(quantity) - now), uom };
    });
    await this.#bench.record({ kind: 'stock.set', moves });
    return created({ positions: this.describe() });
  }

  describe(): unknown[] {
    return this.book.positions().map(({ good, damaged, picked, ...position }) => ({
      ...position,
      good: formatDecimal(good),
      damaged: formatDecimal(damaged),
      picked: formatDecimal(picked),
    }));
  }

  #next(prefix: string, kind: (typeof kinds)[number]): string {
    return `${prefix}-${10_001 + this.#sent[kind]}`;
  }
}

/** What is damaged stays in the house. */
function movesOf({ sku, lot, quantity, uom, reason }: Adjustment['lines'][number]): Move[] {
  const move: Move = { sku, lot, quantity, uom };
  if (reason !== DAMAGED) return [move];
  return [move, { ...move, quantity: formatDecimal(-parseDecimal(quantity)), status: 'damaged' }];
}
