import { EdiWriteError, type Guide, lookup, type Segment, write } from '../edi/index.ts';
import type { Terms } from '../partners/index.ts';
import { HubError, type Tx } from '../platform/index.ts';
import { groupParties, takeGroupNumber, takeInterchangeNumber, usageOf } from './agreement-numbers.ts';
import { checkRendered } from './check-rendered.ts';
import { localDateTime } from './local-time.ts';
import { renderEdifact } from './render-edifact.ts';

export interface OutgoingDocument {
  type: string;
  /** Body of its guide JSON, or its segments without header and trailer. */
  body?: Record<string, unknown>;
  segments?: readonly Segment[];
}

export interface OutgoingGroup {
  functionalId: string;
  /** GS08. */
  version: string;
  documents: readonly OutgoingDocument[];
}

export interface OutgoingInterchange {
  terms: Terms;
  groups: readonly OutgoingGroup[];
  /** ISA12; from the agreement's version when absent. */
  interchangeVersion?: string;
  /** Segments between ISA and the first GS: TA1. */
  leading?: readonly Segment[];
  at: Date;
}

export interface RenderedInterchange {
  bytes: Uint8Array;
  control: string;
  groups: { control: string; documentControls: string[] }[];
}

/** GS01 of what we originate; EDIFACT messages go without a group. */
export const FUNCTIONAL_IDS: Readonly<Record<string, string>> = {
  '855': 'PR',
  '856': 'SH',
  '810': 'IN',
  '997': 'FA',
  '999': 'FA',
  '865': 'CA',
  '940': 'OW',
};

/** Writes one interchange in the standard of its agreement. */
export function renderInterchange(tx: Tx, out: OutgoingInterchange): Promise<RenderedInterchange> {
  return out.terms.agreement.standard === 'edifact' ? renderEdifact(tx, out) : renderX12(tx, out);
}

/**
 * Writes one interchange under an agreement and takes its control numbers, in the transaction that stores it: a number
 * that is used is stored with its bytes, or neither happens.
 * @throws HubError MAP_FAILED when the data cannot be written under the agreement's delimiters, OUTPUT_INVALID when what was
 * written breaks the standard
 */
async function renderX12(tx: Tx, out: OutgoingInterchange): Promise<RenderedInterchange> {
  const { agreement, delimiters } = out.terms;
  const { us, them } = groupParties(agreement);
  const interchangeVersion = out.interchangeVersion ?? agreement.version.slice(0, 5);
  const control = await takeInterchangeNumber(tx, agreement);
  const groups: (OutgoingGroup & { control: string })[] = [];
  for (const group of out.groups) {
    groups.push({ ...group, control: await takeGroupNumber(tx, agreement, group.functionalId) });
  }
  const { date, time } = localDateTime(out.at, out.terms.timeZone);
  const { element, component, repetition, segment, suffix } = delimiters;
  try {
    const bytes = write({
      envelope: {
        standard: 'x12',
        sender: agreement.us,
        receiver: agreement.them,
        usage: usageOf(agreement),
        version: interchangeVersion,
        control,
        date,
        time,
        // ISA11 separates repetitions from 00402 on.
        delimiters: { element, component, segment, ...(interchangeVersion >= '00402' ? { repetition } : {}) },
        lineEnding: suffix,
        ackRequested: agreement.requestTa1 === true && out.groups.some((group) => group.functionalId !== 'FA'),
      },
      leading: out.leading,
      groups: groups.map((group) => ({
        functionalId: group.functionalId,
        control: group.control,
        version: group.version,
        sender: us,
        receiver: them,
        documents: group.documents.map((document, index) => ({
          type: document.type,
          control: stControl(index),
          ...contentOf(document, group.version, Object.values(delimiters)),
        })),
      })),
    });
    checkRendered(bytes, out.terms);
    return {
      bytes,
      control,
      groups: groups.map((group) => ({
        control: group.control,
        documentControls: group.documents.map((_, index) => stControl(index)),
      })),
    };
  } catch (error) {
    throw unwritable(error);
  }
}

/** Data that cannot be written under an agreement's delimiters wants a person, not a retry. */
export function unwritable(error: unknown): unknown {
  if (!(error instanceof EdiWriteError)) return error;
  return new HubError('MAP_FAILED', { message: error.message, detail: { code: error.code }, cause: error });
}

/** ST02, counted within its group. */
export const stControl = (index: number): string => String(index + 1).padStart(4, '0');

function contentOf(document: OutgoingDocument, version: string, delimiters: readonly string[]) {
  if (document.segments !== undefined) return { segments: document.segments };
  const definition = lookup('x12', version, document.type);
  if (definition === undefined) {
    throw new HubError('MAP_FAILED', { message: `There is no definition of ${document.type} in ${version}` });
  }
  const body = cleanText(document.body ?? {}, new Set(delimiters.filter((text) => text.length === 1))) as Guide['body'];
  return { guide: { body }, definition };
}

/** Elements of free text, where a delimiter may become a space. Anywhere else it is refused by the writer. */
const FREE_TEXT = new Set(['name', 'address', 'address2', 'city', 'description', 'routing', 'text']);

/** Without what has no value; delimiters in names and descriptions become spaces, as X12 has no escape for them. */
function cleanText(value: unknown, delimiters: ReadonlySet<string>, key = ''): unknown {
  if (Array.isArray(value)) return value.map((member) => cleanText(member, delimiters, key));
  if (typeof value === 'string') {
    return FREE_TEXT.has(key) ? Array.from(value, (char) => (delimiters.has(char) ? ' ' : char)).join('') : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [name, cleanText(member, delimiters, name)]),
  );
}
