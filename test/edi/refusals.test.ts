/** What is not taken is never acknowledged as accepted, and never left without an answer that an agreement allows. */
import { describe, expect, test } from 'vitest';
import { acknowledge, type AcknowledgeOptions, readSync, ResultCollector } from '../../src/edi/index.ts';
import { ORDER, UNB } from './faults-edifact.ts';
import { documents, LEAST_850, x12 } from './samples.ts';

function answer(input: string, options: Partial<AcknowledgeOptions> = {}): string {
  const collector = new ResultCollector();
  for (const event of readSync(input)) {
    const ended = collector.take(event);
    if (ended === undefined) continue;
    const controls = { interchange: '9', group: '9', document: '1' };
    const made = acknowledge(ended, { controls, date: '2026-06-02', time: '10:00', ...options });
    if (made !== undefined) for (const own of documents(made.bytes, { strict: true })) expect(own.issues).toEqual([]);
    return made === undefined ? '' : new TextDecoder().decode(made.bytes);
  }
  throw new Error('no interchange');
}

const good = x12({ segments: LEAST_850 });
const broken: [string, string, string][] = [
  ['a wrong IEA02', good.replace(/IEA\*1\*\d+/, 'IEA*1*000000777'), '001'],
  ['no IEA', good.replace(/IEA.*$/s, ''), '023'],
];

describe('an X12 interchange that is refused, ISA14 = 0', () => {
  test.each(broken)('for %s: TA1 R and nothing else', (_, input, note) => {
    const text = answer(input);
    expect(text).toMatch(new RegExp(`~TA1\\*000000001\\*260601\\*0900\\*R\\*${note}~IEA`));
    expect(text).not.toContain('AK9');
  });

  test.each(broken)('for %s, where no TA1 is ever sent: the 997 refuses', (_, input) => {
    const text = answer(input, { ta1: 'never' });
    expect(text).toContain('~AK5*R~AK9*R*1*1*0~');
    expect(text).not.toMatch(/AK[59]\*[AEP]/);
  });

  test('for a reason that only the receiver knows: the same', () => {
    expect(answer(good, { refuse: { ta105: '025' } })).toContain('*R*025~IEA');
    expect(answer(good, { refuse: { ta105: '025' }, ta1: 'never' })).toContain('~AK5*R~AK9*R*1*1*0~');
    expect(answer(good, { refuse: { ta105: '025' }, ta1: 'never', functional: '999' })).toContain(
      '~IK5*R~AK9*R*1*1*0~',
    );
  });

  test('and one that is taken gets no TA1 unasked', () => {
    expect(answer(good)).not.toContain('TA1');
    expect(answer(good)).toContain('~AK5*A~AK9*A*1*1*1~');
  });
});

describe('an EDIFACT interchange that is refused, unasked for CONTRL', () => {
  const edifact = (...segments: string[]) => segments.map((one) => `${one}'`).join('');

  test('is refused by CONTRL all the same', () => {
    const input = edifact(UNB, ...ORDER, 'UNZ+2+IC1');
    expect(answer(input, { ta1: 'requested' })).toContain('+4+29+UNZ+2');
    const whole = edifact(UNB, ...ORDER, 'UNZ+1+IC1');
    expect(answer(whole, { ta1: 'requested' })).toBe('');
    expect(answer(whole, { ta1: 'requested', refuse: { syntax: '26' } })).toContain("+4+26'");
  });

  test('for a segment outside of every message is never called accepted', () => {
    const text = answer(edifact(UNB, ...ORDER, 'BGM+220+1', 'UNZ+1+IC1'), { ta1: 'always' });
    expect(text).toMatch(/UCI\+IC1\+[^']*\+4\+/);
    expect(text).not.toContain('+7');
  });
});
