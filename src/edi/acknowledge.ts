/**
 * Acknowledgments, made from issues alone.
 *
 * X12: TA1 for the interchange and a 997 (or 999) per functional group, in one interchange of their own, the parties
 * swapped and the inbound versions inherited (ISA12, GS08). TA1 goes when ISA14 asks for it or the agreement says so; one that
 * refuses the interchange goes unasked as well, or else its sender would wait for an answer to what was not taken.
 * An acknowledgment is never acknowledged: groups FA and interchanges of TA1 alone get nothing.
 */
import { type FunctionalOptions, functionalSegments } from './acknowledge-x12.ts';
import type { CheckedGroup, CheckedInterchange } from './check.ts';
import { acknowledgeEdifact } from './contrl.ts';
import type { Segment } from './document.ts';
import { type Interchange, TOLERABLE_TA105 } from './envelope.ts';
import { CONTROL_VERSION } from './envelope-x12-checks.ts';
import { write, type WriteDelimiters, type WriteGroup } from './write.ts';

export interface AcknowledgeOptions {
  /** Control numbers of the acknowledgment's own envelopes: ISA13 / UNB 0020, first GS06, first ST02 or UNH 0062. */
  controls: { interchange: string; group: string; document?: string };
  /** ISO date and time of the acknowledgment. */
  date: string;
  time: string;
  /** Default true. */
  sendAk2ForAccepted?: boolean;
  /**
   * When to send TA1. Default `requested` (ISA14 = 1), which sends a refusal unasked too; after `never` the 997 refuses.
   * EDIFACT: when to send CONTRL; `requested` is UNB 0031 = 1.
   */
  ta1?: 'requested' | 'always' | 'never';
  /** What to say about documents of unknown type. Default accept. */
  unchecked?: 'accept' | 'reject';
  /** 999 instead of 997. Default 997. */
  functional?: '997' | '999' | 'none';
  /** CONTRL: `receipt` says only that the interchange came (0083 = 8) and nothing of its messages. Default `full`. */
  contrl?: 'full' | 'receipt';
  /** Refuse the interchange for a reason that only the caller knows, e.g. TA105 025 (duplicate), or 0085 26. */
  refuse?: { ta105?: string; syntax?: string };
  delimiters?: Partial<WriteDelimiters>;
  lineEnding?: string;
  /** Default: the inbound one. */
  usage?: 'P' | 'T' | 'I';
}

export interface Acknowledgment {
  bytes: Uint8Array;
  /** Kinds of acknowledgment in it, e.g. `TA1`, `997`, `CONTRL`. */
  kinds: string[];
  /** True when the interchange as a whole is refused: nothing in it may be processed. */
  refused: boolean;
}

/** The acknowledgment that an interchange is owed, or undefined when it is owed none. */
export function acknowledge(checked: CheckedInterchange, options: AcknowledgeOptions): Acknowledgment | undefined {
  // There is nobody to write to in the header of an interchange that we do not read.
  if (checked.interchange.issues.some(({ code }) => code === 'INTERCHANGE_UNSUPPORTED')) return undefined;
  return checked.interchange.standard === 'edifact'
    ? acknowledgeEdifact(checked, options)
    : acknowledgeX12(checked, options);
}

/** TA104 and TA105: the gravest fault of the envelope. */
function interchangeOutcome(interchange: Interchange, options: AcknowledgeOptions): [string, string] {
  if (options.refuse?.ta105 !== undefined) return ['R', options.refuse.ta105];
  if (interchange.status === 'accepted') return ['A', '000'];
  const notes = interchange.issues.flatMap(({ severity, ack }) =>
    severity === 'error' && ack?.ta105 !== undefined ? [ack.ta105] : [],
  );
  if (interchange.status !== 'rejected') return ['E', notes[0] ?? '024'];
  return ['R', notes.find((note) => !TOLERABLE_TA105.has(note)) ?? '024'];
}

function acknowledgeX12(checked: CheckedInterchange, options: AcknowledgeOptions): Acknowledgment | undefined {
  const { interchange } = checked;
  const groups = checked.groups.filter(({ group }) => group.type !== 'FA' && group.type !== '');
  const onlyAcknowledgments =
    groups.length === 0 &&
    (checked.acknowledgments.length > 0 || checked.groups.length > 0) &&
    checked.groups.every(({ group }) => group.type === 'FA');
  const [status, note] = interchangeOutcome(interchange, options);
  const refused = status === 'R';
  const policy = options.ta1 ?? 'requested';
  const wanted = policy === 'always' || (policy === 'requested' && (interchange.ackRequested || refused));
  const sendTa1 = wanted && !onlyAcknowledgments;
  const leading: Segment[] = [];
  if (sendTa1)
    leading.push({
      id: 'TA1',
      elements: [control9(interchange.control), interchange.date, interchange.time, status, note],
    });
  const kind = options.functional ?? '997';
  const send = kind !== 'none' && groups.length > 0 && !(refused && sendTa1);
  const written = send ? functionalGroups(groups, kind as '997' | '999', interchange, refused, options) : [];
  if (leading.length === 0 && written.length === 0) return undefined;
  const version = CONTROL_VERSION.test(interchange.version) ? interchange.version : '00401';
  const bytes = write({
    envelope: {
      sender: partyOrUnknown(interchange.receiver),
      receiver: partyOrUnknown(interchange.sender),
      usage: options.usage ?? (/^[PTI]$/.test(interchange.usage) ? (interchange.usage as 'P') : 'P'),
      version,
      control: options.controls.interchange,
      date: options.date,
      time: options.time,
      substitute: ' ',
      ...(options.delimiters === undefined ? {} : { delimiters: options.delimiters }),
      ...(options.lineEnding === undefined ? {} : { lineEnding: options.lineEnding }),
    },
    leading,
    groups: written,
  });
  const kinds = [...(leading.length > 0 ? ['TA1'] : []), ...(written.length > 0 ? [kind] : [])];
  return { bytes, kinds, refused };
}

function control9(text: string): string {
  return /^\d{1,9}$/.test(text) ? text.padStart(9, '0') : text.slice(0, 9);
}

function partyOrUnknown(party: Interchange['sender']): Interchange['sender'] {
  return { qualifier: party.qualifier.slice(0, 2) || 'ZZ', id: party.id.slice(0, 15) };
}

/** One written group per pair of application ids and version; one set per received group. */
function functionalGroups(
  groups: readonly CheckedGroup[],
  kind: '997' | '999',
  interchange: Interchange,
  refused: boolean,
  options: AcknowledgeOptions,
): WriteGroup[] {
  const delimiters = Object.values({
    element: '*',
    component: '>',
    segment: '~',
    repetition: '^',
    ...options.delimiters,
  });
  const escaped = delimiters.map((char) => char.replace(/[\\\]^-]/g, '\\$&')).join('');
  const forbidden = new RegExp(`[${escaped}\\x00-\\x1f\\x7f-\\x9f]`);
  const made = new Map<string, WriteGroup & { documents: WriteGroup['documents'][number][] }>();
  let document = Number(options.controls.document ?? '1');
  for (const checked of groups) {
    const { group } = checked;
    const version = outboundVersion(group.version, kind);
    const functional: FunctionalOptions = {
      sendAk2ForAccepted: options.sendAk2ForAccepted ?? true,
      unchecked: options.unchecked ?? 'accept',
      refused,
      kind,
      version,
      forbidden,
    };
    const key = JSON.stringify([group.receiver, group.sender, version]);
    let out = made.get(key);
    if (out === undefined) {
      out = {
        functionalId: 'FA',
        control: String(Number(options.controls.group) + made.size),
        version,
        sender: group.receiver || interchange.receiver.id,
        receiver: group.sender || interchange.sender.id,
        documents: [],
      };
      made.set(key, out);
    }
    out.documents.push({
      type: kind,
      control: String(document++).padStart(4, '0'),
      segments: functionalSegments(checked, functional),
      ...(kind === '999' ? { association: IMPLEMENTATION_999 } : {}),
    });
  }
  return [...made.values()];
}

/** ST03 of a 999, which exists from 005010 on. */
const IMPLEMENTATION_999 = '005010X231A1';

function outboundVersion(version: string, kind: '997' | '999'): string {
  if (kind === '999') return IMPLEMENTATION_999;
  return /^\d{6}/.test(version) ? version.slice(0, 12) : '004010';
}
