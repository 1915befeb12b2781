/** What suppliers write in an 856 and an 810 that our own never say. */
import { describe, expect, it } from 'vitest';
import { terms } from '../../test/harness/edi-cases.ts';
import { readAs } from '../../test/harness/edifact-cases.ts';

describe('an 856 of several stores', () => {
  const level = (id: string, store: string, item: string) => [
    `HL*${id}*1*O`,
    `PRF*PO-${store}`,
    `N1*BY**92*${store}`,
    `HL*${id}1*${id}*P`,
    `HL*${id}2*${id}1*I`,
    `LIN*1*VN*${item}`,
    'SN1**2*EA',
  ];
  const read = (...levels: string[][]) =>
    readAs('x12', '856', [
      'BSN*00*S-9*20260601*0900*0001',
      'HL*1**S',
      ...levels.flat(),
      `CTT*${levels.length * 3 + 1}`,
    ])[0]!.value.packages;

  it('says for which store each package is: one order level per store, by N1*BY', () => {
    expect(read(level('2', '0101', 'A'), level('3', '0102', 'A'))).toMatchObject([
      { contents: [{ poNumber: 'PO-0101', store: { qualifier: '92', code: '0101' } }] },
      { contents: [{ poNumber: 'PO-0102', store: { qualifier: '92', code: '0102' } }] },
    ]);
    expect(read(level('2', '0101', 'A'))[0].contents[0]).not.toHaveProperty('store');
  });
});

it('keeps what an 810 says of a discount for early payment', () => {
  const [found] = readAs(
    'x12',
    '810',
    ['BIG*20260601*I-1', 'IT1*1*10*EA*13.50', 'TDS*13500*12000*13260*240', 'CTT*1'],
    terms,
  );
  expect(found?.value).toMatchObject({
    totalMinor: 13500,
    cashDiscount: { ofMinor: 12000, dueMinor: 13260, amountMinor: 240 },
  });
});
