/** What the verbs on EDI files do with input that is wrong: named, refused, never passed over. */
import { describe, expect, test } from 'vitest';
import { write as writeInterchange } from '../../src/edi/index.ts';
import { differences } from '../../src/cli/edi-diff.ts';
import { file, runForBytes as run } from './run-command.ts';
import { LEAST_850, x12 } from './samples.ts';

const good = file('good.edi', x12({ segments: LEAST_850 }));
const text = file('text.txt', 'this is no EDI');

describe('ack', () => {
  test('gives the bytes as they are, and as JSON in their own character set', async () => {
    const unb = "UNB+UNOC:3+MÜLLER:14+RECEIVER:14+260601:0900+IC1'";
    const path = file('latin1.edi', Buffer.from(`${unb}UNH+1+ORDERS:D:96A:UN'UNT+2+1'UNZ+1+IC1'`, 'latin1'));
    const { raw } = await run('ack', path);
    expect(raw.toString('latin1')).toContain("+MÜLLER:14+260602:1000+1'");
    expect(raw.includes(0xdc)).toBe(true);
    const { out } = await run('ack', path, '--json');
    expect(out).toHaveLength(1);
    expect((JSON.parse(out[0] as string) as { acknowledgments: string[] }).acknowledgments[0]).toContain('MÜLLER');
    expect(out[0]).not.toContain('\n');
  });

  test('says so where nothing is owed', async () => {
    const functional = x12({ segments: ['AK1*PO*1', 'AK9*A*1*1*1'], type: '997', groupId: 'FA' });
    const { code, err, raw } = await run('ack', file('997.edi', functional));
    expect([code, raw.length]).toEqual([0, 0]);
    expect(err).toContain('no acknowledgment is owed');
  });

  test.each(['abc', '0', '1234567890', '-1'])('takes no control number %s', async (control) => {
    const { code, err, raw } = await run('ack', good, `--control=${control}`);
    expect([code, raw.length]).toEqual([2, 0]);
    expect(err).toContain('--control is a number of one to nine digits');
  });
});

test('a definition takes no file for its own; a bad one is told as JSON too', async () => {
  const broken = file('broken.json', '{}');
  const { code, out } = await run('check', '--definitions', broken, good, '--json');
  expect(code).toBe(2);
  expect(JSON.parse(out[0] as string)).toEqual({ error: expect.stringContaining('broken.json') });
  for (const verb of ['read', 'ack']) {
    const failed = await run(verb, '--definitions', broken, good, '--json');
    expect(failed.code).toBe(2);
    expect(JSON.parse(failed.out.join('\n'))).toMatchObject({ error: expect.stringContaining('broken.json') });
  }
});

describe('diff', () => {
  test('cannot compare what it cannot read', async () => {
    const { code, err } = await run('diff', text, text);
    expect(code).toBe(2);
    expect(err).toContain('No X12 or EDIFACT interchange');
  });

  test('tells one inserted segment as one, and a difference of the envelope as well', async () => {
    const more = [...LEAST_850.slice(0, 1), 'REF*DP*038', ...LEAST_850.slice(1)];
    const longer = file('longer.edi', x12({ segments: more }));
    expect((await run('diff', good, longer)).out).toEqual([
      '+ 5 ["REF","DP","038"]',
      `- ${LEAST_850.length + 4} ["SE","${LEAST_850.length + 2}","0001"]`,
      `+ ${LEAST_850.length + 5} ["SE","${LEAST_850.length + 3}","0001"]`,
    ]);
    const renumbered = file('renumbered.edi', x12({ segments: LEAST_850, iea: 'IEA*1*000000009' }));
    const { code, out } = await run('diff', good, renumbered);
    expect(code).toBe(1);
    expect(out.map((line) => line.slice(0, 1))).toEqual(['-', '+']);
    expect(out[0]).toContain('"IEA","1","000000001"');
  });

  test('of EDIFACT tells the header once, with or without UNA', async () => {
    const body = "UNH+1+ORDERS:D:96A:UN'BGM+220+1'UNT+3+1'UNZ+1+IC1'";
    const [one, two] = ['A', 'B'].map((id) => file(`${id}.edi`, `UNB+UNOC:3+${id}+R+260601:0900+IC1'${body}`));
    expect((await run('diff', one as string, two as string)).out).toHaveLength(2);
    const una = file('una.edi', `UNA:+.? 'UNB+UNOC:3+A+R+260601:0900+IC1'${body}`);
    expect((await run('diff', one as string, una)).code).toBe(0);
  });

  test('finds the fewest differences, and gives up on what has nothing in common', () => {
    const of = (a: string, b: string) =>
      differences(a.split(''), b.split(''))
        .map(({ side, at }) => side + at)
        .join(' ');
    expect(of('abcabba', 'cbabac')).toHaveLength('-0 -1 +1 -5 +5'.length);
    expect(of('', 'ab')).toBe('+0 +1');
    expect(of('ab', '')).toBe('-0 -1');
    expect(of('same', 'same')).toBe('');
    expect(of('xaby', 'xby')).toBe('-1');
    const many = (from: number) => Array.from({ length: 3_000 }, (_, at) => String(at + from));
    expect(differences(many(0), many(10_000))).toHaveLength(6_000);
  });
});

describe('write', () => {
  const input = () => ({
    envelope: {
      sender: { qualifier: 'ZZ', id: 'A' },
      receiver: { qualifier: 'ZZ', id: 'B' },
      usage: 'T',
      version: '00401',
      control: '7',
      date: '2026-06-01',
      time: '09:00',
    } as Record<string, unknown>,
    groups: [
      {
        functionalId: 'PO',
        control: '7',
        version: '004010',
        documents: [
          {
            type: '850',
            control: '0001',
            guide: {
              body: {
                BEG: { purpose: '00', type: 'SA', poNumber: 'PO1', date: '2026-06-01' } as Record<string, unknown>,
                lines: [
                  {
                    PO1: { quantity: '1', unit: 'EA', ids: [{ qualifier: 'VN', id: 'LED' }] } as Record<
                      string,
                      unknown
                    >,
                  },
                ],
                totals: { CTT: { lineCount: '1' } },
              } as Record<string, unknown>,
            },
          },
        ],
      },
    ],
  });
  type Input = ReturnType<typeof input>;
  const write = (change: (made: Input) => void) => {
    const made = input();
    change(made);
    return run('write', file('input.json', `\u{feff}${JSON.stringify(made)}`));
  };
  const bodyOf = (made: Input) => made.groups[0]!.documents[0]!.guide.body as { lines: { PO1: object }[]; BEG: object };

  test('gives the bytes of what is right', async () => {
    const { code, err, raw } = await write(() => {});
    expect([code, err]).toEqual([0, '']);
    expect(raw.toString()).toMatch(/~PO1\*\*1\*EA\*\*\*VN\*LED~CTT\*1~SE\*5\*0001~GE\*1\*7~IEA\*1\*000000007~$/);
  });

  test.each<[string, (made: Input) => void, string]>([
    [
      'an unknown name',
      (made) => Object.assign(bodyOf(made).lines[0]!.PO1, { quantitee: '5' }),
      'lines/0/PO1/quantitee',
    ],
    ['an unknown segment', (made) => Object.assign(bodyOf(made), { BEGG: {} }), 'guide/body/BEGG'],
    [
      'an unknown name in a set',
      (made) => Object.assign(bodyOf(made).lines[0]!.PO1, { ids: [{ code: 'X' }] }),
      'PO1/ids/0/code',
    ],
    ['an impossible date', (made) => (made.envelope.date = '2026-02-31'), 'envelope/date'],
    ['an impossible date inside', (made) => Object.assign(bodyOf(made).BEG, { date: '2026-02-31' }), 'BEG05'],
    ['no time', (made) => delete made.envelope.time, 'envelope/time'],
    ['a time of null', (made) => (made.envelope.time = null), 'envelope/time'],
    ['usage Q', (made) => (made.envelope.usage = 'Q'), 'envelope/usage'],
    ['a group of another kind', (made) => (made.groups[0]!.functionalId = 'IN'), 'belongs in group PO'],
    ['a group of no kind', (made) => (made.groups[0]!.functionalId = 'po!'), 'groups/0/functionalId'],
    ['an unknown version', (made) => (made.groups[0]!.version = '999999'), 'no definition of 850 in version 999999'],
    ['an unknown envelope version', (made) => (made.envelope.version = '00999'), 'ISA12'],
    ['a line end in an element', (made) => Object.assign(bodyOf(made).BEG, { poNumber: 'PO\n1' }), 'BEG/poNumber'],
    ['null in a guide', (made) => Object.assign(bodyOf(made).BEG, { poNumber: null }), 'BEG/poNumber'],
    [
      'a document of nothing',
      (made) => Object.assign(made.groups[0]!.documents[0]!, { guide: undefined }),
      'documents/0',
    ],
    ['a missing element', (made) => Object.assign(bodyOf(made).BEG, { poNumber: undefined }), 'BEG03'],
  ])('refuses %s, and says where', async (_, change, place) => {
    const { code, err, out, raw } = await write(change);
    expect([code, raw.length, out]).toEqual([1, 0, []]);
    expect(err).toContain(place);
  });

  test('of the library names the place too', () => {
    const made = input();
    delete made.envelope.time;
    expect(() => writeInterchange(made as never)).toThrow(/^ISA10: nothing is no time such as 09:00$/);
    expect(() => writeInterchange({ ...made, envelope: { ...made.envelope, date: '2026-02-31' } } as never)).toThrow(
      /^ISA09: /,
    );
  });

  test('says that it cannot check what it has no definition of', async () => {
    const { code, err, raw } = await write((made) => {
      Object.assign(made.groups[0]!, { functionalId: 'ZZ' });
      Object.assign(made.groups[0]!.documents[0]!, { type: '899', segments: [{ id: 'BXX', elements: ['1'] }] });
    });
    expect([code, raw.length > 0]).toEqual([0, true]);
    expect(err).toContain('899 is written unchecked');
  });
});
