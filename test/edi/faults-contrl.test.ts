/** CONTRL beyond single messages: groups (UCF), repeats, receipts, and the shape of syntax 4. */
import { describe, expect, test } from 'vitest';
import {
  acknowledge,
  type AcknowledgeOptions,
  parseAcknowledgment,
  readSync,
  type ReadOptions,
  ResultCollector,
} from '../../src/edi/index.ts';
import { EDIFACT_GROUP_FAULTS, ORDER, UNB, UNG } from './faults-edifact.ts';
import { documents } from './samples.ts';

const OPTIONS: AcknowledgeOptions = {
  controls: { interchange: '9', group: '9', document: '1' },
  date: '2026-06-02',
  time: '10:00',
  ta1: 'always',
};

function contrl(
  segments: readonly string[],
  options: Partial<AcknowledgeOptions> = {},
  reading: ReadOptions = {},
): string {
  const collector = new ResultCollector();
  for (const event of readSync(segments.map((one) => `${one}'`).join(''), reading)) {
    const ended = collector.take(event);
    const made = ended === undefined ? undefined : acknowledge(ended, { ...OPTIONS, ...options });
    if (made === undefined) continue;
    // What we send is itself right, strictly.
    for (const own of documents(made.bytes, { strict: true })) expect(own.issues).toEqual([]);
    return new TextDecoder().decode(made.bytes);
  }
  return '';
}

const body = (text: string) => text.slice(text.indexOf('UCI+'), text.lastIndexOf('UNT+'));

describe('groups and interchanges', () => {
  test.each(EDIFACT_GROUP_FAULTS)('%s', (_name, segments, expected, reading) => {
    expect(body(contrl(segments, {}, reading))).toBe(expected);
  });

  test('repeats are noted, and refused by a strict receiver', () => {
    const twice = [UNB, UNG, ...ORDER, 'UNE+1+G1', UNG, ...ORDER, 'UNE+1+G1', 'UNZ+2+IC1'];
    expect(body(contrl(twice))).not.toContain('+4');
    expect(body(contrl(twice, {}, { strict: true }))).toContain("UCF+G1+APPS+APPR+4+26+UNG+6'");
    const reference = [UNB, ...ORDER, 'UNZ+1+00IC1'];
    expect(body(contrl(reference))).toBe("UCI+IC1+SENDER:14+RECEIVER:14+4+28+UNZ+3'");
    const number = [UNB.replace('IC1', '1'), ...ORDER, 'UNZ+1+01'];
    expect(body(contrl(number))).toContain("+7'UCM");
    expect(body(contrl(number, {}, { strict: true }))).toContain('+4+28+UNZ+3');
  });
});

test('a receipt says only that the interchange came; a refusal goes before it', () => {
  const good = [UNB, ...ORDER, 'UNZ+1+IC1'];
  expect(body(contrl(good, { contrl: 'receipt' }))).toBe("UCI+IC1+SENDER:14+RECEIVER:14+8'");
  expect(body(contrl([UNB, ...ORDER, 'UNZ+2+IC1'], { contrl: 'receipt' }))).toContain('+4+29+UNZ+2');
  expect(body(contrl(good, { refuse: { syntax: '26' } }))).toBe("UCI+IC1+SENDER:14+RECEIVER:14+4+26'");
});

describe('a CONTRL that comes in', () => {
  const parsed = (...segments: string[]) => {
    const text = [UNB, 'UNH+1+CONTRL:D:3:UN', ...segments, `UNT+${segments.length + 2}+1`, 'UNZ+1+IC1', ''].join("'");
    for (const event of readSync(text)) if (event.kind === 'document') return parseAcknowledgment(event.document);
    return undefined;
  };
  const UCI_OF = 'UCI+77+RECEIVER:14+SENDER:14+';

  test.each([
    ['7 acknowledges', '7', 'A'],
    ['4 rejects', '4+29', 'R'],
    ['8 says only that it was received', '8', 'received'],
  ])('%s', (_name, action, status) => {
    expect(parsed(`${UCI_OF}${action}`)?.interchange).toMatchObject({ control: '77', status });
  });

  test('rejects one message and takes the rest', () => {
    const messages = ['UCM+1+ORDRSP:D:96A:UN+4+12', 'UCM+2+ORDRSP:D:96A:UN+7'];
    expect(parsed(`${UCI_OF}7`, ...messages)?.groups[0]?.documents).toMatchObject([
      { control: '1', status: 'R', notes: ['error 12'] },
      { control: '2', status: 'A' },
    ]);
  });
});

test('no CONTRL answers CONTRL', () => {
  const own = ['UNH+1+CONTRL:D:3:UN', 'UCI+IC0+A:14+B:14+7', 'UNT+3+1'];
  expect(contrl([UNB, ...own, 'UNZ+1+IC1'])).toBe('');
});

describe('syntax 4', () => {
  const UNB4 = 'UNB+UNOC:4+SENDER:14+RECEIVER:14+20260601:0900+IC1';
  const order4 = (line: string) => [
    'UNH+1+ORDERS:D:01B:UN',
    'BGM+220+PO1+9',
    'DTM+137:20260601:102',
    line,
    'UNS+S',
    'UNT+6+1',
  ];

  test('CONTRL 4:1, a date of eight digits, the repetition in error', () => {
    const text = contrl([UNB4, ...order4('LIN+1*2'), 'UNZ+1+IC1']);
    expect(text).toContain('UNB+UNOC:4+RECEIVER:14+SENDER:14+20260602:1000+9');
    expect(text).toContain("UNH+1+CONTRL:4:1:UN'");
    expect(body(text)).toBe("UCI+IC1+SENDER:14+RECEIVER:14+7'UCM+1+ORDERS:D:01B:UN+7'UCS+4'UCD+35+2'");
    const third = contrl([UNB4, ...order4(`COM+A:TE*B:TE*${'9'.repeat(600)}:TE`), 'UNZ+1+IC1']);
    expect(third).toContain('CONTRL:4:1');
  });

  test('its messages are read back with their own definition', () => {
    const [own] = documents(
      "UNB+UNOC:4+A:14+B:14+20260602:1000+9'UNH+1+CONTRL:4:1:UN'UCI+IC1+S:14+R:14+4+13+UNB+2:1:3+S1+4'UNT+3+1'UNZ+1+9'",
      { strict: true },
    );
    expect(own?.issues).toEqual([]);
    const [older] = documents(
      "UNB+UNOC:3+A:14+B:14+260602:1000+9'UNH+1+CONTRL:D:3:UN'UCI+IC1+S:14+R:14+4+13+UNB+2:1+S1'UNT+3+1'UNZ+1+9'",
      { strict: true },
    );
    expect(older?.issues.map(({ code }) => code)).toEqual(['ELEMENT_TOO_MANY']);
  });
});
