import {
  type CheckedInterchange,
  type EdiDocument,
  type Group,
  type InterchangeAcknowledgment,
  type Issue,
  type ReadOptions,
  readSync,
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

/** Reads a message as EDI. No interchange at all means that it is none. */
export function readInterchanges(
  bytes: Uint8Array,
  options: Pick<ReadOptions, 'strict' | 'lookup'> = {},
): { interchanges: FoundInterchange[]; issues: Issue[] } {
  const collector = new ResultCollector();
  const interchanges: FoundInterchange[] = [];
  let documents: FoundDocument[] = [];
  let ordinal = 0;
  for (const event of readSync(bytes, options)) {
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

function trimmed(bytes: Uint8Array): Uint8Array {
  let end = bytes.byteLength;
  while (end > 0 && (bytes[end - 1] as number) <= 0x20) end--;
  return bytes.subarray(0, end);
}
