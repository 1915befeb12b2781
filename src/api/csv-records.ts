import { isUtf8 } from 'node:buffer';
import { parse } from 'csv-parse/sync';
import { HubError } from '../platform/index.ts';

/** One row of a file: its values as they were written, and the line of the file on which it begins. */
export interface CsvRecord {
  readonly values: string[];
  readonly row: number;
}

/** What separates values: Excel writes `;` where the decimal sign is a comma. */
export type Separator = ',' | ';';

/**
 * Reads CSV (RFC 4180) in UTF-8, with commas or, where the header row has them instead, with semicolons. Rows without any
 * value, as spreadsheets leave them at the end, are passed over.
 * @throws HubError IMPORT_INVALID: not UTF-8, broken as CSV, or more than `mostRows` after the header
 */
export function readCsvRecords(bytes: Buffer, mostRows: number): { records: CsvRecord[]; separator: Separator } {
  if (!isUtf8(bytes)) throw invalid('', 'ENCODING', notUtf8);
  const separator = separatorOf(bytes);
  const lineOf = lineCounter(bytes);
  const records: CsvRecord[] = [];
  for (const { record, info } of parsed(bytes, separator, mostRows)) {
    const row = lineOf(info.bytes);
    if (record.some((value) => value.trim() !== '')) records.push({ values: record, row });
  }
  if (records.length > mostRows + 1) throw invalid('', 'TOO_MANY_ROWS', `At most ${mostRows} rows at once`);
  return { records, separator };
}

const notUtf8 =
  'The file is not UTF-8, so that letters such as ü and é would be lost. In Excel choose File, Save As, “CSV UTF-8”; in LibreOffice choose the character set “Unicode (UTF-8)” when saving';

interface Parsed {
  readonly record: string[];
  /** `bytes`: where the record ends, its line break included. */
  readonly info: { bytes: number };
}

function parsed(bytes: Buffer, separator: Separator, mostRows: number): Parsed[] {
  try {
    return parse(bytes, {
      bom: true,
      info: true,
      delimiter: separator,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: 100_000,
      // Rows of separators alone do not count as rows; this many of them are no spreadsheet any more.
      to: 2 * mostRows + 2,
    }) as unknown as Parsed[];
  } catch (error) {
    const { message, lines } = error as Error & { lines?: number };
    throw invalid(`/rows/${lines ?? 1}`, 'CSV', message.slice(0, 200), error);
  }
}

function separatorOf(bytes: Buffer): Separator {
  const header = bytes
    .toString('utf8', 0, 4_000)
    .trimStart()
    .split(/[\r\n]/, 1)[0]!;
  return header.includes(';') && !header.includes(',') ? ';' : ',';
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * On which line a record begins, asked in the order of the records by where each ends. The parser's own count takes a
 * Windows line break within quotes for two.
 */
function lineCounter(bytes: Buffer): (end: number) => number {
  let at = 0;
  let line = 1;
  const isBreak = (): boolean => bytes[at] === lineFeed || bytes[at] === carriageReturn;
  const passBreak = (): void => {
    at += bytes[at] === carriageReturn && bytes[at + 1] === lineFeed ? 2 : 1;
    line++;
  };
  return (end) => {
    // Empty lines stand before the record that they belong to.
    while (at < end && isBreak()) passBreak();
    const begins = line;
    while (at < end) {
      if (isBreak()) passBreak();
      else at++;
    }
    return begins;
  };
}

export function invalid(pointer: string, code: string, message: string, cause?: unknown): HubError {
  return new HubError('IMPORT_INVALID', { message, cause, errors: [{ pointer, code, message }] });
}
