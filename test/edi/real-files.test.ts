/** What real files do, one test per habit. */
import { describe, expect, test } from 'vitest';
import { acknowledge, collect, toGuide } from '../../src/edi/index.ts';
import { documents, events, firstDocument, issueCodes, LEAST_850, x12 } from './samples.ts';

const good = x12({ segments: LEAST_850 });

describe('separators go by position', () => {
  test('any bytes may separate, CR and LF included', () => {
    for (const terminator of ['~', '\n', '\r', '\r\n', '|', '\u001d']) {
      const document = firstDocument(x12({ segments: LEAST_850, terminator }));
      expect(document.verdict).toBe('accepted');
      expect(document.segmentCount).toBe(5);
    }
    const bars = good.replaceAll('*', '|').replaceAll('~', '\n').replace('>\n', ':\n');
    expect(firstDocument(bars).verdict).toBe('accepted');
  });

  test('an ISA of the wrong width is read by counting, with a warning', () => {
    const collapsed = good.replace('ZZ*SENDER         *ZZ*RECEIVER       ', 'ZZ*SENDER*ZZ*RECEIVER');
    const list = events(collapsed);
    expect(issueCodes(collapsed)).toContain('HEADER_WIDTH');
    expect(list.find((event) => event.kind === 'interchange')).toMatchObject({
      interchange: { sender: { id: 'SENDER' }, receiver: { id: 'RECEIVER' } },
    });
    expect(firstDocument(collapsed).verdict).toBe('accepted');
  });

  test('ISA15 and ISA16 run together', () => {
    const input = good.replace('*T*>~', '*T>~');
    expect(issueCodes(input)).toContain('DELIMITERS_COLLAPSED');
    expect(firstDocument(input).verdict).toBe('accepted');
  });

  test('the ISA is not split by its own component or repetition separator', () => {
    const input = x12({ segments: LEAST_850, isa: { 6: 'A>B^C          ', 11: '^', 12: '00501' }, version: '005010' });
    const start = events(input).find((event) => event.kind === 'interchange');
    expect(start).toMatchObject({ interchange: { sender: { id: 'A>B^C' } } });
  });

  test('"ISA" within data begins nothing', () => {
    const input = x12({ segments: [...LEAST_850.slice(0, 1), 'REF*DP*ISA*GISAS', ...LEAST_850.slice(1)] });
    expect(documents(input)).toHaveLength(1);
    expect(firstDocument(input).verdict).toBe('accepted');
  });

  test('`~` where another terminator is declared', () => {
    const input = good.replace('*>~', '*>$~');
    expect(issueCodes(input)).toContain('TERMINATOR_DIFFERS');
    expect(firstDocument(input).verdict).toBe('accepted');
    expect(firstDocument(good.replace('*>~', '*> ~')).verdict).toBe('accepted');
  });
});

describe('repetition separator', () => {
  test('only from 00402 on, and only if it is no letter or digit', () => {
    const delimiter = (isa: Record<number, string>) => {
      const event = events(x12({ segments: LEAST_850, isa })).find(({ kind }) => kind === 'interchange');
      return event?.kind === 'interchange' ? event.interchange.delimiters.repetition : undefined;
    };
    expect(delimiter({ 11: '^', 12: '00401' })).toBe(-1);
    expect(delimiter({ 11: '^', 12: '00402' })).toBe('^'.charCodeAt(0));
    expect(delimiter({ 11: 'U', 12: '00501' })).toBe(-1);
  });
});

describe('habits of senders', () => {
  test('byte-order mark, indentation, line ends after and spaces before', () => {
    const input = `\ufeff${good.replaceAll('~', '~\r\n\t  ')}`;
    expect(firstDocument(input).verdict).toBe('accepted');
    expect(issueCodes(input)).toContain('BYTE_ORDER_MARK');
  });

  test('several interchanges in one file, each with its own delimiters', () => {
    const other = good.replaceAll('*', '|').replaceAll('~', '\n');
    expect(documents(`${good}\r\n${other}\n${good}`).map(({ verdict }) => verdict)).toEqual([
      'accepted',
      'accepted',
      'accepted',
    ]);
  });

  test('wrong SE01 rejects that document and not its neighbour', () => {
    const two = x12({
      segments: [...LEAST_850, 'SE*9*0001', 'ST*850*0002', ...LEAST_850],
      se: 'SE*5*0002',
      ge: 'GE*2*1',
    });
    expect(documents(two).map(({ verdict }) => verdict)).toEqual(['rejected', 'accepted']);
  });

  test('`SK* *`: an element of spaces counts as empty', () => {
    const document = firstDocument(x12({ segments: ['BEG*00*SA* **20260601', 'PO1*1*10*EA*18.00', 'CTT*1'] }));
    expect(document.issues.map(({ code }) => code)).toEqual(['ELEMENT_BLANK', 'ELEMENT_MISSING']);
  });

  test('empty composites and lone trailing separators are only warned of', () => {
    const document = firstDocument(x12({ segments: ['BEG*00*SA*PO1**20260601**', 'PO1*1*10*EA*18.00', 'CTT*1*'] }));
    expect(document.verdict).toBe('accepted');
    expect(document.issues.map(({ code }) => code)).toEqual(['TRAILING_SEPARATOR', 'TRAILING_SEPARATOR']);
    const composite = firstDocument(
      x12({ segments: [LEAST_850[0] as string, 'PO1*1*10*EA*18.00', 'SLN*1**I*2*>>', 'CTT*1'] }),
    );
    expect(composite.issues.map(({ code }) => code)).toContain('TRAILING_SEPARATOR');
  });

  test('junk before an interchange is passed over and told', () => {
    expect(issueCodes(`HELLO WORLD\n${good}`)).toContain('JUNK_IGNORED');
    expect(firstDocument(`HELLO WORLD\n${good}`).verdict).toBe('accepted');
  });

  test('bytes after a multi-byte character keep their offsets, and lengths count characters', () => {
    const name = 'é'.repeat(60);
    const input = x12({ segments: [LEAST_850[0] as string, `N1*ST*${name}`, 'PO1*1*10*EA*18,00', 'CTT*1'] });
    const document = firstDocument(input);
    const fault = document.issues[0];
    expect(document.issues.map(({ code }) => code)).toEqual(['ELEMENT_BAD_CHARACTER']);
    const bytes = new TextEncoder().encode(input);
    expect(new TextDecoder().decode(bytes.subarray(fault?.byteOffset, (fault?.byteOffset ?? 0) + 5))).toBe('18,00');
  });
});

describe('binary and hierarchy', () => {
  test('BIN02 is as long as BIN01 says, whatever bytes it holds', () => {
    const input = x12({
      groupId: 'PO',
      segments: [LEAST_850[0] as string, 'BIN*10*~~*~ISA*~~', 'REF*DP*1'],
      type: '841',
      version: '004010',
    });
    const document = firstDocument(input.replace('GS*PO', 'GS*SP'));
    expect([...document.segments()].map(({ id }) => id)).toEqual(['ST', 'BEG', 'BIN', 'REF', 'SE']);
    expect([...document.segments()][2]?.elements[0]).toBe('10');
  });

  test('HL parents are found by HL02, not by order, and ids are those of one document', () => {
    const asn = (control: string) => [
      'BSN*00*S1*20260601*0900',
      'HL*1**S',
      'HL*2*1*O',
      'PRF*A',
      'HL*3*1*O',
      'PRF*B',
      'HL*4*2*I',
      'SN1**1*EA',
      'CTT*4',
      ...(control === '' ? [] : [`SE*11*${control}`]),
    ];
    const input = x12({
      groupId: 'SH',
      type: '856',
      segments: [...asn('0001'), 'ST*856*0002', ...asn('')],
      se: 'SE*11*0002',
      ge: 'GE*2*1',
    });
    const [first, second] = documents(input);
    expect(first?.verdict).toBe('accepted');
    expect(second?.verdict).toBe('accepted');
    const guide = toGuide(first as never);
    expect(JSON.parse(JSON.stringify(guide?.body.hierarchy))).toMatchObject([
      {
        id: '1',
        children: [
          { id: '2', PRF: { poNumber: 'A' }, children: [{ id: '4' }] },
          { id: '3', PRF: { poNumber: 'B' } },
        ],
      },
    ]);
  });

  test('a level that repeats its id, or has none, is still a level', () => {
    const input = x12({
      groupId: 'SH',
      type: '856',
      version: '005010',
      isa: { 11: '^', 12: '00501' },
      segments: ['BSN*00*S1*20260601*0900', 'HL*1^2**S', 'HL***O', 'HL*3**O', 'CTT*3'],
    });
    const document = firstDocument(input);
    expect(document.verdict).toBe('rejected');
    const levels = toGuide(document)?.body.hierarchy as { level: string; children?: unknown }[];
    expect(levels.map(({ level }) => level)).toEqual(['S', 'O', 'O']);
    expect(levels.every(({ children }) => children === undefined)).toBe(true);
  });
});

describe('what a strict receiver refuses and a tolerant one notes', () => {
  const notes: [string, string][] = [
    ['GS02 missing', x12({ segments: LEAST_850, gs: 'GS*PO**APPR*20260601*0900*1*X*004010' })],
    ['GS04 no date', x12({ segments: LEAST_850, gs: 'GS*PO*APPS*APPR*20261301*0900*1*X*004010' })],
    ['GS05 no time', x12({ segments: LEAST_850, gs: 'GS*PO*APPS*APPR*20260601*2500*1*X*004010' })],
    ['GS07 no agency', x12({ segments: LEAST_850, gs: 'GS*PO*APPS*APPR*20260601*0900*1*Q*004010' })],
  ];
  test.each(notes)('%s', (_name, input) => {
    expect(issueCodes(input)).toEqual(['GROUP_HEADER_INVALID']);
    const status = (strict: boolean) => events(input, { strict }).find((event) => event.kind === 'group-end');
    expect(status(false)).toMatchObject({ group: { status: 'accepted' } });
    expect(status(true)).toMatchObject({ group: { status: 'rejected' } });
  });

  test.each([
    ['with UNA', "UNA:+.? '"],
    ['without UNA', ''],
  ])('an interactive interchange %s is refused by its name and answered by nothing', async (_name, una) => {
    const text = `${una}UIB+UNOA:0++ABC+++S:14+R:14'UIH+SCRIPT:010:006:NEWRX+1'UIT+1+2'UIZ++1'`;
    expect(issueCodes(text)).toEqual(['INTERCHANGE_UNSUPPORTED', 'JUNK_IGNORED']);
    const { interchanges } = await collect(text);
    expect(interchanges[0]?.interchange.status).toBe('rejected');
    const options = { controls: { interchange: '1', group: '1' }, date: '2026-06-01', time: '09:00' };
    expect(acknowledge(interchanges[0]!, options)).toBeUndefined();
  });

  test('an interchange and a group that come twice in one input', () => {
    expect(issueCodes(good + good)).toEqual(['INTERCHANGE_DUPLICATE']);
    expect(issueCodes(good + good.replaceAll('000000001', '000000002'))).toEqual([]);
    const twice = x12({
      segments: [
        ...LEAST_850,
        'SE*5*0001',
        'GE*1*1',
        'GS*PO*APPS*APPR*20260601*0900*1*X*004010',
        'ST*850*0001',
        ...LEAST_850,
      ],
      se: 'SE*5*0001',
      iea: 'IEA*2*000000001',
    });
    expect(issueCodes(twice)).toEqual(['GROUP_DUPLICATE']);
  });
});
