/** Definitions that a user brings: our JSON form and StAEDI's XML form, and everything that is wrong with one told at once. */
import { describe, expect, test } from 'vitest';
import {
  type DefinitionError,
  type DefinitionJson,
  importDefinition,
  lookup,
  lookupWith,
  toGuide,
} from '../../src/edi/index.ts';
import { readXml } from '../../src/edi/import/xml-reader.ts';
import { firstDocument, x12 } from './samples.ts';

const XML = `<?xml version="1.0" encoding="UTF-8"?>
<!-- a schema in our own words -->
<schema xmlns="http://xlate.io/EDISchema/v4">
  <transaction>
    <sequence>
      <segment type="BXX" minOccurs="1"/>
      <loop code="2000" maxOccurs="3">
        <sequence>
          <segment type="LXX"/>
          <segment type="NXX" maxOccurs="2"/>
        </sequence>
      </loop>
    </sequence>
  </transaction>
  <elementType name="E0900" code="900" base="identifier" minLength="2" maxLength="2">
    <enumeration><value>AA</value><value>B&amp;</value></enumeration>
  </elementType>
  <elementType name="E0901" code="901" base="numeric" scale="2" maxLength="9"/>
  <elementType name="E0902" base="date" minLength="8" maxLength="8"/>
  <elementType name="E0903" base="string" maxLength="30"/>
  <compositeType name="C900">
    <sequence><element type="E0900" minOccurs="1"/><element type="E0901"/></sequence>
  </compositeType>
  <segmentType name="BXX">
    <sequence>
      <element type="E0900" minOccurs="1"/>
      <element type="E0902"/>
      <element type="E0903"/>
    </sequence>
    <syntax type="paired"><position>2</position><position>3</position></syntax>
  </segmentType>
  <segmentType name="LXX"><sequence><element type="E0901" minOccurs="1"/></sequence></segmentType>
  <segmentType name="NXX"><sequence><composite type="C900" maxOccurs="2"/></sequence></segmentType>
</schema>`;

const ABOUT = {
  standard: 'x12',
  version: '004010',
  type: '899',
  functionalId: 'ZZ',
  label: 'A set of our own',
} as const;

function problemsOf(work: () => unknown): string[] {
  try {
    work();
  } catch (cause) {
    return (cause as DefinitionError).problems.map(({ message, path }) => `${path} ${message}`);
  }
  return [];
}

const own = (segments: string[]) => x12({ segments, type: '899', groupId: 'ZZ' });

describe('a schema in XML', () => {
  const { definition, json } = importDefinition(XML, ABOUT);
  const options = { lookup: lookupWith([definition]) };
  const faults = (segments: string[]) =>
    firstDocument(own(segments), options).issues.map(
      ({ code, elementPosition, segmentId }) => `${segmentId}${elementPosition ?? ''} ${code}`,
    );

  test('decides what is right', () => {
    const good = firstDocument(own(['BXX*AA*20260601*X', 'LXX*1250', 'NXX*AA>100', 'LXX*2']), options);
    expect(good.issues).toEqual([]);
    expect(good.verdict).toBe('accepted');
    expect(toGuide(good)?.body).toEqual({
      BXX: { e900: 'AA', e902: '2026-06-01', e903: 'X' },
      loop_2000: [
        { LXX: { e901: '12.50' }, NXX: [{ cC900: { e900: 'AA', e901: '1.00' } }] },
        { LXX: { e901: '0.02' } },
      ].map((one) => (one.NXX === undefined ? one : { ...one, NXX: [{ cC900: [{ e900: 'AA', e901: '1.00' }] }] })),
    });
  });

  test('decides what is wrong', () => {
    expect(faults(['BXX*ZZ'])).toEqual(['BXX1 ELEMENT_BAD_CODE']);
    expect(faults(['BXX*B&*20260631*X'])).toEqual(['BXX2 ELEMENT_BAD_DATE']);
    expect(faults(['BXX*AA*20260601'])).toEqual(['BXX3 ELEMENT_CONDITION']);
    expect(faults(['BXX*AA', 'NXX*AA'])).toEqual(['NXX SEGMENT_OUT_OF_ORDER']);
    expect(faults(['BXX*AA', 'LXX*1.5'])).toEqual(['LXX1 ELEMENT_BAD_CHARACTER']);
    expect(faults(['BXX*AA', 'LXX*1', 'LXX*1', 'LXX*1', 'LXX*1'])).toEqual(['LXX LOOP_OVER_MAX']);
    expect(faults(['LXX*1'])).toEqual(['BXX SEGMENT_MISSING']);
  });

  test('is kept as JSON, which means the same', () => {
    const again = importDefinition(JSON.stringify(json)).definition;
    // What matching has learned on the way is not part of the definition.
    expect({ ...again, transitions: [] }).toEqual({ ...definition, transitions: [] });
  });

  test('built-in definitions go on for everything else', () => {
    expect(options.lookup('x12', '004010', '850')).toBe(lookup('x12', '004010', '850'));
    expect(options.lookup('x12', '004010VICS', '899')).toBe(definition);
    expect(options.lookup('x12', '005010', '899')).toBeUndefined();
  });

  test('every problem is told at once, with its line', () => {
    const broken = XML.replace('type="NXX" maxOccurs="2"', 'type="NYY" maxOccurs="two"')
      .replace('base="date"', 'base="day"')
      .replace('type="paired"', 'type="coupled"')
      .replace('<segmentType name="LXX">', '<segmentType name="LXX" color="red">');
    const problems = problemsOf(() => importDefinition(broken, ABOUT));
    expect(problems).toEqual([
      'line 19 <elementType> base "day" is not understood',
      'line 30 <syntax> type "coupled" is not understood',
      'line 32 <segmentType> attribute "color" is not understood',
      'line 10 <segment> maxOccurs "two" is no whole number',
    ]);
    expect(problemsOf(() => importDefinition(XML.replace('type="NXX" maxOccurs="2"', 'type="NYY"'), ABOUT))).toEqual([
      '/structure/2/content/1/segment there is no segment "NYY"',
    ]);
    expect(problemsOf(() => importDefinition(XML))).toHaveLength(1);
    expect(problemsOf(() => importDefinition('<schema/>', ABOUT)).length).toBeGreaterThan(0);
  });
});

const SMALL: DefinitionJson = {
  crossdockDefinition: 1,
  standard: 'x12',
  version: '004010',
  type: '899',
  functionalId: 'ZZ',
  elements: {
    '143': { type: 'ID', min: 3, max: 3, name: 'setId' },
    '329': { type: 'AN', min: 4, max: 9, name: 'control' },
    '96': { type: 'N0', min: 1, max: 10, name: 'segmentCount' },
    '900': { type: 'ID', min: 2, max: 2, name: 'kind', codes: { AA: 'first', BB: 'second' } },
  },
  segments: {
    ST: {
      elements: [
        { element: '143', required: true },
        { element: '329', required: true },
      ],
    },
    BXX: { label: 'Start', elements: [{ element: '900', required: true }] },
    SE: {
      elements: [
        { element: '96', required: true },
        { element: '329', required: true },
      ],
    },
  },
  structure: [
    { segment: 'ST', min: 1 },
    { segment: 'BXX', min: 1, max: null },
    { segment: 'SE', min: 1 },
  ],
};

describe('JSON', () => {
  test('a small definition', () => {
    const { definition } = importDefinition(JSON.stringify(SMALL));
    const read = (segments: string[]) => firstDocument(own(segments), { lookup: lookupWith([definition]) });
    expect(read(['BXX*AA', 'BXX*BB']).verdict).toBe('accepted');
    expect(read(['BXX*CC']).issues.map(({ code }) => code)).toEqual(['ELEMENT_BAD_CODE']);
  });

  test('look-alike loops are told apart by the qualifier of the segment that begins them', () => {
    const loop = (name: string, codes: string[]) => ({
      loop: name,
      max: null,
      content: [
        { segment: 'BXX', min: 1, qualifier: 1, codes },
        ...(name === 'firsts' ? [{ segment: 'CXX', min: 1 }] : []),
      ],
    });
    const segments = { ...SMALL.segments, CXX: { elements: [{ element: '329' }] } };
    const structure = [
      { segment: 'ST', min: 1 },
      loop('firsts', ['AA']),
      loop('others', ['BB']),
      { segment: 'SE', min: 1 },
    ];
    const { definition } = importDefinition(JSON.stringify({ ...SMALL, segments, structure }));
    const read = (lines: string[]) => firstDocument(own(lines), { lookup: lookupWith([definition]) });
    const good = read(['BXX*AA', 'CXX*ABCD', 'BXX*BB', 'BXX*BB']);
    expect(good.issues).toEqual([]);
    expect(toGuide(good)?.body).toEqual({
      firsts: [{ BXX: { kind: 'AA' }, CXX: { control: 'ABCD' } }],
      others: [{ BXX: { kind: 'BB' } }, { BXX: { kind: 'BB' } }],
    });
    const codes = (lines: string[]) => read(lines).issues.map(({ code, segmentId }) => `${segmentId} ${code}`);
    // What the first of them demands is not asked of the second, nor is what it alone holds let into it.
    expect(codes(['BXX*AA', 'BXX*BB'])).toEqual(['CXX SEGMENT_MISSING']);
    expect(codes(['BXX*BB', 'CXX*ABCD'])).toEqual(['CXX SEGMENT_OUT_OF_ORDER']);
    expect(codes(['BXX*BB', 'BXX*AA'])).toEqual(['BXX SEGMENT_OUT_OF_ORDER']);
    const wrong = [
      { segment: 'ST', min: 1, codes: ['850'] },
      { ...loop('x', ['AA']), qualifier: 1 },
      { segment: 'SE', min: 1 },
    ];
    const problems = problemsOf(() => importDefinition(JSON.stringify({ ...SMALL, segments, structure: wrong })));
    expect(problems).toEqual([
      '/structure/0/qualifier ST has no plain element 0',
      '/structure/1/qualifier belongs to the segment that begins the loop',
    ]);
  });

  const RULES: [condition: string, meaning: string, good: string[], bad: Record<string, string>][] = [
    ['P0102', 'D2, all or none', ['**C', 'A*B'], { A: 'CONDITION 2', '*B': 'CONDITION 1' }],
    ['ONE0102', 'D1, one and only one', ['A', '*B'], { '**C': 'CONDITION 1', 'A*B': 'EXCLUDED 2' }],
    ['R0102', 'D3, one or more', ['A', '*B', 'A*B'], { '**C': 'CONDITION 1' }],
    ['E0102', 'D4, one or none', ['**C', 'A', '*B'], { 'A*B': 'EXCLUDED 2' }],
    ['C010203', 'D5, if first then all', ['**C', 'A*B*C'], { 'A*B': 'CONDITION 3', A: 'CONDITION 2' }],
    ['L010203', 'D6, if first then at least one', ['**C', 'A*B', 'A**C'], { A: 'CONDITION 2' }],
    ['NONE010203', 'D7, if first then none', ['A', '*B*C'], { 'A*B': 'EXCLUDED 2', 'A**C': 'EXCLUDED 3' }],
  ];
  test.each(RULES)('the condition %s (%s)', (rule, _meaning, good, bad) => {
    const one = { '901': { type: 'AN', min: 1, max: 1, name: 'one' } };
    const BXX = { elements: ['a', 'b', 'c'].map((name) => ({ element: '901', name })), conditions: [rule] };
    const json = { ...SMALL, elements: { ...SMALL.elements, ...one }, segments: { ...SMALL.segments, BXX } };
    const { definition } = importDefinition(JSON.stringify(json));
    const codes = (elements: string) =>
      firstDocument(own([`BXX*${elements}`]), { lookup: lookupWith([definition]) }).issues.map(
        ({ code, elementPosition }) => `${code.replace('ELEMENT_', '')} ${elementPosition}`,
      );
    for (const elements of good) expect(codes(elements), elements).toEqual([]);
    for (const [elements, found] of Object.entries(bad)) expect(codes(elements), elements).toEqual([found]);
  });

  test('every problem is told at once, with its path', () => {
    const broken = structuredClone(SMALL) as unknown as Record<string, never>;
    Object.assign(broken, {
      standard: 'tradacoms',
      functionalId: undefined,
      color: 'red',
      elements: {
        ...SMALL.elements,
        '900': { type: 'XX', min: 5, max: 2, name: '__proto__', codes: [] },
        '901': { type: 'AN', min: 1, max: 2, name: 'constructor' },
      },
      segments: {
        ...SMALL.segments,
        lower: { elements: [] },
        BXX: { elements: [{ element: '999', required: 'yes' }], conditions: ['Q0102', 'P0109'] },
      },
      structure: [
        { segment: 'ST', min: 1 },
        { loop: 'x', content: [] },
        { segment: 'NOPE' },
        { segment: 'SE', min: 3, max: 2 },
      ],
      checks: ['alchemy:BXX'],
    });
    const problems = problemsOf(() => importDefinition(JSON.stringify(broken)));
    for (const path of [
      '/color',
      '/standard',
      '/functionalId',
      '/elements/900/type',
      '/elements/900/min',
      '/elements/900/name',
      '/elements/900/codes',
      '/elements/901/name',
      '/segments/BXX/elements/0 ',
      '/segments/BXX/elements/0/required',
      '/segments/BXX/conditions/0',
      '/segments/BXX/conditions/1',
      '/segments/lower',
      '/structure/1/content',
      '/structure/2/segment',
      '/structure/3/min',
      '/checks/0',
    ])
      expect(
        problems.some((problem) => problem.startsWith(path)),
        path,
      ).toBe(true);
    expect(({} as Record<string, unknown>).name).toBeUndefined();
  });

  test('what is no JSON, or of another version of the format', () => {
    expect(problemsOf(() => importDefinition('{'))).toHaveLength(1);
    expect(problemsOf(() => importDefinition(JSON.stringify({ ...SMALL, crossdockDefinition: 2 })))).toHaveLength(1);
    expect(problemsOf(() => importDefinition('[]')).length).toBeGreaterThan(3);
    expect(problemsOf(() => importDefinition('null')).length).toBeGreaterThan(3);
  });
});

describe('the XML reader', () => {
  const refused: [string, string, string][] = [
    ['a document type', '<!DOCTYPE a [<!ENTITY x "y">]><a/>', 'DOCTYPE'],
    ['a document type inside', '<a><!DOCTYPE b></a>', 'DOCTYPE'],
    ['an entity of its own', '<a>&x;</a>', 'entity'],
    ['an entity without end', '<a>&amp</a>', 'entity'],
    ['a character that there is not', '<a>&#x110000;</a>', 'entity'],
    ['a processing instruction', '<a><?php x ?></a>', 'processing'],
    ['an element that is not closed', '<a><b></a>', 'closes'],
    ['two roots', '<a/><b/>', 'follows'],
    ['an attribute twice', '<a x="1" x="2"/>', 'twice'],
    ['an attribute without quotes', '<a x=1/>', 'quoted'],
    ['nothing', '', 'expected'],
    ['depth', '<a>'.repeat(100), 'deeply'],
    ['a comment without end', '<a><!-- x', 'comment'],
    ['too many elements', `<a>${'<b/>'.repeat(200_001)}</a>`, 'too many'],
    ['too much', 'x'.repeat((8 << 20) + 1), 'too long'],
  ];
  test.each(refused)('refuses %s', (_name, text, message) => {
    expect(() => readXml(text)).toThrow(message);
  });

  test('takes text, CDATA, comments, references and prefixes', () => {
    const root = readXml(
      '\ufeff<?xml version="1.0"?>\n<!-- a --><x:a b=\'1 &lt; 2\'>&#65;<!-- b --><![CDATA[<&>]]>\n<c/></x:a>\n',
    );
    expect(root).toMatchObject({ name: 'a', text: 'A<&>', line: 2, children: [{ name: 'c', line: 3 }] });
    expect(root.attributes.get('b')).toBe('1 < 2');
  });

  test('time grows with the text', () => {
    const of = (count: number) => `<a>${'<b c="d">e</b>\n'.repeat(count)}</a>`;
    const secondsOf = (text: string) => {
      const before = process.cpuUsage();
      readXml(text);
      return process.cpuUsage(before).user / 1e6;
    };
    secondsOf(of(1000));
    const one = Math.max(secondsOf(of(5000)), 0.004);
    expect(secondsOf(of(40_000))).toBeLessThan(one * 8 * 5);
  });
});
