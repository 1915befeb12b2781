import { type Guide, lookup, write } from '../edi/index.ts';
import { HubError, type Tx } from '../platform/index.ts';
import { takeInterchangeNumber, usageOf } from './agreement-numbers.ts';
import { checkRendered } from './check-rendered.ts';
import { localDateTime } from './local-time.ts';
import { type OutgoingInterchange, type RenderedInterchange, unwritable } from './render-interchange.ts';

/** Delimiters of an agreement as EDIFACT's writer takes them; a release character is always there to escape with. */
export function edifactDelimiters(terms: OutgoingInterchange['terms'], syntax: string) {
  const { element, component, segment, repetition } = terms.delimiters;
  return { element, component, segment, release: '?', ...(syntax >= '4' ? { repetition } : {}) };
}

/**
 * Writes one EDIFACT interchange under an agreement, without groups (UNG), and takes its UNB 0020 in the transaction that
 * stores it. What X12 tells by groups is told by the interchange here: its number stands for theirs.
 * @throws HubError MAP_FAILED when the data cannot be written in the agreement's character set, OUTPUT_INVALID when what was
 * written breaks the standard
 */
export async function renderEdifact(tx: Tx, out: OutgoingInterchange): Promise<RenderedInterchange> {
  const { agreement, timeZone, delimiters } = out.terms;
  const syntax = agreement.syntax ?? 'UNOC:3';
  const control = await takeInterchangeNumber(tx, agreement);
  const { date, time } = localDateTime(out.at, timeZone);
  const messages = out.groups.flatMap((group) =>
    group.documents.map((document) => ({ ...document, version: group.version })),
  );
  try {
    const bytes = write({
      envelope: {
        standard: 'edifact',
        sender: agreement.us,
        receiver: agreement.them,
        usage: usageOf(agreement),
        version: syntax,
        control,
        date,
        time,
        delimiters: edifactDelimiters(out.terms, syntax.slice(-1)),
        lineEnding: delimiters.suffix,
        // A CONTRL is what we expect back; UNB 0031 asks for it.
        ackRequested: agreement.requestTa1 ?? out.terms.expectFunctional,
      },
      groups: [
        {
          functionalId: '',
          control: '',
          version: agreement.version,
          documents: messages.map((message, index) => ({
            type: message.type,
            control: String(index + 1),
            association: agreement.association,
            ...contentOf(message),
          })),
        },
      ],
    });
    checkRendered(bytes, out.terms);
    return { bytes, control, groups: [{ control, documentControls: messages.map((_, index) => String(index + 1)) }] };
  } catch (error) {
    throw unwritable(error);
  }
}

function contentOf(message: OutgoingInterchange['groups'][number]['documents'][number] & { version: string }) {
  if (message.segments !== undefined) return { segments: message.segments };
  const definition = lookup('edifact', message.version, message.type);
  if (definition === undefined)
    throw new HubError('MAP_FAILED', { message: `There is no definition of ${message.type} in ${message.version}` });
  // Nothing is replaced in it: what is a delimiter is escaped.
  return { guide: { body: JSON.parse(JSON.stringify(message.body ?? {})) as Guide['body'] }, definition };
}
