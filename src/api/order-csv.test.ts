import { describe, expect, it } from 'vitest';
import { isHubError } from '../platform/index.ts';
import { orderCsvTemplate, readOrderCsv } from './order-csv.ts';

const header = 'customer,customer_po,ship_to,sku,gtin,quantity,uom,price,currency';
const read = (...rows: string[]) => readOrderCsv(Buffer.from([header, ...rows].join('\n')));

function refusal(text: string): string[] {
  try {
    readOrderCsv(Buffer.from(text));
    return [];
  } catch (error) {
    if (!isHubError(error, 'IMPORT_INVALID')) throw error;
    return error.errors!.map((detail) => `${detail.code} ${detail.pointer}`);
  }
}

describe('a CSV of orders', () => {
  it('reads its own template', () => {
    const [order] = readOrderCsv(Buffer.from(orderCsvTemplate()));
    expect(order?.errors).toEqual([]);
    expect(order?.submission).toMatchObject({ channel: 'portal', customer: 'C200', lines: [{ sku: 'LED' }] });
  });

  it('makes one order of the rows with one purchase order, wherever they stand', () => {
    const orders = read('C200,P1,,LED,,10,EA,,', 'C300,P1,,BLT,,1,BX,,', 'C200,P1,,BLT,,2.5,BX,11.00,USD');
    expect(orders.map((order) => order.rows)).toEqual([[2, 4], [3]]);
    expect(orders[0]?.submission?.lines).toEqual([
      { customerLineNo: '1', sku: 'LED', quantity: { value: '10', uom: 'EA' } },
      {
        customerLineNo: '2',
        sku: 'BLT',
        quantity: { value: '2.5', uom: 'BX' },
        price: { value: '11.00', currency: 'USD', perQty: '1', uom: 'BX' },
      },
    ]);
  });

  it('takes an order whole or not at all: one bad row refuses its order and no other', () => {
    const orders = read('C200,P1,,LED,,10,EA,,', 'C200,P1,,LED,,ten,EA,,', 'C200,P2,,LED,,1,EA,,');
    expect(orders[0]?.submission).toBeUndefined();
    expect(orders[0]?.errors).toEqual([
      { row: 3, column: 'quantity', code: 'QUANTITY_INVALID', message: expect.any(String) },
    ]);
    expect(orders[1]?.submission?.customerPo).toBe('P2');
  });

  it.each([
    ['C200,P1,,LED,,0,EA,,', 'quantity QUANTITY_INVALID'],
    ['C200,P1,,LED,,-1,EA,,', 'quantity QUANTITY_INVALID'],
    ['C200,P1,,LED,,1e3,EA,,', 'quantity QUANTITY_INVALID'],
    ['C200,P1,,LED,,,EA,,', 'quantity REQUIRED'],
    ['C200,P1,,,,1,EA,,', 'sku REQUIRED'],
    ['C200,P1,,,12,1,EA,,', 'gtin GTIN_INVALID'],
    ['C200,P1,,LED,,1,EA,4.25,', 'currency REQUIRED'],
    ['C200,P1,,LED,,1,EA,abc,USD', 'price PRICE_INVALID'],
    ['C200,,,LED,,1,EA,,', 'customer_po REQUIRED'],
    ['C200,P1,,LED,,1,EA,4.25,QQQ', 'currency CURRENCY_INVALID'],
    ['C200,P\0,,LED,,1,EA,,', 'customer_po CONTROL_CHARACTER'],
    ['C200,P1,,LED,,1', ' COLUMN_COUNT'],
  ])('says what is wrong with %s', (row, expected) => {
    const errors = read(row)[0]!.errors.map((error) => `${error.column} ${error.code}`);
    expect(errors).toContain(expected);
  });

  it('refuses rows of one order that contradict each other', () => {
    const [order] = read('C200,P1,A,LED,,1,EA,,', 'C200,P1,B,LED,,1,EA,,');
    expect(order?.errors).toMatchObject([{ row: 3, column: 'ship_to', code: 'CONTRADICTION' }]);
  });

  it.each(['\n', '\r\n', '\r'])('counts lines of the file, past quoted line ends and empty lines: %j', (end) => {
    const rows = [header, 'C200,"P1",,LED,,1,EA,,', '', `C200,"P${end}${end}2",,LED,,1,EA,,`, 'C200,P3,,LED,,x,EA,,'];
    const orders = readOrderCsv(Buffer.from(rows.join(end)));
    expect(orders.map((order) => order.rows)).toEqual([[2], [4], [7]]);
    expect(orders[1]?.errors).toMatchObject([{ row: 4, column: 'customer_po', code: 'CONTROL_CHARACTER' }]);
    expect(orders[2]?.errors[0]?.row).toBe(7);
  });

  it('passes over rows without a value, as spreadsheets leave them', () => {
    const orders = read('C200,P1,,LED,,1,EA,,', ',,,,,,,,', '  ', 'C200,P2,,LED,,1,EA,,');
    expect(orders.map((order) => [order.rows, order.errors])).toEqual([
      [[2], []],
      [[5], []],
    ]);
  });

  it('makes one order of a purchase order whose rows name two channels, and says so', () => {
    const orders = readOrderCsv(
      Buffer.from('customer,customer_po,channel,sku,quantity,uom\nC200,P1,,LED,1,EA\nC200,P1,web,LED,1,EA\n'),
    );
    expect(orders).toHaveLength(1);
    expect(orders[0]).toMatchObject({
      submission: undefined,
      errors: [{ row: 3, column: 'channel', code: 'CONTRADICTION' }],
    });
  });

  it('says of letters that Windows-1252 wrote how to save the file', () => {
    const bytes = Buffer.from(`${header}\nC200,P1,,M\u00fcller,,1,EA,,\n`, 'latin1');
    expect(() => readOrderCsv(bytes)).toThrow(/not UTF-8.*CSV UTF-8/);
    const [lost] = read('C200,P1,,M\ufffdller,,1,EA,,');
    expect(lost?.errors).toMatchObject([{ row: 2, column: 'sku', code: 'ENCODING' }]);
  });

  it('reads the semicolons and decimal commas of a European spreadsheet, and guesses at no thousands', () => {
    const european = 'customer;customer_po;sku;quantity;uom;price;currency';
    const rows = [european, 'C200;P1;LED;2,5;EA;4,25;EUR', 'C200;P2;LED;1.000;EA;;', 'C200;P3;"A;B";0,125;EA;;'];
    const orders = readOrderCsv(Buffer.from(rows.join('\r\n')));
    expect(orders[0]?.submission?.lines).toMatchObject([
      { quantity: { value: '2.5' }, price: { value: '4.25', currency: 'EUR' } },
    ]);
    expect(orders[1]?.errors).toMatchObject([
      { row: 3, column: 'quantity', code: 'AMBIGUOUS_NUMBER', message: expect.stringContaining('1000 or as 1') },
    ]);
    expect(orders[2]?.submission?.lines).toMatchObject([{ sku: 'A;B', quantity: { value: '0.125' } }]);
  });

  it('holds an order to what the API holds one to', () => {
    const rows = Array.from({ length: 1_001 }, () => 'C200,P1,,LED,,1,EA,,');
    const [order, other] = read(...rows, 'C200,P2,,LED,,1,EA,,');
    expect(order?.errors).toMatchObject([{ row: 1_002, code: 'TOO_MANY_LINES' }]);
    expect(order?.submission).toBeUndefined();
    expect(other?.submission?.customerPo).toBe('P2');
  });

  it('reads a byte order mark and Windows line ends', () => {
    const orders = readOrderCsv(Buffer.from(`\ufeff${header}\r\nC200,P1,,LED,,1,EA,,\r\n`));
    expect(orders[0]?.submission?.customer).toBe('C200');
  });

  it.each([
    ['', ['EMPTY /rows/1']],
    [header, ['EMPTY /rows/2']],
    ['customer,customer_po,quantity,uom,colour\nC,P,1,EA,red', ['UNKNOWN_COLUMN /rows/1/colour']],
    ['customer,customer,customer_po,quantity,uom\n', ['REPEATED_COLUMN /rows/1/customer']],
    [
      'sku,quantity\nLED,1',
      ['MISSING_COLUMN /rows/1/customer', 'MISSING_COLUMN /rows/1/customer_po', 'MISSING_COLUMN /rows/1/uom'],
    ],
  ])('refuses %j as a whole', (text, expected) => expect(refusal(text)).toEqual(expected));

  it('refuses a quote that never ends, naming the line', () => {
    expect(refusal(`${header}\nC200,P1,,LED,,1,EA,,\nC200,"P2,,LED,,1,EA,,`)[0]).toMatch(/^CSV \/rows\/\d+$/);
  });

  it('refuses more than 10,000 rows', () => {
    const rows = Array.from({ length: 10_001 }, (_, n) => `C200,P${n},,LED,,1,EA,,`);
    expect(refusal([header, ...rows].join('\n'))).toEqual(['TOO_MANY_ROWS ']);
  });
});
