import { parse } from 'csv-parse/sync';
import type { OrderSubmission } from '../model/index.ts';
import { HubError } from '../platform/index.ts';

interface Column {
  readonly name: string;
  readonly required: boolean;
  readonly meaning: string;
  readonly example: string;
}

/** The header row. Columns may come in any order; those that are not required may be left out. */
export const orderCsvColumns: readonly Column[] = [
  { name: 'customer', required: true, meaning: 'account number', example: 'C200' },
  {
    name: 'customer_po',
    required: true,
    meaning: 'purchase order number; rows with the same one are one order',
    example: 'PO-1001',
  },
  { name: 'channel', required: false, meaning: 'default portal', example: 'portal' },
  { name: 'ship_to', required: false, meaning: 'id of one of the customer’s addresses; default theirs', example: '' },
  { name: 'requested_date', required: false, meaning: 'YYYY-MM-DD', example: '' },
  { name: 'sku', required: false, meaning: 'SKU; or give gtin', example: 'LED' },
  { name: 'gtin', required: false, meaning: '8 to 14 digits', example: '' },
  { name: 'quantity', required: true, meaning: 'decimal greater than zero', example: '10' },
  { name: 'uom', required: true, meaning: 'unit of the quantity', example: 'EA' },
  { name: 'price', required: false, meaning: 'unit price; default the customer’s', example: '' },
  { name: 'currency', required: false, meaning: 'ISO 4217, with price', example: '' },
  { name: 'price_per', required: false, meaning: 'the price is for this many; default 1', example: '' },
  { name: 'price_uom', required: false, meaning: 'of this unit; default uom', example: '' },
];

export const mostImportRows = 10_000;

export interface RowError {
  readonly row: number;
  readonly column: string;
  readonly code: string;
  readonly message: string;
}

/** Rows of one order. With errors there is no submission: an order is taken whole or not at all. */
export interface CsvOrder {
  readonly rows: number[];
  readonly customer: string;
  readonly customerPo: string;
  readonly errors: RowError[];
  readonly submission: OrderSubmission | undefined;
}

export function orderCsvTemplate(): string {
  const names = orderCsvColumns.map((column) => column.name).join(',');
  return `${names}\r\n${orderCsvColumns.map((column) => column.example).join(',')}\r\n`;
}

/**
 * Reads a file of orders, one line item a row. Problems of a row stay with its order; only a file without a usable
 * header, or broken as CSV (RFC 4180), is refused as a whole.
 * @throws HubError IMPORT_INVALID
 */
export function readOrderCsv(bytes: Buffer): CsvOrder[] {
  const { header, records } = readRecords(bytes);
  const groups = new Map<string, { record: Record<string, string>; row: number; errors: RowError[] }[]>();
  for (const { values, row } of records) {
    const record = Object.fromEntries(header.map((name, index) => [name, values[index]?.trim() ?? '']));
    const errors = checkRow(record, row, header.length, values.length);
    // A row that does not say which order it belongs to is an order of its own: refused, and in nobody's way.
    const key =
      record.customer && record.customer_po
        ? `${record.channel}\0${record.customer}\0${record.customer_po}`
        : `row ${row}`;
    groups.set(key, [...(groups.get(key) ?? []), { record, row, errors }]);
  }
  return [...groups.values()].map((rows) => {
    const first = rows[0]!.record;
    const errors = [...rows.flatMap((entry) => entry.errors), ...disagreements(rows)];
    return {
      rows: rows.map((entry) => entry.row),
      customer: first.customer ?? '',
      customerPo: first.customer_po ?? '',
      errors,
      submission: errors.length > 0 ? undefined : toSubmission(rows.map((entry) => entry.record)),
    };
  });
}

function readRecords(bytes: Buffer): { header: string[]; records: { values: string[]; row: number }[] } {
  let parsed: { record: string[]; info: { lines: number } }[];
  try {
    parsed = parse(bytes, {
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: 100_000,
      to: mostImportRows + 2,
    }) as unknown as typeof parsed;
  } catch (error) {
    const { message, lines } = error as Error & { lines?: number };
    throw invalid(`/rows/${lines ?? 1}`, 'CSV', message.slice(0, 200), error);
  }
  const [first, ...rest] = parsed;
  if (first === undefined) throw invalid('/rows/1', 'EMPTY', 'The file is empty');
  if (rest.length > mostImportRows) throw invalid('', 'TOO_MANY_ROWS', `At most ${mostImportRows} rows at once`);
  const header = first.record.map((name) => name.trim().toLowerCase());
  checkHeader(header);
  if (rest.length === 0) throw invalid('/rows/2', 'EMPTY', 'The file has a header and no rows');
  return { header, records: rest.map(({ record, info }) => ({ values: record, row: info.lines })) };
}

function checkHeader(header: readonly string[]): void {
  const known = new Set(orderCsvColumns.map((column) => column.name));
  const problems = [
    ...header.filter((name) => !known.has(name)).map((name) => ({ code: 'UNKNOWN_COLUMN', name })),
    ...header
      .filter((name, index) => header.indexOf(name) !== index)
      .map((name) => ({ code: 'REPEATED_COLUMN', name })),
    ...orderCsvColumns
      .filter((column) => column.required && !header.includes(column.name))
      .map((column) => ({ code: 'MISSING_COLUMN', name: column.name })),
  ];
  if (problems.length === 0) return;
  throw new HubError('IMPORT_INVALID', {
    message: 'The header row is not as documented; GET /v1/orders/import/template.csv has it',
    errors: problems.map(({ code, name }) => ({ pointer: `/rows/1/${name.slice(0, 80)}`, code })),
  });
}

function invalid(pointer: string, code: string, message: string, cause?: unknown): HubError {
  return new HubError('IMPORT_INVALID', { message, cause, errors: [{ pointer, code, message }] });
}

const decimal = /^(?=.*[1-9])\d{1,18}(\.\d{1,9})?$/;
const patterns: Readonly<Record<string, { pattern: RegExp; code: string; message: string }>> = {
  quantity: {
    pattern: decimal,
    code: 'QUANTITY_INVALID',
    message: 'must be a decimal greater than zero, such as 10 or 2.5',
  },
  price: { pattern: /^\d{1,12}(\.\d{1,6})?$/, code: 'PRICE_INVALID', message: 'must be a decimal, such as 4.25' },
  currency: { pattern: /^[A-Z]{3}$/, code: 'CURRENCY_INVALID', message: 'must be an ISO 4217 code, such as USD' },
  price_per: { pattern: decimal, code: 'QUANTITY_INVALID', message: 'must be a decimal greater than zero' },
  gtin: { pattern: /^\d{8,14}$/, code: 'GTIN_INVALID', message: 'must be 8 to 14 digits' },
  requested_date: { pattern: /^\d{4}-\d{2}-\d{2}$/, code: 'DATE_INVALID', message: 'must be YYYY-MM-DD' },
};

function checkRow(record: Record<string, string>, row: number, expected: number, given: number): RowError[] {
  const errors: RowError[] = [];
  const report = (column: string, code: string, message: string) => errors.push({ row, column, code, message });
  if (given !== expected) report('', 'COLUMN_COUNT', `has ${given} values where the header has ${expected}`);
  for (const column of orderCsvColumns) {
    const value = record[column.name] ?? '';
    if (value === '') {
      if (column.required) report(column.name, 'REQUIRED', 'is missing');
      continue;
    }
    const rule = patterns[column.name];
    if (rule !== undefined && !rule.pattern.test(value)) report(column.name, rule.code, rule.message);
    else if (value.length > 80 || value.includes('\0')) report(column.name, 'TOO_LONG', 'is longer than 80 characters');
  }
  if (!record.sku && !record.gtin) report('sku', 'REQUIRED', 'a row needs a sku or a gtin');
  if (record.price && !record.currency) report('currency', 'REQUIRED', 'a price needs its currency');
  return errors;
}

/** Ship-to and date belong to the order: rows of one order must not contradict each other. */
function disagreements(rows: readonly { record: Record<string, string>; row: number }[]): RowError[] {
  const first = rows[0]!.record;
  return rows.flatMap(({ record, row }) =>
    ['ship_to', 'requested_date']
      .filter((column) => (record[column] ?? '') !== '' && record[column] !== first[column])
      .map((column) => ({ row, column, code: 'CONTRADICTION', message: 'differs from the first row of this order' })),
  );
}

function toSubmission(records: readonly Record<string, string>[]): OrderSubmission {
  const first = records[0]!;
  return {
    channel: first.channel || 'portal',
    customer: first.customer!,
    customerPo: first.customer_po!,
    ...(first.ship_to ? { shipTo: first.ship_to } : {}),
    ...(first.requested_date ? { requestedDate: first.requested_date } : {}),
    lines: records.map((record, index) => ({
      customerLineNo: String(index + 1),
      ...(record.sku ? { sku: record.sku } : {}),
      ...(record.gtin ? { gtin: record.gtin } : {}),
      quantity: { value: record.quantity!, uom: record.uom! },
      ...(record.price
        ? {
            price: {
              value: record.price,
              currency: record.currency!,
              perQty: record.price_per || '1',
              uom: record.price_uom || record.uom!,
            },
          }
        : {}),
    })),
  };
}
