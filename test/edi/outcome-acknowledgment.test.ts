/** 824 and APERAK: what the business made of a document, written and read back without an issue. */
import { describe, expect, test } from 'vitest';
import { documentOutcome, type Outcome, outcomeAcknowledgment, write } from '../../src/edi/index.ts';
import { documents } from './samples.ts';

const OUTCOME: Outcome = {
  standard: 'x12',
  version: '004010',
  number: 'ADV-1',
  date: '2026-06-02',
  time: '10:00',
  original: { type: '850', control: '0001', groupControl: '101', reference: 'PO-77' },
  lines: [
    { line: '1', status: 'accepted' },
    { line: '2', status: 'rejected', code: '007', text: 'unknown item' },
    {
      line: '3',
      status: 'held',
      code: 'CREDIT_LIMIT',
      text: 'The order waits for the credit department, which will have decided by tomorrow',
    },
  ],
};

function wire(outcome: Outcome): string[] {
  const { guide, type } = outcomeAcknowledgment(outcome);
  const edifact = outcome.standard === 'edifact';
  const bytes = write({
    envelope: {
      standard: outcome.standard,
      sender: { qualifier: edifact ? '14' : 'ZZ', id: 'A' },
      receiver: { qualifier: edifact ? '14' : 'ZZ', id: 'B' },
      usage: 'T',
      version: edifact ? 'UNOC:3' : '00401',
      control: '1',
      date: '2026-06-02',
      time: '10:00',
      lineEnding: '\n',
    },
    groups: [
      {
        functionalId: edifact ? '' : 'AG',
        control: edifact ? '' : '1',
        version: outcome.version,
        documents: [{ type, control: '0001', guide }],
      },
    ],
  });
  const [document] = documents(bytes, { strict: true });
  expect(document?.issues.filter(({ severity }) => severity !== 'info')).toEqual([]);
  expect(document?.verdict).toBe('accepted');
  const lines = new TextDecoder().decode(bytes).trim().split('\n');
  return lines.slice(edifact ? 2 : 3, edifact ? -2 : -3).map((line) => line.slice(0, -1));
}

describe('824', () => {
  test('the document, then each line that was not simply accepted, with its reason', () => {
    expect(wire(OUTCOME)).toEqual([
      'BGN*11*ADV-1*20260602*1000',
      'OTI*TP*PO*PO-77*****101*0001*850',
      'OTI*IR*LI*2*****101*0001*850',
      'REF*PO*PO-77',
      'TED*007*unknown item',
      'OTI*IE*LI*3*****101*0001*850',
      'REF*PO*PO-77',
      'TED*ZZZ',
      'NTE**CREDIT_LIMIT: The order waits for the credit department, which will have decided',
      'NTE**by tomorrow',
    ]);
  });

  test('accepted, held, rejected by its lines or as a whole', () => {
    const first = (change: Partial<Outcome>) => wire({ ...OUTCOME, ...change })[1]?.slice(0, 6);
    expect(first({ lines: [{ line: '1', status: 'accepted' }] })).toBe('OTI*TA');
    expect(first({ lines: [] })).toBe('OTI*TA');
    expect(first({ lines: [{ line: '1', status: 'held' }] })).toBe('OTI*TE');
    expect(first({ lines: [{ line: '1', status: 'rejected' }] })).toBe('OTI*TR');
    expect(first({ rejected: true, reasons: [{ code: 'DUP', text: 'sent before' }] })).toBe('OTI*TR');
    expect(
      documentOutcome({
        lines: [
          { line: '1', status: 'rejected' },
          { line: '2', status: 'held' },
        ],
      }),
    ).toBe('partial');
  });

  test('accepted lines only when asked for; a missing number is refused', () => {
    expect(wire({ ...OUTCOME, nameAccepted: true }).filter((line) => line.startsWith('OTI*IA'))).toHaveLength(1);
    expect(() => outcomeAcknowledgment({ ...OUTCOME, number: '' })).toThrow('BGN02');
    expect(() => outcomeAcknowledgment({ ...OUTCOME, original: { type: '850', reference: ' ' } })).toThrow('OTI03');
  });
});

describe('APERAK', () => {
  const edifact: Outcome = {
    ...OUTCOME,
    standard: 'edifact',
    version: 'D.96A',
    original: { type: 'ORDERS', control: 'M1', reference: 'PO-77' },
  };

  test('the document, its references, one error per line', () => {
    expect(wire(edifact)).toEqual([
      'BGM+313+ADV-1+9+CA',
      'DTM+137:202606021000:203',
      'RFF+ON:PO-77',
      'RFF+ACW:M1',
      'ERC+007',
      'FTX+AAO+++unknown item',
      'RFF+LI:2',
      'ERC+HELD',
      'FTX+AAO+++CREDIT_LIMIT?: The order waits for the credit department, which will:have decided by tomorrow',
      'RFF+LI:3',
    ]);
  });

  test('D.01B, accepted and rejected', () => {
    expect(wire({ ...edifact, version: 'D.01B', lines: [] })[0]).toBe('BGM+312+ADV-1+9+AP');
    const refused = wire({ ...edifact, rejected: true, reasons: [{ code: 'DUP', text: 'sent before' }], lines: [] });
    expect(refused[0]).toBe('BGM+313+ADV-1+9+RE');
    expect(refused.slice(-2)).toEqual(['ERC+DUP', 'FTX+AAO+++sent before']);
    expect(() => outcomeAcknowledgment({ ...edifact, lines: [{ line: '', status: 'held' }] })).toThrow('RFF 1154');
  });
});
