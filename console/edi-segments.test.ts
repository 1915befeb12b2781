import { describe, expect, it } from 'vitest';
import { readSegments, segmentOfIssue } from './edi-segments.ts';

const isa =
  'ISA*00*          *00*          *ZZ*MERIDIAN       *ZZ*RIDGELINE      *260601*0900*U*00401*000000017*0*P*>~';
const x12 = `${isa}GS*PO*A*B*20260601*0900*17*X*004010~ST*850*0001~BEG*00*SA*PO-é**20260601~SE*3*0001~ST*850*0002~BEG*00~SE*3*0002~GE*2*17~IEA*1*000000017~`;

describe('readSegments', () => {
  it('puts one segment on a line and knows its document', () => {
    const view = readSegments(x12);
    expect(
      view?.segments.map((segment) => `${segment.id} ${segment.document ?? '-'} ${segment.ordinal ?? '-'}`),
    ).toEqual(['ISA - -', 'GS - -', 'ST 0 1', 'BEG 0 2', 'SE 0 3', 'ST 1 1', 'BEG 1 2', 'SE 1 3', 'GE - -', 'IEA - -']);
  });

  it('counts in bytes, across line ends and characters of several bytes', () => {
    const text = x12.replaceAll('~', '~\r\n');
    const bytes = new TextEncoder().encode(text);
    for (const segment of readSegments(text)?.segments ?? []) {
      const there = new TextDecoder().decode(bytes.slice(segment.from, segment.to - 1));
      expect(there).toBe(segment.text);
    }
  });

  it('reads EDIFACT with its release character and service string advice', () => {
    const text = "UNA:+.? 'UNB+UNOC:3+A+B+260601:0900+1'UNH+1+ORDERS:D:96A:UN'FTX+AAI+++it?'s here'UNT+3+1'UNZ+1+1'";
    expect(readSegments(text)?.segments.map((segment) => segment.text)).toEqual([
      'UNA:+.? ',
      'UNB+UNOC:3+A+B+260601:0900+1',
      'UNH+1+ORDERS:D:96A:UN',
      "FTX+AAI+++it?'s here",
      'UNT+3+1',
      'UNZ+1+1',
    ]);
  });

  it('leaves anything else alone', () => {
    expect(readSegments('{"a":1}')).toBeUndefined();
    expect(readSegments('')).toBeUndefined();
  });
});

describe('segmentOfIssue', () => {
  const segments = readSegments(x12)?.segments ?? [];
  it('prefers the byte, then the position within the document', () => {
    expect(segmentOfIssue(segments, { byteOffset: isa.length + 5 }, undefined)).toBe(1);
    expect(segmentOfIssue(segments, { segmentOrdinal: 2 }, 1)).toBe(6);
  });

  it('marks the end of a document for what is missing there, and nothing without a place', () => {
    expect(segmentOfIssue(segments, { segmentOrdinal: 9 }, 0)).toBe(4);
    expect(segmentOfIssue(segments, {}, 0)).toBeUndefined();
  });
});
