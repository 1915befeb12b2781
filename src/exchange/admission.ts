import type { EdiDocument, ParsedAcknowledgment } from '../edi/index.ts';
import type { ExceptionCode } from '../exceptions/index.ts';
import type { Terms } from '../partners/index.ts';
import type { Tx } from '../platform/index.ts';
import type { Document, NewDocument } from './document.ts';
import type { Interchange } from './interchange.ts';
import type { StoredMessage } from './message.ts';
import type { FoundInterchanges, ReadLimits } from './read-interchanges.ts';

/** A document that is to be translated. `id` is its row's, made now or kept from an earlier try. */
export interface AdmittedDocument {
  id: string;
  terms: Terms;
  document: EdiDocument;
  correlationId: string;
  /** Control numbers of interchange, group and document, `000000042/42/0001`: its name where it has no number of its own. */
  controls: string;
  /** When its group (GS04, GS05), or without one its interchange (UNB S004), was written, by the clocks of whoever wrote it. */
  written?: { date: string; time: string };
}

/** An acknowledgment of something that we sent. */
export interface AdmittedAcknowledgment {
  documentId: string;
  terms: Terms;
  parsed: ParsedAcknowledgment;
}

/** Something about the message that wants a person. */
export interface AdmissionProblem {
  code: ExceptionCode;
  documentId?: string;
  correlationId?: string;
  /** What of the message it is about, where one message can have several of the kind and it is about no document. */
  subject?: string;
  cause: string;
  suggestedFix?: string;
  data?: Record<string, unknown>;
}

/** What a message of EDI comes to, before anything in it is translated. */
export interface Admission {
  /** Rows to insert, in their state so far; those to be translated say `held` until that has been done. */
  rows: (NewDocument & { id: string })[];
  documents: AdmittedDocument[];
  acknowledgments: AdmittedAcknowledgment[];
  /** Stored acknowledgments to send: new ones, and earlier ones once more. */
  outputs: { messageId: string; terms: Terms }[];
  problems: AdmissionProblem[];
  /** How the interchanges ended, for the message's own state. */
  outcomes: Interchange['outcome'][];
  partner?: string;
  test: boolean;
}

export interface AdmitOptions extends ReadLimits {
  at: Date;
  /** Where an agreement's output goes. */
  connectionOf: (terms: Terms) => string | undefined;
  /** Whether several partners share the door that is known for this one, as they do in a mailbox of a network. */
  isSharedDoor?: (partner: string) => boolean;
  /** Partners whose interchanges a person has accepted though they came by another one's door. */
  acceptSenders?: readonly string[];
  /** A person asked for it: interchanges that were refused are judged and acknowledged anew. */
  readmit?: boolean;
}

/** The work on one message. */
export interface Admitting extends AdmitOptions {
  tx: Tx;
  message: StoredMessage & { bytes: Uint8Array };
  admission: Admission;
  previous: readonly Interchange[];
  previousDocuments: readonly Document[];
  /** The message as agreements have it judged that are strict or have a guide of their own, by the agreement: read once for all of its interchanges. */
  readonly judged: Map<string, FoundInterchanges>;
  /** Of an edited copy: what became of the message that it corrects. */
  parent?: {
    /** Its sender has had its acknowledgment and gets no second one for our edit. */
    readonly answered: boolean;
    /** Documents that went through with the parent, as `group/control`: they are not done twice. */
    readonly done: ReadonlySet<string>;
  };
}
