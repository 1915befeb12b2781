/** Our own sample documents, and small interchanges made on the spot. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EdiDocument, type ReadEvent, type ReadOptions, readSync } from '../../src/edi/index.ts';

const SAMPLES = join(import.meta.dirname, '../samples/edi');

export function sample(path: string): Uint8Array {
  return readFileSync(join(SAMPLES, path));
}

export function samplePaths(): string[] {
  return readdirSync(SAMPLES, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.edi'))
    .sort();
}

export interface X12Parts {
  groupId?: string;
  type?: string;
  version?: string;
  /** Segments between ST and SE, without terminators. */
  segments: string[];
  isa?: Partial<Record<number, string>>;
  se?: string;
  ge?: string;
  iea?: string;
  gs?: string;
  terminator?: string;
}

const ISA = [
  '00',
  '          ',
  '00',
  '          ',
  'ZZ',
  'SENDER         ',
  'ZZ',
  'RECEIVER       ',
  '260601',
  '0900',
  'U',
  '00401',
  '000000001',
  '0',
  'T',
  '>',
];

/** An X12 interchange of one transaction set, counted right unless told otherwise. */
export function x12(parts: X12Parts): string {
  const { groupId = 'PO', type = '850', version = '004010', segments } = parts;
  const isa = ISA.map((field, at) => parts.isa?.[at + 1] ?? field);
  const lines = [
    `ISA*${isa.join('*')}`,
    parts.gs ?? `GS*${groupId}*APPS*APPR*20260601*0900*1*X*${version}`,
    `ST*${type}*0001`,
    ...segments,
    parts.se ?? `SE*${segments.length + 2}*0001`,
    parts.ge ?? 'GE*1*1',
    parts.iea ?? `IEA*1*${isa[12]}`,
  ];
  return lines
    .filter((line) => line !== '')
    .map((line) => `${line}${parts.terminator ?? '~'}`)
    .join('');
}

/** The least an 850 needs. */
export const LEAST_850 = ['BEG*00*SA*PO1**20260601', 'PO1*1*10*EA*18.00', 'CTT*1'];

export function events(input: Uint8Array | string, options: ReadOptions = {}): ReadEvent[] {
  return [...readSync(input, options)];
}

export function documents(input: Uint8Array | string, options: ReadOptions = {}): EdiDocument[] {
  return events(input, options).flatMap((event) => (event.kind === 'document' ? [event.document] : []));
}

export function firstDocument(input: Uint8Array | string, options: ReadOptions = {}): EdiDocument {
  const document = documents(input, options)[0];
  if (document === undefined) throw new Error('the input holds no document');
  return document;
}

/** Codes of everything found, wherever it was found. */
export function issueCodes(input: Uint8Array | string, options: ReadOptions = {}): string[] {
  return events(input, options).flatMap((event) => {
    if (event.kind === 'issue') return [event.issue.code];
    if (event.kind === 'document') return event.document.issues.map(({ code }) => code);
    if (event.kind === 'group-end') return event.group.issues.map(({ code }) => code);
    return event.kind === 'interchange-end' ? event.interchange.issues.map(({ code }) => code) : [];
  });
}
