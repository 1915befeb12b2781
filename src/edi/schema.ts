/**
 * Definitions in the compiled form that reading uses: elements coded as small integers, code lists as sets of packed
 * integers, a document's structure as a flat pre-order list. `definition-language.ts` makes them from text.
 */

/** Element types. X12's own, and EDIFACT's a / n / an. */
export const TYPE_AN = 0;
export const TYPE_ID = 1;
export const TYPE_N = 2;
export const TYPE_R = 3;
export const TYPE_DT = 4;
export const TYPE_TM = 5;
export const TYPE_B = 6;
/** EDIFACT `a`: letters only. */
export const TYPE_A = 7;
/** EDIFACT `n`: decimal number. */
export const TYPE_NUM = 8;

export interface CodeList {
  /** True when the list names every code there is: any other is an error. Otherwise an unlisted code is only noted. */
  closed: boolean;
  packed: Set<number>;
  labels: Map<string, string>;
}

export interface ElementSchema {
  /** Data element number, e.g. `353`. */
  ref: string;
  type: number;
  /** Implied decimals of an N type. */
  decimals: number;
  min: number;
  max: number;
  /** Key in guide JSON. */
  name: string;
  label: string;
  codes: CodeList | undefined;
  /**
   * Character classes (see `segment-view.ts`) that need a closer look in a value of this element; one without them and of the right
   * length is right. All classes when dates or codes have to be looked at in any case.
   */
  look: number;
}

export interface ComponentUse {
  element: ElementSchema;
  required: boolean;
  name: string;
}

export interface CompositeSchema {
  ref: string;
  label: string;
  name: string;
  components: ComponentUse[];
  requiredMask: number;
  conditions: Condition[];
}

/** Either an element or a composite. Every use has every field, so that all share one hidden class. */
export interface ElementUse {
  element: ElementSchema | undefined;
  composite: CompositeSchema | undefined;
  required: boolean;
  /** How often the element may repeat. */
  repeat: number;
  /** Marked by a partner guide: not to be sent. */
  unused: boolean;
  name: string;
  /** Elements that come in sets (qualifier and id) are one array in guide JSON. */
  group: { name: string; index: number } | undefined;
}

/** A relational condition: X12's P R E C L, and EDIFACT's D1 to D7 expressed in the same way. */
export interface Condition {
  kind: 'P' | 'R' | 'E' | 'C' | 'L' | 'ONE' | 'NONE';
  positions: number[];
  /** Bit for the first position, bits for the rest, bits for all. */
  first: number;
  rest: number;
  all: number;
  /** Whether the rule holds when none of its elements is present, and when all are. */
  freeOfNone: boolean;
  freeOfAll: boolean;
}

export interface SegmentSchema {
  id: string;
  key: number;
  label: string;
  uses: ElementUse[];
  requiredMask: number;
  conditions: Condition[];
  /** Of every use three numbers: classes that need a closer look, least and greatest length. */
  limits: Int32Array;
}

export const LIMITS_EACH = 3;

export const UNBOUNDED = 0x7fffffff;

/** One place in a document's structure. Places are numbered in pre-order; a loop's content is `index + 1 … end - 1`. */
export interface Place {
  index: number;
  kind: 'segment' | 'loop';
  id: string;
  key: number;
  min: number;
  max: number;
  parent: number;
  end: number;
  depth: number;
  /** Key in guide JSON. */
  name: string;
  segment?: SegmentSchema;
  /** Only a segment with one of these values at this element (component 1) belongs here. */
  qualifier?: { element: number; values: Set<string> };
  note?: string;
}

export type Standard = 'x12' | 'edifact';

export interface Definition {
  standard: Standard;
  /** `004010`, `D.96A`. */
  version: string;
  type: string;
  /** Functional identifier of the set (`PO`), '' in EDIFACT. */
  functionalId: string;
  label: string;
  provenance: string;
  places: Place[];
  /** Every segment known in this version, for telling `unknown` from `not in this set`. */
  dictionary: { has(key: number): boolean };
  /** Segments that the standard has though we do not define them. */
  knownKeys?: ReadonlySet<number>;
  /** First place per segment key, for faults. */
  placesByKey: Map<number, number[]>;
  /** Checks beyond syntax, by name. */
  checks: string[];
  transitions: Map<number, Transition[]>[];
  /** ST03 or UNH 0057 that it is for; absent: any. */
  association?: string;
  /** Id of the partner guide that narrows it, if any. */
  narrowedBy?: string;
}

/** A way from one place to the next. */
export interface Transition {
  place: number;
  /** Loop entered anew (the outermost one started by this step), or -1. */
  loop: number;
  /** Whose occurrences this step counts, the loop's or the place's, and how many there may be. */
  counted: number;
  max: number;
  /** Mandatory places passed over on the way. */
  skipped: number[];
}
