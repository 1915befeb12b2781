/** Time in proportion to bytes, memory bounded, whatever the shape of the input. */
import { describe, expect, test } from 'vitest';
import { createReader, read, readSync } from '../../src/edi/index.ts';
import { issueCodes, LEAST_850, x12 } from './samples.ts';

const encoder = new TextEncoder();
const HEAD = x12({ segments: [], se: '', ge: '', iea: '' }).replace(/ST\*.*$/, '');

/** Inputs that are hard on a careless reader, of about `bytes` bytes each. */
const SHAPES: Record<string, (bytes: number) => string> = {
  'many documents': (bytes) => {
    const one = `ST*850*0001~${LEAST_850.join('~')}~SE*5*0001~`;
    return HEAD + one.repeat(Math.ceil(bytes / one.length));
  },
  'one long document': (bytes) =>
    `${HEAD}ST*850*0001~BEG*00*SA*PO1**20260601~${'PO1*1*10*EA*18.00~'.repeat(bytes / 18)}`,
  'unknown segments only': (bytes) => `${HEAD}ST*850*0001~${'XYZ*1*2*3~'.repeat(bytes / 10)}`,
  'faults only': (bytes) => `${HEAD}ST*850*0001~${'BEG*99*S*~'.repeat(bytes / 10)}`,
  'empty segments': (bytes) => HEAD + '~'.repeat(bytes),
  'element separators only': (bytes) => `${HEAD}ST*850*0001~BEG${'*'.repeat(bytes)}~`,
  'component separators only': (bytes) => `${HEAD}ST*850*0001~BEG*${'>'.repeat(bytes)}~`,
  'one segment without end': (bytes) => `${HEAD}ST*850*0001~BEG*${'A'.repeat(bytes)}`,
  'groups only': (bytes) => HEAD + 'GS*PO*A*B*20260601*0900*1*X*004010~'.repeat(bytes / 36),
  'headers only': (bytes) => HEAD.repeat(bytes / HEAD.length),
  'junk that looks like headers': (bytes) => 'ISAISAUNAUNB'.repeat(bytes / 12),
  'a chain of levels': (bytes) => {
    let text = `${HEAD.replace('GS*PO', 'GS*SH')}ST*856*0001~BSN*00*S*20260601*0900~`;
    for (let id = 1; text.length < bytes; id++) text += `HL*${id}*${id === 1 ? '' : id - 1}*O~`;
    return text;
  },
  'release characters only': (bytes) =>
    `UNB+UNOA:3+A:1+B:1+260601:0900+1'UNH+1+ORDERS:D:96A:UN'BGM+${'?'.repeat(bytes)}`,
  'control numbers that never repeat': (bytes) => {
    let text = HEAD;
    for (let n = 1; text.length < bytes; n++) text += `ST*999*${1000 + n}~SE*2*${1000 + n}~`;
    return text;
  },
};

function secondsOf(bytes: Uint8Array): number {
  // Processor time, because the machine has other work too.
  const before = process.cpuUsage();
  for (const _event of readSync(bytes, { keepDocuments: false })) {
    // only the time counts
  }
  return process.cpuUsage(before).user / 1e6;
}

describe('time grows with bytes', () => {
  test.each(Object.entries(SHAPES))('%s', (_name, shape) => {
    const small = encoder.encode(shape(50_000));
    const large = encoder.encode(shape(400_000));
    secondsOf(small);
    const one = Math.max(Math.min(secondsOf(small), secondsOf(small)), 0.004);
    const eight = Math.min(secondsOf(large), secondsOf(large));
    // Eight times the bytes; quadratic growth would be 64 times the time. The rest is for a busy machine.
    expect(eight).toBeLessThan(one * 8 * 4);
  });

  test('one byte at a time', () => {
    const bytes = encoder.encode((SHAPES['one long document'] as (n: number) => string)(100_000));
    const reader = createReader();
    const started = performance.now();
    for (let at = 0; at < bytes.length; at++) reader.push(bytes.subarray(at, at + 1));
    reader.end();
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe('memory is bounded', () => {
  const MEGABYTE = 1 << 20;

  /** 16 MB in chunks made on the fly, so that only the reader can hold on to them. */
  async function heapGrowth(chunk: string, head: string): Promise<number> {
    const bytes = encoder.encode(chunk);
    async function* source() {
      yield encoder.encode(head);
      for (let sent = 0; sent < 16 * MEGABYTE; sent += bytes.length) yield bytes;
    }
    const before = process.memoryUsage();
    let most = 0;
    let taken = 0;
    for await (const _event of read(source(), { keepDocuments: true, maxDocumentBytes: 1 * MEGABYTE })) {
      if (++taken % 5000 !== 0) continue;
      const now = process.memoryUsage();
      most = Math.max(most, now.arrayBuffers + now.heapUsed - before.arrayBuffers - before.heapUsed);
    }
    const after = process.memoryUsage();
    return Math.max(most, after.arrayBuffers - before.arrayBuffers) / MEGABYTE;
  }

  test('many documents in one interchange', async () => {
    const one = `ST*850*0001~${LEAST_850.join('~')}~SE*5*0001~`;
    expect(await heapGrowth(one.repeat(500), HEAD)).toBeLessThan(100);
  }, 120_000);

  test('one document larger than what is kept', async () => {
    const head = `${HEAD}ST*850*0001~BEG*00*SA*PO1**20260601~`;
    expect(await heapGrowth('PO1*1*10*EA*18.00~'.repeat(2000), head)).toBeLessThan(60);
  }, 120_000);

  test('one segment larger than what is kept', async () => {
    expect(await heapGrowth('A'.repeat(50_000), `${HEAD}ST*850*0001~BEG*`)).toBeLessThan(60);
  });

  test('a segment beyond the limit is told and passed over, and reading goes on', () => {
    const input = x12({ segments: [LEAST_850[0] as string, `REF*DP*${'9'.repeat(5000)}`, ...LEAST_850.slice(1)] });
    const events = [...readSync(input, { maxSegmentBytes: 2000 })];
    const document = events.find((event) => event.kind === 'document');
    expect(document?.kind === 'document' && document.document.issues.map(({ code }) => code)).toEqual([
      'SEGMENT_TOO_LONG',
    ]);
    expect(issueCodes(input)).toEqual(['ELEMENT_TOO_LONG']);
  });

  test('back-pressure: no more is read than is taken', async () => {
    const one = encoder.encode(`ST*850*0001~${LEAST_850.join('~')}~SE*5*0001~`.repeat(800));
    let pulled = 0;
    async function* source() {
      yield encoder.encode(HEAD);
      for (;;) {
        pulled++;
        yield one;
      }
    }
    let documents = 0;
    for await (const event of read(source())) {
      if (event.kind === 'document' && ++documents === 1000) break;
    }
    expect(pulled).toBeLessThan(4);
  });
});
