/** Checks beyond syntax: check digits, sums, counts, hierarchies; and EDIFACT's own ways of writing. */
import { describe, expect, test } from 'vitest';
import { type EdiDocument, toGuide } from '../../src/edi/index.ts';
import { edifactOf } from './faults-edifact.ts';
import { documents, firstDocument, issueCodes, x12 } from './samples.ts';

const found = (document: EdiDocument) =>
  document.issues.map(
    ({ code, elementPosition, segmentId, severity }) => `${severity} ${code} ${segmentId}${elementPosition ?? ''}`,
  );

const order = (...segments: string[]) =>
  found(firstDocument(x12({ segments: ['BEG*00*SA*PO1**20260601', ...segments] })));
const shipment = (...segments: string[]) =>
  found(
    firstDocument(x12({ groupId: 'SH', type: '856', segments: ['BSN*00*S1*20260601*0900', 'HL*1**S', ...segments] })),
  );
const invoice = (...segments: string[]) =>
  found(firstDocument(x12({ groupId: 'IN', type: '810', segments: ['BIG*20260601*INV1', ...segments] })));
const orders = (...lines: string[]) =>
  found(firstDocument(edifactOf({ segments: ['BGM+220+PO1+9', 'DTM+137:20260601:102', ...lines, 'UNS+S'] })));

describe('check digits are warned of, never refused', () => {
  test('GTIN under UP, EN and UK, of 12 to 14 digits', () => {
    expect(order('PO1*1*1*EA*1**UP*614141000036')).toEqual([]);
    expect(order('PO1*1*1*EA*1**UP*614141000037')).toEqual(['warning CHECK_DIGIT PO17']);
    expect(order('PO1*1*1*EA*1**UK*00614141000036')).toEqual([]);
    expect(order('PO1*1*1*EA*1**VN*614141000037')).toEqual([]);
    expect(order('PO1*1*1*EA*1**VN*A*UP*614141000037')).toEqual(['warning CHECK_DIGIT PO19']);
  });

  test('GLN in N104 under UL', () => {
    expect(order('N1*ST**UL*0614141000012', 'PO1*1*1*EA*1')).toEqual([]);
    expect(order('N1*ST**UL*0614141000013', 'PO1*1*1*EA*1')).toEqual(['warning CHECK_DIGIT N14']);
    expect(order('N1*ST**92*0614141000013', 'PO1*1*1*EA*1')).toEqual([]);
  });

  test('SSCC of 18 digits, or 20 with its application identifier', () => {
    expect(shipment('MAN*GM*106141411234567897')).toEqual([]);
    expect(shipment('MAN*GM*00106141411234567897')).toEqual([]);
    expect(shipment('MAN*GM*106141411234567898')).toEqual(['warning CHECK_DIGIT MAN2']);
    expect(shipment('MAN*GM*12345')).toEqual(['warning CHECK_DIGIT MAN2']);
    expect(shipment('MAN*CP*12345')).toEqual([]);
  });

  test('EDIFACT: LIN under EN, NAD under agency 9, GIN under BJ', () => {
    expect(orders('NAD+BY+4000001000005::9', 'LIN+1++00614141000036:EN')).toEqual([]);
    expect(orders('NAD+BY+4000001000006::9', 'LIN+1++00614141000037:EN')).toEqual([
      'warning CHECK_DIGIT NAD2',
      'warning CHECK_DIGIT LIN3',
    ]);
    expect(orders('NAD+BY+4000001000006::92', 'LIN+1++X:SA')).toEqual([]);
  });
});

describe('sums', () => {
  test('CTT01 counts lines; CTT02 is the sum of their quantities, points disregarded', () => {
    const lines = ['PO1*1*10*EA*1', 'PO1*2*2.5*EA*1'];
    expect(order(...lines, 'CTT*2*12.5')).toEqual([]);
    expect(order(...lines, 'CTT*2*35')).toEqual([]);
    expect(order(...lines, 'CTT*2*13')).toEqual(['warning HASH_TOTAL_MISMATCH CTT2']);
    expect(order(...lines, 'CTT*3')).toEqual(['error LINE_COUNT_MISMATCH CTT1']);
  });

  test('the stores of SDQ add up to their line', () => {
    expect(order('PO1*1*10*EA*1', 'SDQ*EA*92*0001*4*0002*6', 'PO1*2*1*EA*1')).toEqual([]);
    expect(order('PO1*1*10*EA*1', 'SDQ*EA*92*0001*4*0002*5', 'PO1*2*1*EA*1')).toEqual([
      'warning STORE_QUANTITY_MISMATCH SDQ4',
    ]);
    expect(order('PO1*1*10*EA*1', 'SDQ*EA*92*0001*4', 'SDQ*EA*92*0002*6')).toEqual([]);
  });

  test('TDS01 is lines, allowances, charges and taxes, to the cent', () => {
    expect(invoice('IT1*1*10*EA*1.25', 'IT1*2*3*EA*0.333', 'TDS*1350')).toEqual([]);
    expect(invoice('IT1*1*10*EA*1.25', 'TDS*1350')).toEqual(['warning TOTAL_MISMATCH TDS1']);
    expect(invoice('IT1*1*10*EA*1.25', 'TDS*1100', 'SAC*A*C310***150')).toEqual([]);
    expect(invoice('IT1*1*10*EA*1.25', 'TDS*1325', 'TXI*ST*.75')).toEqual([]);
    // A price basis, or a percentage that carries no amount, makes the sum a guess: then nothing is said.
    expect(invoice('IT1*1*10*EA*1.25*HP', 'TDS*1')).toEqual([]);
  });

  test('EDIFACT: CNT 2 counts LIN, CNT 1 sums their quantities', () => {
    const codes = (...segments: string[]) =>
      found(firstDocument(edifactOf({ segments: ['BGM+220+P+9', 'DTM+137:20260601:102', ...segments] })));
    expect(codes('LIN+1', 'QTY+21:10', 'LIN+2', 'QTY+21:2.5', 'UNS+S', 'CNT+1:12.5', 'CNT+2:2')).toEqual([]);
    expect(codes('LIN+1', 'QTY+21:10', 'UNS+S', 'CNT+1:11')).toEqual(['warning HASH_TOTAL_MISMATCH CNT1']);
    expect(codes('LIN+1', 'UNS+S', 'CNT+2:2')).toEqual(['error LINE_COUNT_MISMATCH CNT1']);
  });
});

test('hierarchies: ids once, parents that are there, HL04 as it is', () => {
  expect(shipment('HL*2*1*O', 'HL*3*2*I')).toEqual([]);
  expect(shipment('HL*1*1*O')).toEqual(['error HIERARCHY_ID_REPEATED HL1']);
  expect(shipment('HL*2*7*O')).toEqual(['error HIERARCHY_PARENT_UNKNOWN HL2']);
  expect(shipment('HL*2**O')).toEqual(['warning HIERARCHY_LEVEL HL2']);
  expect(shipment('HL*2*1*O*1')).toEqual(['warning HIERARCHY_CHILD_FLAG HL4']);
});

describe("EDIFACT's ways of writing", () => {
  const body = (...lines: string[]) => ['BGM+220+PO1+9', 'DTM+137:20260601:102', ...lines, 'UNS+S'];
  const quantity = (input: string) => found(firstDocument(input));

  test('decimal marks: those of UNA up to syntax 3, both without UNA and from syntax 4 on', () => {
    const point = edifactOf({ segments: body('LIN+1', 'QTY+21:1.5') });
    const comma = edifactOf({ segments: body('LIN+1', 'QTY+21:1,5') });
    expect([quantity(point), quantity(comma)]).toEqual([[], []]);
    expect(quantity(`UNA:+.? '${comma}`)).toEqual(['error ELEMENT_BAD_DECIMAL QTY1']);
    expect(quantity(`UNA:+,? '${comma}`)).toEqual([]);
    expect(quantity(`UNA:+,? '${point}`)).toEqual(['error ELEMENT_BAD_DECIMAL QTY1']);
    const four = comma.replace('UNOC:3', 'UNOC:4').replace('260601:0900', '20260601:0900');
    expect(quantity(`UNA:+.?*'${four}`)).toEqual([]);
  });

  test('released characters, UNA in data, junk before UNA, line ends', () => {
    const input = `junk\nUNA:+.? '${edifactOf({ segments: body("FTX+AAI+++A?+B?:C?? ?'UNA", 'LIN+1') })}`
      .replaceAll("'", "'\r\n")
      .replace("?'\r\nUNA", "?'UNA");
    const [document] = documents(input);
    expect(document?.verdict).toBe('accepted');
    expect(JSON.stringify(toGuide(document as EdiDocument)?.body.FTX)).toContain("A+B:C? 'UNA");
    expect(issueCodes(input)).toEqual(['JUNK_IGNORED']);
  });

  test('the object between UNO and UNP is as long as UNO says, whatever it holds', () => {
    const object = "UNZ+1+X'UNH+ÿ'~'";
    const length = Buffer.byteLength(object, 'latin1');
    const text = edifactOf({ segments: body('LIN+1') }).replace(
      "UNZ+1+IC1'",
      `UNO+1++${length}'${object}UNP+${length}+1'UNZ+1+IC1'`,
    );
    const list = documents(Buffer.from(text, 'latin1'));
    expect(list.map(({ verdict }) => verdict)).toEqual(['accepted']);
    expect(issueCodes(Buffer.from(text, 'latin1'))).toEqual([]);
  });

  test('character sets by UNB 0001; bytes keep their offsets', () => {
    const of = (set: string, name: string, encoding: 'latin1' | 'utf8') =>
      Buffer.from(
        edifactOf({ unb: `UNB+${set}:3+S:14+R:14+260601:0900+IC1`, segments: body(`NAD+BY+++${name}`, 'LIN+ABC') }),
        encoding,
      );
    for (const [set, name, encoding, shown] of [
      ['UNOC', 'Müller', 'latin1', 'Müller'],
      ['UNOW', 'Żółw', 'utf8', 'Żółw'],
      ['UNOD', '\u00af\u00f3\u00b3w', 'latin1', 'Żółw'],
      ['UNOE', '\u00bc\u00d8\u00e0', 'latin1', 'Мир'],
    ] as const) {
      const bytes = of(set, name, encoding);
      const [document] = documents(bytes);
      expect(JSON.stringify(toGuide(document as EdiDocument)?.body.parties), set).toContain(shown);
      const fault = document?.issues.find(({ segmentId }) => segmentId === 'LIN');
      expect(bytes.subarray(fault?.byteOffset).toString('latin1').slice(0, 3), set).toBe('ABC');
    }
  });

  test('a strict receiver holds a sender to the character set it names', () => {
    const lower = edifactOf({
      unb: 'UNB+UNOA:3+S:14+R:14+260601:0900+IC1',
      segments: body('NAD+BY+++Miller', 'LIN+1'),
    });
    expect(found(firstDocument(lower))).toEqual([]);
    expect(found(firstDocument(lower, { strict: true }))).toContain('error ELEMENT_BAD_CHARACTER NAD4');
  });
});
