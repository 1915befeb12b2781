/** EDIFACT for tests of maps: terms of an agreement, documents as the partner would write and read them. */
import { expect } from 'vitest';
import { type Definition, lookup, toGuide, write } from '../../src/edi/index.ts';
import { misfitOf } from '../../src/flows/check-results.ts';
import { ediTerms } from '../../src/exchange/index.ts';
import { type EdiTerms, indexMaps } from '../../src/maps/index.ts';
import { type Agreement, termsOf } from '../../src/partners/index.ts';
import { documentOf } from './edi-cases.ts';

export const nordwind: Agreement = {
  id: 'nordwind',
  partner: 'C400',
  standard: 'edifact',
  us: { qualifier: '14', id: '0614141000005' },
  them: { qualifier: '14', id: '4012345000009' },
  version: 'D.96A',
  usage: 'production',
  currency: 'EUR',
  units: { EA: 'PCE' },
  seller: { name: 'RIDGELINE', qualifier: 'UL', code: '0614141000005' },
};
export const edifactTerms: EdiTerms = ediTerms(termsOf(nordwind, 1));

const maps = indexMaps();
const NEVER = (): undefined => undefined;

/** What the inbound map of a type makes of segments given without header and trailer; they must be free of errors. */
export function readAs(
  standard: 'x12' | 'edifact',
  type: string,
  segments: readonly string[],
  settings: Partial<EdiTerms> = {},
  version = standard === 'x12' ? '004010' : 'D.96A',
  receivedAt = '2026-06-01T13:00:00Z',
): { kind: string; value: any }[] {
  const document = documentOf(
    standard === 'x12' ? x12Text(type, segments, version) : edifactText(type, segments, version),
  );
  expect(document.issues.filter((found) => found.severity === 'error')).toEqual([]);
  const map = maps.inbound(standard, type);
  if (map === undefined) throw new Error(`no map for ${standard} ${type}`);
  const results = map.map(JSON.parse(JSON.stringify(toGuide(document)!.body)), {
    source: 'partner',
    settings: { ...edifactTerms, ...settings },
    receivedAt,
    version,
    lookup: NEVER,
  });
  // What a map makes must fit the canonical model.
  expect(misfitOf(results)).toBeUndefined();
  return results;
}

function edifactText(type: string, segments: readonly string[], version: string): string {
  const [release, directory] = version.split('.');
  return `${[
    'UNB+UNOC:3+4012345000009:14+0614141000005:14+260601:0900+1',
    `UNH+1+${type}:${release}:${directory}:UN`,
    ...segments,
    `UNT+${segments.length + 2}+1`,
    'UNZ+1+1',
  ].join("'")}'`;
}

function x12Text(type: string, segments: readonly string[], version: string): string {
  const functionalId = lookup('x12', version, type)?.functionalId ?? 'PO';
  return `${[
    `ISA*00*          *00*          *ZZ*MERIDIAN       *ZZ*RIDGELINE      *260601*0900*U*${version.slice(0, 5)}*000000001*0*P*>`,
    `GS*${functionalId}*MERIDIAN*RIDGELINE*20260601*0900*1*X*${version}`,
    `ST*${type}*0001`,
    ...segments,
    `SE*${segments.length + 2}*0001`,
    'GE*1*1',
    'IEA*1*000000001',
  ].join('~')}~`;
}

/** The segments of a document that a map made, without UNH and UNT, written and read again; it must be free of errors. */
export function writtenEdifact(type: string, body: unknown, version = 'D.96A'): string[] {
  return segmentsOf('edifact', type, body, version);
}

export function writtenX12(type: string, body: unknown, version = '004010'): string[] {
  return segmentsOf('x12', type, body, version);
}

function segmentsOf(standard: 'x12' | 'edifact', type: string, body: unknown, version: string): string[] {
  const definition = lookup(standard, version, type) as Definition;
  const bytes = write({
    envelope: {
      standard,
      sender: { qualifier: standard === 'x12' ? 'ZZ' : '14', id: 'RIDGELINE' },
      receiver: { qualifier: standard === 'x12' ? 'ZZ' : '14', id: 'PARTNER' },
      usage: 'P',
      version: standard === 'x12' ? version.slice(0, 5) : 'UNOC:3',
      control: '1',
      date: '2026-06-01',
      time: '09:00',
    },
    groups: [
      {
        functionalId: standard === 'x12' ? definition.functionalId : '',
        control: '1',
        version,
        documents: [{ type, control: '0001', guide: { body: JSON.parse(JSON.stringify(body)) }, definition }],
      },
    ],
  });
  const document = documentOf(bytes);
  expect(document.issues).toEqual([]);
  if (document.issues.length === 0) expect(document.verdict).toBe('accepted');
  const text = new TextDecoder('latin1').decode(bytes);
  return standard === 'x12' ? text.split('~').slice(3, -4) : text.split("'").slice(2, -3);
}

export const outbound = (
  standard: 'x12' | 'edifact',
  operation: string,
  entity: unknown,
  settings: Partial<EdiTerms> = {},
) =>
  maps.outbound(standard, operation)!.map(entity, {
    connection: 'folder',
    settings: { ...edifactTerms, ...settings },
    data: {},
    naturalKey: 'n',
    correlationId: 'c',
    lookup: NEVER,
  });
