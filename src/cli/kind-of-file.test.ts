import { expect, it } from 'vitest';
import { kindOfFile } from './kind-of-file.ts';

it('tells orders as JSON from EDI and CSV, also behind a byte-order mark', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const kind = (file: string, text: string) => kindOfFile(file, bytes(text)).kind;
  expect(kind('order.txt', ' \n{"customer":"C1"}')).toBe('json');
  expect(kind('order.txt', '\u{feff}{"customer":"C1"}')).toBe('json');
  expect(kind('orders.txt', '[{"customer":"C1"}]')).toBe('json');
  expect(kind('order.json', '')).toBe('json');
  expect(kind('orders.CSV', '{')).toBe('csv');
  expect(kind('orders.edi', '\u{feff}ISA*00*')).toBe('edi');
  expect(kindOfFile('order.json', bytes('\u{feff}{}')).content).toEqual(bytes('{}'));
});
