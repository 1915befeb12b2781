import { setImmediate as othersFirst } from 'node:timers/promises';
import {
  type CheckedInterchange,
  type EdiDocument,
  type Group,
  type InterchangeAcknowledgment,
  type Issue,
  read,
  type ReadEvent,
  type ReadOptions,
  ResultCollector,
} from '../edi/index.ts';
import { sha256 } from './message.ts';

export interface FoundDocument {
  /** Counted over the whole message. */
  ordinal: number;
  document: EdiDocument;
  /** Absent for EDIFACT messages outside any group. */
  group: Group | undefined;
}

/** One interchange of a message: verdicts for its acknowledgment, its documents, and the identity of its bytes. */
export interface FoundInterchange {
  ordinal: number;
  checked: CheckedInterchange;
  documents: FoundDocument[];
  acknowledgments: InterchangeAcknowledgment[];
  /** Hex. White space around an interchange is no part of it: the same interchange in another file is the same. */
  sha256: string;
}

export interface FoundInterchanges {
  interchanges: FoundInterchange[];
  issues: Issue[];
  /** What there is too much of; nothing else of the message was kept then, and the rest was not read. */
  beyond?: string;
}

export interface ReadLimits {
  /** Documents, functional groups or TA1s of one message at most. Default 10,000. */
  documentsMax?: number;
}

const DOCUMENTS_MAX = 10_000;
/** Each is judged by queries of its own. */
const INTERCHANGES_MAX = 1_000;
/** Between two slices others have their turn: what is read here may be ten megabytes, and the hub has one thread. */
const SLICE_BYTES = 1 << 16;

/** Reads a message as EDI. No interchange at all means that it is none. */
export async function readInterchanges(
  bytes: Uint8Array,
  options: ReadLimits & Pick<ReadOptions, 'strict' | 'lookup'> = {},
): Promise<FoundInterchanges> {
  const { documentsMax = DOCUMENTS_MAX, ...asked } = options;
  const collector = new ResultCollector();
  const exceeded = createCounter(documentsMax);
  const interchanges: FoundInterchange[] = [];
  let documents: FoundDocument[] = [];
  let ordinal = 0;
  for await (const event of read(slicesOf(bytes), asked)) {
    const beyond = exceeded(event);
    if (beyond !== undefined) return { interchanges: [], issues: [], beyond };
    if (event.kind === 'document') documents.push({ ordinal: ++ordinal, document: event.document, group: event.group });
    const checked = collector.take(event);
    if (checked === undefined) continue;
    interchanges.push({
      ordinal: interchanges.length + 1,
      checked,
      documents,
      acknowledgments: checked.acknowledgments,
      sha256: '',
    });
    documents = [];
  }
  for (const [index, found] of interchanges.entries()) {
    const end = interchanges[index + 1]?.checked.interchange.byteOffset ?? bytes.byteLength;
    found.sha256 = sha256(trimmed(bytes.subarray(found.checked.interchange.byteOffset, end))).toString('hex');
  }
  return { interchanges, issues: collector.issues };
}

async function* slicesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += SLICE_BYTES) {
    if (at > 0) await othersFirst();
    yield bytes.subarray(at, at + SLICE_BYTES);
  }
}

const COUNTED = {
  interchange: 'interchanges',
  group: 'functional groups',
  document: 'documents',
  acknowledgment: 'interchange acknowledgments',
} as const;

/** Counts what becomes a row, a segment of the acknowledgment or a query; answers what there is too much of. */
function createCounter(documentsMax: number): (event: ReadEvent) => string | undefined {
  const counts = { interchange: 0, group: 0, document: 0, acknowledgment: 0 };
  return ({ kind }) => {
    if (!(kind in counts)) return undefined;
    const counted = kind as keyof typeof counts;
    const most = counted === 'interchange' ? INTERCHANGES_MAX : documentsMax;
    return ++counts[counted] > most ? `more than ${most.toLocaleString('en-US')} ${COUNTED[counted]}` : undefined;
  };
}

function trimmed(bytes: Uint8Array): Uint8Array {
  let end = bytes.byteLength;
  while (end > 0 && (bytes[end - 1] as number) <= 0x20) end--;
  return bytes.subarray(0, end);
}
