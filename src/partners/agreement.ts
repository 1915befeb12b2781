import { type Static, Type } from 'typebox';
import type { lookup } from '../edi/index.ts';
import { Code, Currency, closed, oneOf, Text } from '../model/index.ts';
import { type CompiledOverlay, compileOverlay } from './compile-overlay.ts';
import { narrowedLookup, Narrowing } from './narrowing.ts';
import { Overlay } from './overlay.ts';

/** An interchange address: X12 ISA05/ISA06 (or ISA07/ISA08), EDIFACT UNB 0007/0004. Ids are compared without trailing spaces. */
export const InterchangeAddress = closed({
  qualifier: Type.String({ minLength: 1, maxLength: 4 }),
  id: Type.String({ minLength: 1, maxLength: 35 }),
});
export type InterchangeAddress = Static<typeof InterchangeAddress>;

const Delimiter = Type.String({ minLength: 1, maxLength: 1 });

export const Delimiters = closed({
  element: Type.Optional(Delimiter),
  component: Type.Optional(Delimiter),
  /** ISA11 from 00402 on. */
  repetition: Type.Optional(Delimiter),
  segment: Type.Optional(Delimiter),
  /** What follows each segment terminator, e.g. a line feed for readability. */
  suffix: Type.Optional(Type.String({ maxLength: 2 })),
});

const duplicatePolicy = oneOf(['refuse', 'accept', 'off']);

/** Line codes of the 855 (ACK01) and the ORDRSP (1229). Partners disagree about them, so they are the partner's data. */
const LineCodes = closed({
  accepted: Type.Optional(Code),
  /** Accepted in part, the rest is backordered. */
  partial: Type.Optional(Code),
  backordered: Type.Optional(Code),
  rejected: Type.Optional(Code),
  quantityChanged: Type.Optional(Code),
  priceChanged: Type.Optional(Code),
  substituted: Type.Optional(Code),
  hold: Type.Optional(Code),
});

/** Every part of an agreement that may be left out has the default written beside it. */
export const Agreement = closed({
  id: Code,
  /** Account number of the customer (or supplier) on the other side. */
  partner: Code,
  name: Type.Optional(Text),
  /** `inactive`: kept, no longer matched. Default active. */
  status: Type.Optional(oneOf(['active', 'inactive'])),
  standard: oneOf(['x12', 'edifact']),
  us: InterchangeAddress,
  them: InterchangeAddress,
  /** GS02/GS03; the interchange ids when absent. */
  groupUs: Type.Optional(Code),
  groupThem: Type.Optional(Code),
  /** GS08 of what we originate, e.g. 004010, or the EDIFACT directory, e.g. D.96A. An acknowledgment inherits the inbound version. */
  version: Code,
  /** EDIFACT: UNB 0001 and 0002 of what we originate. Default UNOC:3. */
  syntax: Type.Optional(Type.String({ pattern: '^UNO[A-FY]:[34]$' })),
  /** EDIFACT: UNH 0057, e.g. EAN008. */
  association: Type.Optional(Type.String({ pattern: '^[A-Z0-9]{1,6}$' })),
  /** ISA15 (EDIFACT: UNB 0035) must match: P for production, T for test. */
  usage: oneOf(['production', 'test']),
  /** Channel under which orders enter. Default `edi`. */
  channel: Type.Optional(Code),
  /** Connection that carries what we send, a connection with role `edi`. */
  connection: Type.Optional(Code),
  delimiters: Type.Optional(Delimiters),
  /** Refuse documents with any error; tolerant (default) takes those whose faults concern single values. */
  strict: Type.Optional(Type.Boolean()),
  acknowledge: Type.Optional(
    closed({
      /** Default 997. */
      functional: Type.Optional(oneOf(['997', '999', 'none'])),
      /** Default requested: where ISA14 is 1, and for what is refused. EDIFACT: CONTRL for what comes in, by default always. */
      ta1: Type.Optional(oneOf(['requested', 'always', 'never'])),
      /** AK2/AK5 for accepted sets too. Default true. */
      ak2ForAccepted: Type.Optional(Type.Boolean()),
      /** Documents that we have no definition of: accepted as far as their envelope goes (default), or refused (AK502 1, 0085 14). */
      unknownTypes: Type.Optional(oneOf(['accept', 'reject'])),
    }),
  ),
  /** Functional acknowledgments that we expect for what we send. */
  expect: Type.Optional(
    closed({
      /** Default true. */
      functional: Type.Optional(Type.Boolean()),
      /** Default 1440. */
      withinMinutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 43_200 })),
    }),
  ),
  /** Set ISA14 to 1 on what we send. Default false. */
  requestTa1: Type.Optional(Type.Boolean()),
  duplicates: Type.Optional(
    closed({
      /** Same ISA13 from this sender within `days`, other content. Default refuse, 30 days. */
      interchange: Type.Optional(duplicatePolicy),
      days: Type.Optional(Type.Integer({ minimum: 1, maximum: 3650 })),
      /** Same GS06. Default off. */
      group: Type.Optional(duplicatePolicy),
      /** Same (GS01, GS06, ST02). Default off. */
      document: Type.Optional(duplicatePolicy),
    }),
  ),
  /** ISA13 and GS06 (UNB 0020) of what we send begin again at 1 after this one. Default 999999999. */
  controlNumbersUpTo: Type.Optional(Type.Integer({ minimum: 9_999, maximum: 999_999_999 })),
  /**
   * Documents that are ready at the same time share an interchange, with a functional group per kind. By default each
   * goes in an interchange of its own. What is sent at set times gathers behind the windows of the connection.
   */
  batch: Type.Optional(
    closed({
      /** In one interchange. Default 100. */
      maxDocuments: Type.Optional(Type.Integer({ minimum: 2, maximum: 1_000 })),
    }),
  ),
  /** Document types taken in. Default 850, 997, 999, TA1; EDIFACT: ORDERS, CONTRL. */
  inbound: Type.Optional(Type.Array(Code, { maxItems: 50 })),
  /** Document types sent. Default 855, 856, 810; EDIFACT: ORDRSP, DESADV, INVOIC. */
  outbound: Type.Optional(Type.Array(Code, { maxItems: 50 })),
  lineCodes: Type.Optional(LineCodes),
  /** IANA zone of dates and times that we write, and of those we read that name none. Default UTC. */
  timeZone: Type.Optional(Code),
  /** Currency where a document names none. Default USD. */
  currency: Type.Optional(Currency),
  /** Qualifiers (element 235) for the buyer's and the vendor's item number (default IN, VN) and the GTIN (by its length). */
  itemQualifiers: Type.Optional(
    closed({
      buyer: Type.Optional(Type.String({ minLength: 2, maxLength: 2 })),
      vendor: Type.Optional(Type.String({ minLength: 2, maxLength: 2 })),
      gtin: Type.Optional(Type.String({ minLength: 2, maxLength: 2 })),
    }),
  ),
  orderAcknowledgment: Type.Optional(
    closed({
      /**
       * BAK02 for an order accepted as it is (default AD), with changes (AC), and refused (RD). AK, AT, RJ send no lines.
       * EDIFACT, BGM 1225: 29, 30 and 27.
       */
      codes: Type.Optional(
        closed({
          accepted: Type.Optional(oneOf(['AD', 'AK', 'AT', '29'])),
          changed: Type.Optional(oneOf(['AC', 'AD', 'AT', '4', '28', '30'])),
          rejected: Type.Optional(oneOf(['RD', 'RJ', '27'])),
        }),
      ),
      /** Minutes until an undecided 855 warns and goes out with the hold code for what is still held. Default 1440. */
      warnAfterMinutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 43_200 })),
      /** Also send an 855 that refuses (RD, RJ). Default true. */
      sendRejections: Type.Optional(Type.Boolean()),
    }),
  ),
  shipNotice: Type.Optional(
    closed({
      /**
       * Order of the hierarchical levels: shipment, order, then tare, package and item. SOTPI, SOPI, SOTI for goods that are
       * picked and packed; SOIP and SOITP for cartons of one item each; SOI without labels. Default SOPI.
       */
      structure: Type.Optional(oneOf(['SOPI', 'SOTPI', 'SOTI', 'SOIP', 'SOITP', 'SOI'])),
      /** BSN05 for the structure, e.g. 0001. */
      structureCode: Type.Optional(Code),
      /** Write SSCCs with their application identifier (20 digits). Default true. */
      ssccWithAi: Type.Optional(Type.Boolean()),
      /** Default 1440. */
      withinMinutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 43_200 })),
    }),
  ),
  /** Where the partner is a warehouse that ships for us, see the `agreement` of a location. */
  warehouse: Type.Optional(
    closed({
      /** W0501 of a 940 that takes a release back. Default F; some guides ask for D. */
      cancelCode: Type.Optional(Type.String({ pattern: '^[A-Z0-9]$' })),
    }),
  ),
  /** Unit of quantities that a document writes without one, as EANCOM does for pieces. Without it they are refused. */
  defaultUnit: Type.Optional(Code),
  /** Our unit code → the partner's, where they differ (EA ↔ PCE). */
  units: Type.Optional(
    Type.Record(Type.String({ maxLength: 10 }), Type.String({ maxLength: 10 }), { maxProperties: 100 }),
  ),
  /** How we name ourselves in N1*SE and the vendor number in REF*IA. */
  seller: Type.Optional(
    closed({
      name: Type.Optional(Text),
      vendorNo: Type.Optional(Code),
      qualifier: Type.Optional(Code),
      code: Type.Optional(Code),
    }),
  ),
  /** Deviations from the standard maps, at most one per map. */
  overlays: Type.Optional(Type.Array(Overlay, { maxItems: 20 })),
  /** What the partner's guides ask of documents beyond the standard, at most one per type and version. */
  narrowings: Type.Optional(Type.Array(Narrowing, { maxItems: 20 })),
  /**
   * Faults (codes of issues, e.g. ELEMENT_TOO_LONG) with which our documents go out all the same. Default none: what breaks the
   * standard waits for a person. Codes that this agreement names are never a fault.
   */
  toleratedFaults: Type.Optional(Type.Array(Code, { maxItems: 20 })),
  /** Folder door `$CROSSDOCK_DATA/partners/<partner>/{in,out}`. */
  folder: Type.Optional(
    closed({
      /** Default true. */
      enabled: Type.Optional(Type.Boolean()),
      /** Larger files are refused visibly. Default 10 MB. */
      maxBytes: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000_000 })),
    }),
  ),
});
export type Agreement = Static<typeof Agreement>;

/** An agreement with its defaults filled in; what the rest of the hub reads. */
export interface Terms {
  readonly agreement: Agreement;
  readonly version: number;
  readonly channel: string;
  readonly delimiters: { element: string; component: string; repetition: string; segment: string; suffix: string };
  readonly functional: '997' | '999' | 'none';
  readonly ta1: 'requested' | 'always' | 'never';
  readonly ak2ForAccepted: boolean;
  readonly unknownTypes: 'accept' | 'reject';
  readonly expectFunctional: boolean;
  readonly expectWithinMinutes: number;
  readonly duplicates: {
    interchange: 'refuse' | 'accept' | 'off';
    days: number;
    group: 'refuse' | 'accept' | 'off';
    document: 'refuse' | 'accept' | 'off';
  };
  /** Documents in one interchange at most. */
  readonly maxDocuments: number;
  readonly timeZone: string;
  readonly inbound: readonly string[];
  readonly outbound: readonly string[];
  readonly lineCodes: Readonly<Required<Static<typeof LineCodes>>>;
  /** The deviation from a map, ready to run. */
  overlay(map: string): CompiledOverlay | undefined;
  /** Definitions as the partner's guides narrow them; undefined where the agreement has no guide. */
  lookup(): typeof lookup | undefined;
}

/** What the two standards do differently where an agreement says nothing. */
const STANDARD_TERMS = {
  x12: {
    delimiters: { element: '*', component: '>', repetition: '^', segment: '~' },
    ta1: 'requested',
    inbound: ['850', '997', '999', 'TA1'],
    outbound: ['855', '856', '810'],
    lineCodes: {
      accepted: 'IA',
      partial: 'BP',
      backordered: 'IB',
      rejected: 'IR',
      quantityChanged: 'IQ',
      priceChanged: 'IP',
      substituted: 'IS',
      hold: 'IH',
    },
  },
  edifact: {
    delimiters: { element: '+', component: ':', repetition: '*', segment: "'" },
    ta1: 'always',
    inbound: ['ORDERS', 'CONTRL'],
    outbound: ['ORDRSP', 'DESADV', 'INVOIC'],
    // 1229 knows no backorder: the line is accepted with amendment, and its quantities tell the rest.
    lineCodes: {
      accepted: '5',
      partial: '6',
      backordered: '6',
      rejected: '7',
      quantityChanged: '6',
      priceChanged: '6',
      substituted: '38',
      hold: '4',
    },
  },
} as const;

/** Fills in the defaults written in the schema. */
export function termsOf(agreement: Agreement, version: number): Terms {
  const usual = STANDARD_TERMS[agreement.standard];
  const { delimiters, acknowledge, expect, duplicates } = agreement;
  return {
    agreement,
    version,
    channel: agreement.channel ?? 'edi',
    delimiters: { ...usual.delimiters, suffix: '', ...delimiters },
    functional: acknowledge?.functional ?? '997',
    ta1: acknowledge?.ta1 ?? usual.ta1,
    ak2ForAccepted: acknowledge?.ak2ForAccepted ?? true,
    unknownTypes: acknowledge?.unknownTypes ?? 'accept',
    expectFunctional: expect?.functional ?? true,
    expectWithinMinutes: expect?.withinMinutes ?? 1440,
    duplicates: {
      interchange: duplicates?.interchange ?? 'refuse',
      days: duplicates?.days ?? 30,
      group: duplicates?.group ?? 'off',
      document: duplicates?.document ?? 'off',
    },
    maxDocuments: agreement.batch === undefined ? 1 : (agreement.batch.maxDocuments ?? 100),
    timeZone: agreement.timeZone ?? 'UTC',
    inbound: agreement.inbound ?? usual.inbound,
    outbound: agreement.outbound ?? usual.outbound,
    lineCodes: { ...usual.lineCodes, ...agreement.lineCodes },
    overlay(map) {
      const rows = agreement.overlays?.find((overlay) => overlay.map === map)?.rows;
      return rows === undefined ? undefined : compileOverlay(rows);
    },
    lookup() {
      const { standard, id, narrowings = [] } = agreement;
      return narrowings.length === 0 ? undefined : narrowedLookup(standard, id, narrowings);
    },
  };
}
