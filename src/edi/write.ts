/**
 * The writer: envelopes, control numbers given by the caller, delimiters escaped (EDIFACT) or refused (X12), trailing empty
 * elements stripped, ISA widths padded, SE GE IEA and UNT UNE UNZ counted. Pure: no clock, no counters of its own.
 */
import { isDateText, isTimeText } from './calendar.ts';
import { charsetOf } from './charset.ts';
import type { ElementValue, Segment } from './document.ts';
import type { PartyId } from './envelope.ts';
import { fromGuide, type Guide } from './guide.ts';
import { lookup } from './registry.ts';
import type { Definition } from './schema.ts';
import { EdiWriteError } from './write-error.ts';

export interface WriteDelimiters {
  element: string;
  component: string;
  segment: string;
  /** X12 from 00402 on, EDIFACT from syntax 4 on. */
  repetition?: string;
  /** EDIFACT. */
  release?: string;
}

export interface WriteEnvelope {
  standard?: 'x12' | 'edifact';
  sender: PartyId;
  receiver: PartyId;
  usage: 'P' | 'T' | 'I';
  /** ISA12 (`00401`) or syntax identifier and version (`UNOC:3`). */
  version: string;
  /** ISA13 or UNB 0020. */
  control: string;
  /** ISO date `2026-06-01`, in the sender's time zone. */
  date: string;
  /** `09:00` or `09:00:00`. */
  time: string;
  delimiters?: Partial<WriteDelimiters>;
  /** Written after each terminator, e.g. `\n`; none by default. */
  lineEnding?: string;
  ackRequested?: boolean;
  /** X12 ISA01 to ISA04, when the partner wants any. */
  authorization?: { qualifier: string; information: string };
  security?: { qualifier: string; information: string };
  /** EDIFACT: write UNA even when the delimiters are the usual ones. */
  una?: boolean;
  /**
   * Stands in for delimiters and characters that cannot be written, instead of refusing them. For acknowledgments, which
   * echo what others sent; never for documents of our own.
   */
  substitute?: string;
  /** EDIFACT 0026 application reference and 0032 agreement. */
  applicationReference?: string;
  agreement?: string;
}

export interface WriteDocument {
  type: string;
  /** ST02 or UNH 0062. */
  control: string;
  /** Segments without header and trailer, or a guide to make them from. */
  segments?: readonly Segment[];
  guide?: Pick<Guide, 'body'>;
  definition?: Definition;
  /** ST03, or UNH 0057. */
  association?: string;
}

export interface WriteGroup {
  /** GS01. */
  functionalId: string;
  /** GS06, UNG 0048. */
  control: string;
  /** GS08 (`004010`) or message version (`D.96A`). */
  version: string;
  sender?: string;
  receiver?: string;
  date?: string;
  time?: string;
  agency?: string;
  documents: readonly WriteDocument[];
}

export interface WriteInput {
  envelope: WriteEnvelope;
  groups: readonly WriteGroup[];
  /** Segments between ISA and the first GS: TA1. */
  leading?: readonly Segment[];
}

const X12_DELIMITERS: WriteDelimiters = { element: '*', component: '>', segment: '~' };
const EDIFACT_DELIMITERS: WriteDelimiters = { element: '+', component: ':', segment: "'", release: '?' };

/** Write one interchange. Throws `EdiWriteError` when the data cannot be represented. */
export function write(input: WriteInput): Uint8Array {
  return input.envelope.standard === 'edifact' ? writeEdifact(input) : writeX12(input);
}

/** Turns segments into text under one set of delimiters. */
class SegmentWriter {
  readonly out: string[] = [];
  private readonly delimiters: WriteDelimiters;
  private readonly ending: string;
  private readonly special: RegExp;
  private readonly substitute: string | undefined;

  constructor(delimiters: WriteDelimiters, lineEnding: string, substitute: string | undefined) {
    this.substitute = substitute;
    this.delimiters = delimiters;
    this.ending = delimiters.segment + lineEnding;
    const all = Object.values(delimiters).filter((text): text is string => typeof text === 'string' && text !== '');
    this.special = new RegExp(`[${all.map((char) => char.replace(/[\\\]^-]/g, '\\$&')).join('')}]`, 'g');
  }

  escape(raw: string, place: string): string {
    const { substitute } = this;
    const text = substitute === undefined ? raw : raw.replace(/\p{Cc}/gu, substitute);
    this.special.lastIndex = 0;
    if (!this.special.test(text)) return text;
    const { release } = this.delimiters;
    if (release !== undefined) return text.replace(this.special, (char) => release + char);
    if (substitute !== undefined) return text.replace(this.special, substitute);
    throw new EdiWriteError('DELIMITER_IN_DATA', place, `the value ${JSON.stringify(text)} holds a delimiter`);
  }

  private composite(value: string | readonly string[], place: string): string {
    if (typeof value === 'string') return this.escape(value, place);
    let last = value.length;
    while (last > 0 && (value[last - 1] ?? '') === '') last--;
    return value
      .slice(0, last)
      .map((part) => this.escape(part ?? '', place))
      .join(this.delimiters.component);
  }

  private element(value: ElementValue, place: string): string {
    if (typeof value === 'string' || Array.isArray(value)) return this.composite(value, place);
    const { repetition } = this.delimiters;
    if (value.repeats.length > 1 && repetition === undefined)
      throw new EdiWriteError('FIELD_INVALID', place, 'this version has no repetition separator');
    return value.repeats.map((part) => this.composite(part, place)).join(repetition ?? '');
  }

  segment(id: string, elements: readonly ElementValue[]): void {
    const parts = elements.map((value, at) => this.element(value ?? '', `${id}${String(at + 1).padStart(2, '0')}`));
    while (parts.length > 0 && parts.at(-1) === '') parts.pop();
    this.out.push(`${[id, ...parts].join(this.delimiters.element)}${this.ending}`);
  }

  raw(text: string): void {
    this.out.push(text);
  }
}

function fixed(place: string, value: string, width: number): string {
  if (value.length > width) throw new EdiWriteError('FIELD_TOO_LONG', place, `"${value}" is longer than ${width}`);
  return value.padEnd(width, ' ');
}

function number(place: string, value: string, width: number): string {
  if (!/^\d+$/.test(value) || value.length > width)
    throw new EdiWriteError('FIELD_INVALID', place, `"${value}" is no number of at most ${width} digits`);
  return value.padStart(width, '0');
}

function compactDate(place: string, date: string): string {
  if (!/^\d{4}-\d\d-\d\d$/.test(date) || !isDateText(date.replaceAll('-', '')))
    throw new EdiWriteError('FIELD_INVALID', place, `"${date}" is no ISO date`);
  return date.replaceAll('-', '');
}

/** HHMM or HHMMSS. */
function compactTime(place: string, time: string): string {
  // Whoever writes from JSON may have left it out, whatever the type says.
  const digits = typeof time === 'string' ? time.replaceAll(':', '') : '';
  if (isTimeText(digits)) return digits;
  throw new EdiWriteError('FIELD_INVALID', place, `${JSON.stringify(time) ?? 'nothing'} is no time such as 09:00`);
}

function segmentsOf(document: WriteDocument, standard: 'x12' | 'edifact', version: string): readonly Segment[] {
  if (document.segments !== undefined) return document.segments;
  const definition = document.definition ?? lookup(standard, version, document.type, document.association ?? '');
  if (document.guide === undefined || definition === undefined) {
    throw new EdiWriteError(
      'FIELD_INVALID',
      document.type,
      'neither segments nor a guide with a definition were given',
    );
  }
  return fromGuide(document.guide, definition);
}

function x12Delimiters(envelope: WriteEnvelope): WriteDelimiters {
  const repetition = envelope.version >= '00402' ? { repetition: '^' } : {};
  const delimiters: WriteDelimiters = { ...X12_DELIMITERS, ...repetition, ...envelope.delimiters };
  if (envelope.version < '00402') delete delimiters.repetition;
  return delimiters;
}

function writeX12({ envelope, groups, leading }: WriteInput): Uint8Array {
  const delimiters = x12Delimiters(envelope);
  const writer = new SegmentWriter(delimiters, envelope.lineEnding ?? '', envelope.substitute);
  const control = number('ISA13', envelope.control, 9);
  const isa = [
    'ISA',
    fixed('ISA01', envelope.authorization?.qualifier ?? '00', 2),
    fixed('ISA02', envelope.authorization?.information ?? '', 10),
    fixed('ISA03', envelope.security?.qualifier ?? '00', 2),
    fixed('ISA04', envelope.security?.information ?? '', 10),
    fixed('ISA05', envelope.sender.qualifier, 2),
    fixed('ISA06', envelope.sender.id, 15),
    fixed('ISA07', envelope.receiver.qualifier, 2),
    fixed('ISA08', envelope.receiver.id, 15),
    compactDate('ISA09', envelope.date).slice(2),
    compactTime('ISA10', envelope.time).slice(0, 4),
    delimiters.repetition ?? 'U',
    fixed('ISA12', envelope.version, 5),
    control,
    envelope.ackRequested === true ? '1' : '0',
    envelope.usage,
    delimiters.component,
  ];
  const fields = isa.map((field, at) =>
    at === 0 || at === 11 || at === 16 ? field : writer.escape(field, `ISA${String(at).padStart(2, '0')}`),
  );
  writer.raw(`${fields.join(delimiters.element)}${delimiters.segment}${envelope.lineEnding ?? ''}`);
  for (const segment of leading ?? []) writer.segment(segment.id, segment.elements);
  for (const group of groups) writeGroup(writer, envelope, group);
  writer.segment('IEA', [String(groups.length), control]);
  return new TextEncoder().encode(writer.out.join(''));
}

function writeGroup(writer: SegmentWriter, envelope: WriteEnvelope, group: WriteGroup): void {
  const control = group.control;
  number('GS06', control, 9);
  writer.segment('GS', [
    group.functionalId,
    group.sender ?? envelope.sender.id,
    group.receiver ?? envelope.receiver.id,
    compactDate('GS04', group.date ?? envelope.date),
    compactTime('GS05', group.time ?? envelope.time),
    control,
    group.agency ?? 'X',
    group.version,
  ]);
  for (const document of group.documents) {
    const segments = segmentsOf(document, 'x12', group.version);
    const header = [document.type, document.control];
    if (document.association !== undefined && document.association !== '') header.push(document.association);
    writer.segment('ST', header);
    for (const segment of segments) writer.segment(segment.id, segment.elements);
    writer.segment('SE', [String(segments.length + 2), document.control]);
  }
  writer.segment('GE', [String(group.documents.length), control]);
}

function writeEdifact({ envelope, groups }: WriteInput): Uint8Array {
  const [syntaxId = 'UNOC', syntax = '3'] = envelope.version.split(':');
  const delimiters: WriteDelimiters = { ...EDIFACT_DELIMITERS, ...envelope.delimiters };
  if (syntax >= '4') delimiters.repetition ??= '*';
  else delete delimiters.repetition;
  const ending = envelope.lineEnding ?? '';
  const writer = new SegmentWriter(delimiters, ending, envelope.substitute);
  const usual = delimiters.component === ':' && delimiters.element === '+' && delimiters.release === '?';
  if (envelope.una === true || !usual || delimiters.segment !== "'" || (delimiters.repetition ?? '*') !== '*') {
    const { component, element, release, repetition, segment } = delimiters;
    writer.raw(`UNA${component}${element}.${release ?? ' '}${repetition ?? ' '}${segment}${ending}`);
  }
  const party = ({ id, qualifier, internal }: PartyId) => [id, qualifier, internal ?? ''];
  const date = compactDate('UNB 0017', envelope.date);
  writer.segment('UNB', [
    [syntaxId, syntax],
    party(envelope.sender),
    party(envelope.receiver),
    [syntax >= '4' ? date : date.slice(2), compactTime('UNB 0019', envelope.time).slice(0, 4)],
    envelope.control,
    '',
    envelope.applicationReference ?? '',
    '',
    envelope.ackRequested === true ? '1' : '',
    envelope.agreement ?? '',
    envelope.usage === 'T' ? '1' : '',
  ]);
  let messages = 0;
  let explicit = 0;
  for (const group of groups) {
    // A group without functional id stands for messages directly in the interchange.
    const grouped = group.functionalId !== '';
    const [version = '', release = ''] = group.version.split('.');
    const agency = group.agency ?? 'UN';
    if (grouped) {
      explicit++;
      const groupDate = compactDate('UNG 0017', group.date ?? envelope.date);
      writer.segment('UNG', [
        group.functionalId,
        [group.sender ?? envelope.sender.id],
        [group.receiver ?? envelope.receiver.id],
        [
          syntax >= '4' ? groupDate : groupDate.slice(2),
          compactTime('UNG 0019', group.time ?? envelope.time).slice(0, 4),
        ],
        group.control,
        agency,
        [version, release],
      ]);
    }
    for (const document of group.documents) {
      messages++;
      const segments = segmentsOf(document, 'edifact', group.version);
      writer.segment('UNH', [document.control, [document.type, version, release, agency, document.association ?? '']]);
      for (const segment of segments) writer.segment(segment.id, segment.elements);
      writer.segment('UNT', [String(segments.length + 2), document.control]);
    }
    if (grouped) writer.segment('UNE', [String(group.documents.length), group.control]);
  }
  writer.segment('UNZ', [String(explicit > 0 ? explicit : messages), envelope.control]);
  return encode(writer.out.join(''), syntaxId, envelope.substitute);
}

/** Bytes of text in an interchange's character set; a character outside it is refused. */
function encode(text: string, syntaxId: string, substitute: string | undefined): Uint8Array {
  const name = charsetOf(syntaxId)?.charset.name ?? 'UTF-8';
  const ascii = syntaxId === 'UNOA' || syntaxId === 'UNOB';
  if (name === 'UTF-8' && !ascii) return new TextEncoder().encode(text);
  const bytes = new Uint8Array(text.length);
  const reverse = ascii ? new Map<string, number>() : reverseTable(syntaxId);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const byte = code < 0x80 ? code : (reverse.get(text[i] as string) ?? substitute?.charCodeAt(0));
    if (byte === undefined)
      throw new EdiWriteError('CHARACTER_NOT_IN_SET', `character ${i}`, `"${text[i]}" is not in ${syntaxId}`);
    bytes[i] = byte;
  }
  return bytes;
}

const reverseTables = new Map<string, Map<string, number>>();

function reverseTable(syntaxId: string): Map<string, number> {
  const known = reverseTables.get(syntaxId);
  if (known !== undefined) return known;
  const table = new Map<string, number>();
  reverseTables.set(syntaxId, table);
  const charset = charsetOf(syntaxId)?.charset;
  for (let byte = 0x80; byte < 0x100; byte++) {
    const text = charset?.decode(Uint8Array.of(byte), 0, 1);
    if (text !== undefined && text !== '\ufffd') table.set(text, byte);
  }
  return table;
}
