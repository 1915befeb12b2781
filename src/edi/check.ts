/** Reading as an iterator, and checking as a report. */
import type { EdiDocument } from './document.ts';
import {
  countVerdict,
  type Group,
  groupStatus,
  type Interchange,
  type InterchangeAcknowledgment,
  type Status,
} from './envelope.ts';
import type { Issue, Verdict } from './issue.ts';
import { type ReadEvent, type ReadOptions, Reader, type Settings, Slicer } from './reader.ts';
import { lookup } from './registry.ts';

export type ByteSource = Uint8Array | string | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

function settingsOf(options: ReadOptions): Settings {
  return {
    strict: options.strict ?? false,
    keepDocuments: options.keepDocuments ?? true,
    lookup: options.lookup ?? lookup,
    maxSegmentBytes: options.maxSegmentBytes ?? 1 << 20,
    maxDocumentBytes: options.maxDocumentBytes ?? 1 << 25,
  };
}

function chunksOf(source: ByteSource): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if (typeof source === 'string') return [new TextEncoder().encode(source)];
  return source instanceof Uint8Array ? [source] : source;
}

/** A reader to push chunks into, for callers that have no stream. */
export function createReader(options: ReadOptions = {}): Reader {
  return new Reader(settingsOf(options));
}

/** Read a source event by event. The source is read no faster than events are taken. */
export async function* read(source: ByteSource, options: ReadOptions = {}): AsyncGenerator<ReadEvent> {
  const reader = createReader(options);
  const slicer = new Slicer();
  for await (const chunk of chunksOf(source)) {
    for (const slice of slicer.slices(chunk)) yield* reader.push(slice);
  }
  yield* reader.end();
}

/** The same over bytes that are already here, without promises. */
export function* readSync(bytes: Uint8Array | string, options: ReadOptions = {}): Generator<ReadEvent> {
  const reader = createReader(options);
  const whole = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
  for (const slice of new Slicer().slices(whole)) yield* reader.push(slice);
  yield* reader.end();
}

export interface DocumentResult {
  type: string;
  control: string;
  verdict: Verdict;
  issues: readonly Issue[];
  version?: string;
  /** ST03 or 0057, where sent. */
  association?: string;
}

export interface CheckedGroup {
  group: Group;
  documents: DocumentResult[];
}

/** One interchange with everything found in it: what acknowledgments are made from. */
export interface CheckedInterchange {
  interchange: Interchange;
  /** EDIFACT messages outside any group are in one group without type and control. */
  groups: CheckedGroup[];
  acknowledgments: InterchangeAcknowledgment[];
}

function impliedGroup(): Group {
  return {
    type: '',
    control: '',
    version: '',
    sender: '',
    receiver: '',
    date: '',
    time: '',
    agency: '',
    byteOffset: 0,
    declaredCount: undefined,
    receivedCount: 0,
    acceptedCount: 0,
    documentsWithErrors: 0,
    complete: true,
    status: 'accepted',
    issues: [],
  };
}

/** Gathers read events into `CheckedInterchange`s, without keeping the documents themselves. */
export class ResultCollector {
  private current: CheckedInterchange | undefined;
  private implied: CheckedGroup | undefined;
  private readonly groups = new Map<Group, CheckedGroup>();
  /** Issues outside any interchange. */
  readonly issues: Issue[] = [];

  /** Take an event; returns the interchange when the event ends it. */
  take(event: ReadEvent): CheckedInterchange | undefined {
    switch (event.kind) {
      case 'issue':
        this.issues.push(event.issue);
        return undefined;
      case 'interchange':
        this.current = { interchange: event.interchange, groups: [], acknowledgments: [] };
        this.groups.clear();
        this.implied = undefined;
        return undefined;
      case 'group': {
        const checked = { group: event.group, documents: [] };
        this.groups.set(event.group, checked);
        this.current?.groups.push(checked);
        return undefined;
      }
      case 'document':
        this.document(event.group, event.document);
        return undefined;
      case 'acknowledgment':
        this.current?.acknowledgments.push(event.acknowledgment);
        return undefined;
      case 'interchange-end':
        return this.current;
      default:
        return undefined;
    }
  }

  private document(group: Group | undefined, document: EdiDocument): void {
    let checked = group === undefined ? this.implied : this.groups.get(group);
    if (checked === undefined) {
      checked = { group: impliedGroup(), documents: [] };
      this.implied = checked;
      this.current?.groups.push(checked);
    }
    const { association, control, issues, type, verdict, version } = document;
    if (group === undefined) {
      countVerdict(checked.group, document.verdict);
      checked.group.status = groupStatus(checked.group);
    }
    checked.documents.push({ type, control, verdict, issues, version, ...(association === '' ? {} : { association }) });
  }
}

export interface CheckResult {
  interchanges: {
    standard: string;
    version: string;
    sender: Interchange['sender'];
    receiver: Interchange['receiver'];
    control: string;
    status: Status;
    groups: {
      type: string;
      control: string;
      version: string;
      status: Status;
      documents: DocumentResult[];
      issues: Issue[];
    }[];
    acknowledgments: InterchangeAcknowledgment[];
    issues: Issue[];
  }[];
  issues: Issue[];
}

export function toCheckResult(interchanges: readonly CheckedInterchange[], issues: readonly Issue[]): CheckResult {
  return {
    interchanges: interchanges.map(({ interchange, groups, acknowledgments }) => ({
      standard: interchange.standard,
      version: interchange.version,
      sender: interchange.sender,
      receiver: interchange.receiver,
      control: interchange.control,
      status: interchange.status,
      groups: groups.map(({ group, documents }) => ({
        type: group.type,
        control: group.control,
        version: group.version,
        status: group.status,
        documents,
        issues: group.issues,
      })),
      acknowledgments,
      issues: interchange.issues,
    })),
    issues: [...issues],
  };
}

/** Read everything and report verdicts and issues. Memory grows with the number of documents, not with their size. */
export async function collect(
  source: ByteSource,
  options: ReadOptions = {},
): Promise<{ interchanges: CheckedInterchange[]; issues: Issue[] }> {
  const collector = new ResultCollector();
  const interchanges: CheckedInterchange[] = [];
  for await (const event of read(source, { keepDocuments: false, ...options })) {
    const ended = collector.take(event);
    if (ended !== undefined) interchanges.push(ended);
  }
  return { interchanges, issues: collector.issues };
}

/** The report of `crossdock edi check`. */
export async function check(source: ByteSource, options: ReadOptions = {}): Promise<CheckResult> {
  const { interchanges, issues } = await collect(source, options);
  return toCheckResult(interchanges, issues);
}
