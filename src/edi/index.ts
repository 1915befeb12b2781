/**
 * X12 and EDIFACT: read, validate, write, acknowledge. Pure, and imports nothing of the rest: it can be lifted out.
 *
 * ## Reading
 *
 *     for await (const event of read(stream)) {
 *       if (event.kind === 'document') console.log(event.document.type, event.document.verdict, event.document.issues);
 *     }
 *
 * One pass over bytes in bounded memory: a document is handed on when its trailer has come, and dropped. Events:
 * `interchange`, `group`, `document`, `acknowledgment` (TA1), `group-end`, `interchange-end`, `issue`. Nothing throws because
 * of bad data: faults are `Issue` values with byte offset, segment ordinal, element, component and acknowledgment codes.
 * Verdicts: `accepted`, `accepted_with_errors` (faults of single values, when not strict), `rejected`, `unchecked` (a type or
 * version that we have no definition for). `check` reports on a whole source; `createReader` is the push form of `read`.
 *
 * ## Three forms of a document
 *
 * 1. Lossless: `document.segments()` → `{ id: 'PO1', elements: ['1', '10', 'EA', …], byteOffset }`. A composite is an array,
 *    a repeated element `{ repeats: [...] }`.
 * 2. Guide JSON: `toGuide(document)` → `{ standard, version, type, control, body, unplaced? }`, by the names of the
 *    definition; `fromGuide(guide, definition)` → segments again.
 * 3. The canonical document is made from guide JSON by maps, outside this folder.
 *
 * Rules of guide JSON: segments stand under their ids, loops under their names; what may occur more than once is always an
 * array, what may occur once an object; elements stand under their names; qualifier and id pairs are arrays of objects; empty
 * elements are left out; every value is text: dates `2026-06-01`, times `09:00`, numbers as plain decimals with the
 * implied point of N2 put in (TDS01 `41192` → `411.92`). What does not have its type's form stays as sent.
 *
 * 850:
 *
 *     body: {
 *       BEG: { purpose: '00', type: 'SA', poNumber: 'PO-1', release: '7', date: '2026-06-01' },
 *       CUR: { entity: 'BY', currency: 'USD' },
 *       REF: [{ referenceQualifier: 'DP', reference: '038' }],
 *       PER: [{ function: 'BD', name: 'Ann', channels: [{ qualifier: 'TE', number: '555' }] }],
 *       FOB: [{ paymentMethod: 'CC' }], SAC in charges: [{ SAC: { indicator: 'A', code: 'C310', amount: '12.00' } }],
 *       ITD: [{ termsType: '01', basisDate: '3', discountPercent: '2', discountDays: '10', netDays: '30' }],
 *       DTM: [{ dateQualifier: '010', date: '2026-06-05' }],
 *       TD5: [{ routingSequence: 'O', idQualifier: '2', id: 'UPSN', transportMethod: 'M', routing: 'UPS GROUND' }],
 *       notes: [{ N9: { referenceQualifier: 'L1' }, MSG: [{ text: 'Leave at dock 4' }] }],
 *       parties: [{ N1: { entity: 'ST', name: 'Store 12', idQualifier: 'UL', id: '0614141900121' },
 *                   N3: [{ address: '1 Main St' }], N4: [{ city: 'Columbus', state: 'OH', postalCode: '43004', country: 'US' }] }],
 *       lines: [{ PO1: { lineNumber: '1', quantity: '10', unit: 'EA', unitPrice: '18.00', priceBasis: 'PE',
 *                        ids: [{ qualifier: 'UP', id: '614141000081' }, { qualifier: 'VN', id: 'LED' }] },
 *                 prices: [{ CTP: … }], descriptions: [{ PID: { descriptionType: 'F', description: 'LED lamp' } }],
 *                 PO4: [{ pack: '6', size: '1', unit: 'EA' }], REF: […], charges: [{ SAC: … }],
 *                 SDQ: [{ unit: 'EA', idQualifier: '92', stores: [{ location: '0012', quantity: '4' }] }],
 *                 DTM: […], notes: […], parties: […], sublines: [{ SLN: … }] }],
 *       totals: { CTT: { lineCount: '1', hashTotal: '10' }, AMT: { amountQualifier: 'TT', amount: '180.00' } },
 *     }
 *
 * 855: as the 850 with `BAK: { purpose, acknowledgmentType: 'AC', poNumber, date, release, requestReference, contractNumber,
 *     reference, acknowledgmentDate }` in place of BEG, and in each of `lines`
 *     `acknowledgments: [{ ACK: { status: 'IB', quantity: '2', unit: 'EA', dateQualifier: '068', date: '2026-06-15', ids: [] } }]`.
 *
 * 856: `BSN: { purpose, shipmentNumber, date, time, structure }`, `DTM: []`, and the HL loops as a tree by HL02:
 *     `hierarchy: [{ level: 'S', id: '1', TD1: [], TD5: [], REF: [], DTM: [], parties: [], children: [
 *        { level: 'O', id: '2', PRF: { poNumber }, children: [
 *          { level: 'P', id: '3', MAN: [{ marksQualifier: 'GM', marks: '00…' }], children: [
 *            { level: 'I', id: '4', LIN: { lineNumber, ids: [] }, SN1: { shippedQuantity, unit }, PID: [] }] }] }] }]`, `CTT: {…}`.
 *     Writing counts ids up when any is missing and takes parents from the tree.
 *
 * 810: `BIG: { date, invoiceNumber, poDate, poNumber, release }`, `CUR`, `REF: []`, `parties: []`, `ITD: []`, `DTM: []`,
 *     `lines: [{ IT1: { lineNumber, quantity, unit, unitPrice, ids: [] }, descriptions: [], charges: [{ SAC, TXI: [] }] }]`,
 *     `TDS: { amount, discountable, discountedDue, discount }`, `TXI: []`, `CAD: {…}`, `charges: [{ SAC }]`,
 *     `shipments: [{ ISS }]`, `CTT: { lineCount }`.
 *
 * The generated pages under docs/reference/edi list every name of every type.
 *
 * ## Writing and acknowledging
 *
 * `write({ envelope, groups })` → bytes; it throws `EdiWriteError` for data that cannot be represented (a delimiter in X12
 * data, a field too long). `acknowledge(checked, options)` → TA1 and 997/999, or CONTRL, from a `CheckedInterchange`
 * (`collect`, or `ResultCollector` fed with events); undefined when none is owed. `parseAcknowledgment` reads those that come in.
 * `outcomeAcknowledgment` says what the business made of a document and its lines: guide JSON of an 824 or APERAK.
 */

export { type Acknowledgment, acknowledge, type AcknowledgeOptions } from './acknowledge.ts';
export {
  type ByteSource,
  check,
  type CheckedGroup,
  type CheckedInterchange,
  type CheckResult,
  collect,
  createReader,
  type DocumentResult,
  read,
  readSync,
  ResultCollector,
  toCheckResult,
} from './check.ts';
export { describeCheck, describeDocument, type DescribeOptions } from './describe.ts';
export { EdiDocument, type ElementValue, type Segment } from './document.ts';
export type { Group, Interchange, InterchangeAcknowledgment, PartyId, Status } from './envelope.ts';
export { exampleOf, type Random } from './example.ts';
export { interchangeSegments, interchangeText } from './interchange-text.ts';
export { fromGuide, type Guide, type GuideNode, type GuideValue, toGuide } from './guide.ts';
export {
  compileDefinition,
  DefinitionError,
  type DefinitionJson,
  importDefinition,
  lookupWith,
  type StaediOptions,
} from './import/index.ts';
export { type AckCodes, type Issue, ISSUE_CODES, type IssueCode, type Severity, type Verdict } from './issue.ts';
export {
  type DocumentOutcome,
  documentOutcome,
  type Outcome,
  outcomeAcknowledgment,
  type OutcomeAcknowledgment,
  type OutcomeLine,
  type OutcomeReason,
  type OutcomeStatus,
} from './outcome-acknowledgment.ts';
export {
  findNarrowingProblems,
  narrowDefinition,
  type Narrowing,
  NarrowingError,
  type NarrowingRow,
} from './narrowing.ts';
export {
  type AcknowledgedDocument,
  type AcknowledgedGroup,
  type AcknowledgedStatus,
  type ParsedAcknowledgment,
  parseAcknowledgment,
} from './parse-acknowledgment.ts';
export type { ReadEvent, ReadOptions, Reader } from './reader.ts';
export { definedTypes, lookup } from './registry.ts';
export type { Definition, Standard } from './schema.ts';
export { EdiWriteError } from './write-error.ts';
export { checkWriteInput } from './write-input.ts';
export {
  write,
  type WriteDelimiters,
  type WriteDocument,
  type WriteEnvelope,
  type WriteGroup,
  type WriteInput,
} from './write.ts';
