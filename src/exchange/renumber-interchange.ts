/** The numbers and instants of one X12 interchange that tell a second sending from the first; the content is not among them. */
export interface EnvelopeMarks {
  /** ISA13. */
  readonly interchange: string;
  /** GS06, in order. */
  readonly groups: readonly string[];
  /** ST02, in order. */
  readonly documents: readonly string[];
  /** ISA09 and ISA10. */
  readonly date: string;
  readonly time: string;
  /** GS04 and GS05 of the first group. */
  readonly groupDate: string;
  readonly groupTime: string;
}

interface Parts {
  readonly segments: string[];
  readonly terminator: string;
  readonly separator: string;
}

/** ISA is of fixed length: the element separator is its 4th byte, the terminator its 106th (X12.5, ISA). */
function split(bytes: Uint8Array): Parts | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  if (!text.startsWith('ISA') || text.length < 107) return undefined;
  const separator = text.charAt(3);
  const terminator = text.charAt(105);
  return { segments: text.split(terminator), terminator, separator };
}

/** Segments keep the line break that some senders put behind the terminator; it belongs to no element. */
const tagOf = (segment: string, separator: string): string => segment.trimStart().split(separator, 1)[0] ?? '';

/** What the envelope of an X12 interchange says of itself; undefined for anything else. */
export function readEnvelopeMarks(bytes: Uint8Array): EnvelopeMarks | undefined {
  const parts = split(bytes);
  if (parts === undefined) return undefined;
  const isa = (parts.segments[0] as string).split(parts.separator);
  const groups = parts.segments
    .filter((segment) => tagOf(segment, parts.separator) === 'GS')
    .map((segment) => segment.split(parts.separator));
  return {
    interchange: isa[13] ?? '',
    groups: groups.map((elements) => elements[6] ?? ''),
    documents: parts.segments
      .filter((segment) => tagOf(segment, parts.separator) === 'ST')
      .map((segment) => segment.split(parts.separator)[2] ?? ''),
    date: isa[9] ?? '',
    time: isa[10] ?? '',
    groupDate: groups[0]?.[4] ?? '',
    groupTime: groups[0]?.[5] ?? '',
  };
}

/**
 * The same interchange under other control numbers: ISA13 with IEA02, GS06 with GE02, and where they are given ST02 with
 * SE02. Every other byte stays. The envelope's instants are written when they are given.
 * @returns undefined when the bytes are no X12 interchange
 */
export function renumberInterchange(
  bytes: Uint8Array,
  marks: Pick<EnvelopeMarks, 'interchange' | 'groups'> & Partial<EnvelopeMarks>,
): Uint8Array | undefined {
  const parts = split(bytes);
  if (parts === undefined) return undefined;
  const { separator, terminator } = parts;
  let group = -1;
  let document = -1;
  const set = (segment: string, index: number, value: string | undefined): string => {
    if (value === undefined) return segment;
    const elements = segment.split(separator);
    if (elements[index] === undefined) return segment;
    elements[index] = value;
    return elements.join(separator);
  };
  const segments = parts.segments.map((segment) => {
    switch (tagOf(segment, separator)) {
      case 'ISA':
        return set(set(set(segment, 13, marks.interchange), 9, marks.date), 10, marks.time);
      case 'IEA':
        return set(segment, 2, marks.interchange);
      case 'GS':
        group += 1;
        return set(set(set(segment, 6, marks.groups[group]), 4, marks.groupDate), 5, marks.groupTime);
      case 'GE':
        return set(segment, 2, marks.groups[group]);
      case 'ST':
        document += 1;
        return set(segment, 2, marks.documents?.[document]);
      case 'SE':
        return set(segment, 2, marks.documents?.[document]);
      default:
        return segment;
    }
  });
  return Buffer.from(segments.join(terminator), 'latin1');
}

/**
 * One document of an X12 interchange with the envelope around it, its counts put right; the bytes as they are when they
 * hold no other. What was sent with others can so be compared, and sent again, by itself.
 *
 * @param group GS06 of the document's group
 * @param document its ST02
 * @returns undefined when the bytes are no X12 interchange, or the document is not in it
 */
export function soleDocument(bytes: Uint8Array, group: string, document: string): Uint8Array | undefined {
  const parts = split(bytes);
  if (parts === undefined) return undefined;
  const { separator, terminator, segments } = parts;
  const elementsOf = (segment: string): string[] => segment.split(separator);
  const kept: string[] = [];
  let others = 0;
  let isGroup = false;
  let isDocument = false;
  let found = false;
  for (const segment of segments) {
    const tag = tagOf(segment, separator);
    const elements = elementsOf(segment);
    if (tag === 'GS') isGroup = elements[6] === group;
    if (tag === 'ST') {
      isDocument = isGroup && elements[2] === document;
      if (isDocument) found = true;
      else others += 1;
    }
    const isEnvelope = ['ISA', 'IEA', ''].includes(tag) || (isGroup && (tag === 'GS' || tag === 'GE'));
    if (isEnvelope || isDocument) kept.push(tag === 'GE' || tag === 'IEA' ? counted(elements, separator) : segment);
    if (tag === 'SE') isDocument = false;
  }
  if (!found) return undefined;
  return others === 0 ? bytes : Buffer.from(kept.join(terminator), 'latin1');
}

/** GE01 and IEA01: one document, one group. */
function counted(elements: readonly string[], separator: string): string {
  return elements.map((element, index) => (index === 1 ? '1' : element)).join(separator);
}
