import { mostOrderLines, OrderSubmission } from '../model/index.ts';
import { HubError, isCalendarDay, isCurrency } from '../platform/index.ts';
import { invalid, readCsvRecords } from './csv-records.ts';
import { problemsBy } from './schema-validation.ts';

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

const mostImportRows = 10_000;

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
  const groups = new Map<string, CsvRow[]>();
  for (const row of readRows(bytes)) {
    const { customer, customer_po: po } = row.record;
    // A row that does not say which order it belongs to is an order of its own: refused, and in nobody's way.
    const key = customer && po ? `${customer}\0${po}` : `row ${row.row}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups.values()].map(orderOf);
}

interface CsvRow {
  readonly record: Record<string, string>;
  readonly row: number;
  readonly errors: RowError[];
}

function readRows(bytes: Buffer): CsvRow[] {
  const { records, separator } = readCsvRecords(bytes, mostImportRows);
  const [first, ...rest] = records;
  if (first === undefined) throw invalid('/rows/1', 'EMPTY', 'The file is empty');
  const header = first.values.map((name) => name.trim().toLowerCase());
  checkHeader(header);
  if (rest.length === 0) throw invalid('/rows/2', 'EMPTY', 'The file has a header and no rows');
  return rest.map(({ values, row }) => {
    const record = Object.fromEntries(header.map((name, index) => [name, values[index]?.trim() ?? '']));
    const errors = separator === ';' ? readDecimalCommas(record, row) : [];
    errors.push(...checkRow(record, row, header.length, values.length));
    return { record, row, errors };
  });
}

function orderOf(rows: readonly CsvRow[]): CsvOrder {
  const { customer = '', customer_po: customerPo = '' } = rows[0]!.record;
  const errors = [...rows.flatMap((row) => row.errors), ...disagreements(rows)];
  let submission: OrderSubmission | undefined;
  if (errors.length === 0) {
    submission = toSubmission(rows.map((row) => row.record));
    errors.push(...misfits(submission, rows));
  }
  return {
    rows: rows.map((row) => row.row),
    customer,
    customerPo,
    errors,
    submission: errors.length > 0 ? undefined : submission,
  };
}

/** An order of a file is held to what the API holds one to: so many lines, such lengths. */
function misfits(submission: OrderSubmission, rows: readonly CsvRow[]): RowError[] {
  if (rows.length > mostOrderLines) {
    const message = `has ${rows.length} rows; an order takes at most ${mostOrderLines}`;
    return [{ row: rows[mostOrderLines]!.row, column: 'customer_po', code: 'TOO_MANY_LINES', message }];
  }
  return problemsOf(submission).map(({ pointer, code, message = 'is not valid' }) => {
    const line = /^\/lines\/(\d+)/.exec(pointer)?.[1];
    return { row: rows[Number(line ?? 0)]!.row, column: columnOf(pointer), code, message };
  });
}

const problemsOf = problemsBy(OrderSubmission);

/** The column that a field of a submission was read from. */
export function columnOf(pointer: string): string {
  if (pointer.endsWith('/quantity/uom')) return 'uom';
  if (pointer.includes('/quantity')) return 'quantity';
  const [, inPrice] = /\/price(?:\/(\w+))?$/.exec(pointer) ?? [];
  if (inPrice !== undefined) return { currency: 'currency', perQty: 'price_per', uom: 'price_uom' }[inPrice] ?? 'price';
  const name = pointer.split('/').at(-1) ?? '';
  return { customerPo: 'customer_po', shipTo: 'ship_to', requestedDate: 'requested_date' }[name] ?? name;
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

const decimal = /^(?=.*[1-9])\d{1,18}(\.\d{1,9})?$/;
interface Rule {
  readonly fits: (value: string) => boolean;
  readonly code: string;
  readonly message: string;
}
const like = (pattern: RegExp) => (value: string) => pattern.test(value);
const rules: Readonly<Record<string, Rule>> = {
  quantity: {
    fits: like(decimal),
    code: 'QUANTITY_INVALID',
    message: 'must be a decimal greater than zero, such as 10 or 2.5',
  },
  price: { fits: like(/^\d{1,12}(\.\d{1,6})?$/), code: 'PRICE_INVALID', message: 'must be a decimal, such as 4.25' },
  currency: { fits: isCurrency, code: 'CURRENCY_INVALID', message: 'must be an ISO 4217 code, such as USD' },
  price_per: { fits: like(decimal), code: 'QUANTITY_INVALID', message: 'must be a decimal greater than zero' },
  gtin: { fits: like(/^\d{8,14}$/), code: 'GTIN_INVALID', message: 'must be 8 to 14 digits' },
  requested_date: {
    fits: isCalendarDay,
    code: 'DATE_INVALID',
    message: 'must be a day of the calendar, written YYYY-MM-DD',
  },
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
    const problem = checkValue(rules[column.name], value);
    if (problem !== undefined) report(column.name, problem.code, problem.message);
  }
  if (!record.sku && !record.gtin) report('sku', 'REQUIRED', 'a row needs a sku or a gtin');
  if (record.price && !record.currency) report('currency', 'REQUIRED', 'a price needs its currency');
  return errors;
}

function checkValue(rule: Rule | undefined, value: string): { code: string; message: string } | undefined {
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(value)) {
    return { code: 'CONTROL_CHARACTER', message: 'holds a line break or another control character' };
  }
  if (value.includes('\ufffd')) {
    return {
      code: 'ENCODING',
      message: 'holds a letter that was lost when the file was saved; save it as UTF-8 again',
    };
  }
  if (rule !== undefined && !rule.fits(value)) return rule;
  return value.length > 80 ? { code: 'TOO_LONG', message: 'is longer than 80 characters' } : undefined;
}

const decimalColumns = ['quantity', 'price', 'price_per'];

/** Where semicolons separate, numbers have a decimal comma. What may as well be thousands is not guessed at. */
function readDecimalCommas(record: Record<string, string>, row: number): RowError[] {
  const errors: RowError[] = [];
  for (const column of decimalColumns) {
    const value = record[column] ?? '';
    if (/^[1-9]\d{0,2}[.,]\d{3}$/.test(value)) {
      const message = `can be read as ${value.replace(/[.,]/, '')} or as ${Number(value.replace(',', '.'))}: write it without separators for thousands and with other than three decimals`;
      errors.push({ row, column, code: 'AMBIGUOUS_NUMBER', message });
    }
    if (/^\d+,\d+$/.test(value)) record[column] = value.replace(',', '.');
  }
  return errors;
}

/** What belongs to the order as a whole: rows of one order must not contradict each other. */
const columnsOfOrder = ['channel', 'ship_to', 'requested_date'];

function disagreements(rows: readonly CsvRow[]): RowError[] {
  const first = rows[0]!.record;
  const whole = { ...first, channel: first.channel || defaultChannel };
  return rows.flatMap(({ record, row }) =>
    columnsOfOrder
      .filter((column) => (record[column] ?? '') !== '' && record[column] !== whole[column as keyof typeof whole])
      .map((column) => ({ row, column, code: 'CONTRADICTION', message: 'differs from the first row of this order' })),
  );
}

const defaultChannel = 'portal';

function toSubmission(records: readonly Record<string, string>[]): OrderSubmission {
  const first = records[0]!;
  return {
    channel: first.channel || defaultChannel,
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
