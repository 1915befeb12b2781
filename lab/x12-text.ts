/**
 * The own small X12 writer and reader of those who trade with the hub. It shares no code with the hub's engine on purpose:
 * what the hub writes is read here by somebody else's rules, as at a real partner.
 */
export interface InterchangeFrame {
  sender: string;
  receiver: string;
  control: number;
  /** ISA12 and GS08, e.g. 004010. */
  version: string;
  usage: 'P' | 'T';
  /** GS01 of the group, e.g. PO for 850, FA for 997. */
  functionalId: string;
  at: Date;
}

export type Segment = readonly string[];

const pad = (text: string, width: number): string => text.padEnd(width).slice(0, width);
const digits = (value: number, width: number): string => String(value).padStart(width, '0');

/** One interchange with one group of documents; each document is its segments from ST on, without SE. */
export function writeInterchange(frame: InterchangeFrame, documents: readonly (readonly Segment[])[]): string {
  const stamp = frame.at.toISOString().replace(/\D/g, '');
  const date = stamp.slice(0, 8);
  const time = stamp.slice(8, 12);
  const isa = [
    'ISA',
    '00',
    pad('', 10),
    '00',
    pad('', 10),
    'ZZ',
    pad(frame.sender, 15),
    'ZZ',
    pad(frame.receiver, 15),
    date.slice(2),
    time,
    frame.version === '004010' ? 'U' : '^',
    frame.version.slice(0, 5),
    digits(frame.control, 9),
    '0',
    frame.usage,
    '>',
  ];
  const group = String(frame.control);
  const gs = ['GS', frame.functionalId, frame.sender, frame.receiver, date, time, group, 'X', frame.version];
  const body = documents.flatMap((segments) => {
    const control = segments[0]?.[2] ?? '0001';
    return [...segments, ['SE', String(segments.length + 1), control]];
  });
  const all = [isa, gs, ...body, ['GE', String(documents.length), group], ['IEA', '1', digits(frame.control, 9)]];
  return `${all.map((segment) => trimmed(segment).join('*')).join('~\n')}~\n`;
}

// A segment does not end in empty elements.
function trimmed(segment: Segment): Segment {
  let end = segment.length;
  while (end > 1 && segment[end - 1] === '') end -= 1;
  return segment.slice(0, end);
}

export interface ReadDocument {
  type: string;
  control: string;
  segments: Segment[];
}

export interface ReadGroup {
  functionalId: string;
  control: string;
  version: string;
  documents: ReadDocument[];
}

export interface ReadInterchange {
  sender: string;
  receiver: string;
  control: string;
  version: string;
  groups: ReadGroup[];
  /** TA1 segments stand beside the groups. */
  ta1: Segment[];
}

/** Reads one interchange; delimiters are where ISA says they are. Throws when it is none. */
export function readInterchange(text: string): ReadInterchange {
  if (!text.startsWith('ISA') || text.length < 106) throw new Error('no ISA at the beginning');
  const element = text[3] ?? '*';
  const terminator = text[105] ?? '~';
  const segments = text
    .split(terminator)
    .map((segment) => segment.replace(/^[\r\n]+/, '').split(element))
    .filter((segment) => segment[0] !== '');
  const isa = segments[0] ?? [];
  const read: ReadInterchange = {
    sender: (isa[6] ?? '').trim(),
    receiver: (isa[8] ?? '').trim(),
    control: isa[13] ?? '',
    version: isa[12] ?? '',
    groups: [],
    ta1: [],
  };
  let document: ReadDocument | undefined;
  for (const segment of segments.slice(1)) {
    const group = read.groups.at(-1);
    if (segment[0] === 'TA1') read.ta1.push(segment);
    else if (segment[0] === 'GS') {
      read.groups.push({
        functionalId: segment[1] ?? '',
        control: segment[6] ?? '',
        version: segment[8] ?? '',
        documents: [],
      });
    } else if (segment[0] === 'ST' && group) {
      document = { type: segment[1] ?? '', control: segment[2] ?? '', segments: [segment] };
      group.documents.push(document);
    } else if (segment[0] === 'SE') document = undefined;
    else document?.segments.push(segment);
  }
  return read;
}

/** The segments of a 997 for one group of documents. */
export function acknowledgmentSegments(group: ReadGroup, accepted: boolean, control: string): Segment[] {
  const count = String(group.documents.length);
  return [
    ['ST', '997', control],
    ['AK1', group.functionalId, group.control],
    ...group.documents.flatMap((document) => [
      ['AK2', document.type, document.control],
      accepted ? ['AK5', 'A'] : ['AK5', 'R', '5'],
    ]),
    ['AK9', accepted ? 'A' : 'R', count, count, accepted ? count : '0'],
  ];
}
