/** The documents that are promised in the versions that are promised, and what is promised of their JSON and of what is owed. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  acknowledge,
  type AcknowledgeOptions,
  type CheckedInterchange,
  lookup,
  readSync,
  ResultCollector,
  toGuide,
  write,
} from '../../src/edi/index.ts';
import { edifactOf } from './faults-edifact.ts';
import { documents, firstDocument, LEAST_850, x12 } from './samples.ts';

const PAGES = join(import.meta.dirname, '../../docs/reference/edi');

const X12 =
  `850 855 860 865 856 810 820 832 846 852 867 940 943 944 945 947 204 990 210 214 753 754 180 812 824 864 861 870 816
  997 999 830 862 844 845 849 869`.split(/\s+/);
const EDIFACT =
  `ORDERS ORDRSP ORDCHG DESADV INVOIC INVRPT RECADV REMADV PRICAT SLSRPT IFTMIN IFTSTA CONTRL APERAK`.split(' ');

describe('the documents of the scope', () => {
  test.each(X12)('X12 %s from 004000 to 005019, with its page', (type) => {
    for (const version of [
      '004000',
      '004010',
      '004010VICS',
      '004020',
      '004030',
      '004040',
      '004050',
      '004060',
      '005010',
      '005019',
    ])
      expect(lookup('x12', version, type)?.type, version).toBe(type);
    for (const version of ['003070', '005020', '006010']) expect(lookup('x12', version, type), version).toBeUndefined();
    expect(existsSync(join(PAGES, `x12-${type}.md`))).toBe(true);
  });

  test.each(EDIFACT)('%s of D.96A and D.01B, with its page', (type) => {
    for (const version of ['D.96A', 'D.01B']) expect(lookup('edifact', version, type)?.type, version).toBe(type);
    expect(existsSync(join(PAGES, `edifact-${type.toLowerCase()}.md`))).toBe(true);
  });

  test.each(['3', '4'])('EDIFACT of syntax %s, with or without groups and EANCOM association', (syntax) => {
    const date = syntax === '3' ? '260601' : '20260601';
    const unb = `UNB+UNOC:${syntax}+S:14+R:14+${date}:0900+IC1`;
    for (const unh of ['UNH+1+ORDERS:D:96A:UN:EAN008', 'UNH+1+ORDERS:D:01B:UN:EAN010', 'UNH+1+ORDERS:D:96A:UN']) {
      const plain = edifactOf({ unb, unh });
      const grouped = plain
        .replace('UNH+', `UNG+ORDERS+S:14+R:14+${date}:0900+1+UN+D:96A'UNH+`)
        .replace('UNZ+', "UNE+1+1'UNZ+");
      for (const input of [plain, grouped])
        expect(documents(input).map(({ verdict }) => verdict)).toEqual(['accepted']);
    }
  });

  test('a type nobody defined is read whole, and said to be unchecked', () => {
    const one = firstDocument(x12({ type: '278', groupId: 'HI', segments: ['BHT*0007*13', 'QQQ*A>B*C'] }));
    expect(one.verdict).toBe('unchecked');
    expect([...one.segments()].map(({ id }) => id)).toEqual(['ST', 'BHT', 'QQQ', 'SE']);
    const other = firstDocument(edifactOf({ unh: 'UNH+1+FOOBAR:D:96A:UN', segments: ['BGM+1+2'] }));
    expect(other.verdict).toBe('unchecked');
  });
});

describe('guide JSON', () => {
  const body = (...segments: string[]) => toGuide(firstDocument(x12({ segments })))?.body as Record<string, unknown>;

  test('text stays the text that it is, numbers are decimals, dates are ISO, implied decimals are written out', () => {
    const order = body('BEG*00*SA*0008**20260601', 'DTM*002*20260605*0930', 'PO1*001*0008*EA*18.50', 'CTT*1');
    expect(order).toMatchObject({
      BEG: { poNumber: '0008', date: '2026-06-01' },
      DTM: [{ date: '2026-06-05', time: '09:30' }],
      lines: [{ PO1: { lineNumber: '001', quantity: '8', unitPrice: '18.50' } }],
    });
    const invoice = toGuide(
      firstDocument(x12({ type: '810', groupId: 'IN', segments: ['BIG*20260601*1', 'TDS*1350', 'CTT*0'] })),
    );
    expect(invoice?.body).toMatchObject({ TDS: { amount: '13.50' } });
  });

  test('loops are arrays, also of one; sets of elements too', () => {
    expect(body('BEG*00*SA*1**20260601', 'N1*ST*A*92*1', 'N3*X', 'PO1*1*1*EA*1**VN*A*UP*B', 'CTT*1')).toMatchObject({
      parties: [{ N1: { entity: 'ST', idQualifier: '92', id: '1' }, N3: [{ address: 'X' }] }],
      lines: [
        {
          PO1: {
            ids: [
              { qualifier: 'VN', id: 'A' },
              { qualifier: 'UP', id: 'B' },
            ],
          },
        },
      ],
    });
  });
});

function owed(input: string, options: Partial<AcknowledgeOptions> = {}): string {
  const collector = new ResultCollector();
  let checked: CheckedInterchange | undefined;
  for (const event of readSync(input)) checked = collector.take(event) ?? checked;
  const made = acknowledge(checked as CheckedInterchange, {
    controls: { interchange: '9', group: '9', document: '1' },
    date: '2026-06-02',
    time: '10:00',
    ta1: 'always',
    ...options,
  });
  return made === undefined ? '' : new TextDecoder().decode(made.bytes);
}

describe('an acknowledgment is not acknowledged', () => {
  const ack = { groupId: 'FA', type: '997', segments: ['AK1*PO*1', 'AK9*A*1*1*1'] };

  test.each(['997', '999'] as const)('a group FA gets neither TA1 nor %s', (functional) => {
    expect(owed(x12(ack), { functional })).toBe('');
    expect(owed(x12({ ...ack, segments: ['AK1*PO*1', 'AK9*Q*1*1*1'] }), { functional })).toBe('');
  });

  test('an interchange of TA1 alone gets nothing; a TA1 beside an order leaves the order its 997', () => {
    const order = x12({ segments: LEAST_850 });
    const [isa] = order.split('~') as [string];
    const ta1 = 'TA1*000000007*260601*0900*A*000';
    expect(owed(`${isa}~${ta1}~IEA*0*000000001~`)).toBe('');
    const both = owed(order.replace(`${isa}~`, `${isa}~${ta1}~`));
    expect(both).toContain('AK1*PO*1~');
    expect(both).toContain('TA1*000000001*260601*0900*A*000~');
  });

  test('of orders and acknowledgments in one interchange, only the orders are answered', () => {
    const order = x12({ segments: LEAST_850 });
    const group = x12(ack)
      .split('~')
      .slice(1, -2)
      .join('~')
      .replace(/\*1\*X\*/, '*2*X*')
      .replace(/GE\*1\*1$/, 'GE*1*2');
    const made = owed(order.replace('IEA*1*', `${group}~IEA*2*`));
    expect(made).toContain('AK1*PO*1~');
    expect(made.split('AK1*')).toHaveLength(2);
  });
});

describe('character sets of UNB 0001', () => {
  /** A letter of each set, as its byte, and as what it says. */
  const LETTERS: [set: string, bytes: number[], text: string][] = [
    ['UNOA', [0x41], 'A'],
    ['UNOB', [0x61], 'a'],
    ['UNOC', [0xe9], 'é'],
    ['UNOD', [0xb3], 'ł'],
    ['UNOE', [0xbc], 'М'],
    ['UNOF', [0xd9], 'Ω'],
    ['UNOG', [0xe6], 'ĉ'],
    ['UNOH', [0xba], 'ē'],
    ['UNOI', [0xc7], 'ا'],
    ['UNOJ', [0xe0], 'א'],
    ['UNOK', [0xfd], 'ı'],
    ['UNOW', [0xc5, 0x82], 'ł'],
    ['UNOX', [0xc5, 0x82], 'ł'],
    ['UNOY', [0xe2, 0x82, 0xac], '€'],
  ];
  const body = (name: string) => ['BGM+220+PO1+9', 'DTM+137:20260601:102', `NAD+BY+++${name}`, 'LIN+ABC', 'UNS+S'];

  test.each(LETTERS)('%s', (set, bytes, text) => {
    const frame = edifactOf({ unb: `UNB+${set}:4+S:14+R:14+20260601:0900+IC1`, segments: body('\u0000') });
    const [before, after] = frame.split('\u0000') as [string, string];
    const input = Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]);
    const document = firstDocument(input);
    expect(toGuide(document)?.body).toMatchObject({ parties: [{ NAD: { party: { name: text } } }] });
    // Bytes count, whatever a letter takes of them.
    const fault = document.issues.find(({ segmentId }) => segmentId === 'LIN');
    expect(input.subarray(fault?.byteOffset).toString('latin1').slice(0, 3)).toBe('ABC');
  });

  test('an unknown one is told', () => {
    const input = edifactOf({ unb: 'UNB+UNOZ:4+S:14+R:14+20260601:0900+IC1' });
    expect([...readSync(input)].some((event) => JSON.stringify(event).includes('UNOZ'))).toBe(true);
  });
});

describe('writing', () => {
  test('EDIFACT releases its separators, and leaves the decimal mark in text alone', () => {
    const document = firstDocument(
      edifactOf({ segments: ["BGM+220+P?+O?:1.5,?'??+9", 'DTM+137:20260601:102', 'LIN+1', 'QTY+21:1.5', 'UNS+S'] }),
    );
    const guide = toGuide(document);
    expect(guide?.body).toMatchObject({ BGM: { number: "P+O:1.5,'?" } });
    const definition = lookup('edifact', 'D.96A', 'ORDERS');
    if (guide === undefined || definition === undefined) throw new Error('no guide');
    const text = new TextDecoder().decode(
      write({
        envelope: {
          standard: 'edifact',
          sender: { qualifier: '14', id: 'S' },
          receiver: { qualifier: '14', id: 'R' },
          usage: 'P',
          version: 'UNOC:3',
          control: '1',
          date: '2026-06-01',
          time: '09:00',
        },
        groups: [
          {
            functionalId: '',
            control: '',
            version: 'D.96A',
            documents: [{ type: 'ORDERS', control: '1', guide, definition }],
          },
        ],
      }),
    );
    expect(text).toContain("BGM+220+P?+O?:1.5,?'??+9'");
    expect(text).toContain("QTY+21:1.5'");
  });
});
