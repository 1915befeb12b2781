/**
 * A partner's deviation from a standard map, as rows of data. The language is total: every row ends, reads only what it
 * names, touches no prototype, does no input or output, and its output is bounded.
 */
import { type Static, Type } from 'typebox';
import { closed, oneOf } from '../model/index.ts';

/**
 * A path: names and array indexes separated by dots, e.g. `shipTo.code.code`, `lines.0.sku`. In a row with `each`, a
 * leading `@` is the current element of that array, on either side: `@.sku`.
 */
const OverlayPath = Type.String({
  pattern: '^(@|(@\\.)?[A-Za-z0-9_]+(\\.[A-Za-z0-9_]+){0,15})$',
  maxLength: 200,
});

export const OVERLAY_FUNCTIONS = [
  'upper',
  'lower',
  'trim',
  'digits',
  'padStart',
  'substring',
  'first',
  'replace',
  'default',
  'date',
  'decimal',
  'negate',
  'count',
  'join',
] as const;

export const OverlayCall = closed({
  fn: oneOf(OVERLAY_FUNCTIONS),
  args: Type.Optional(Type.Array(Type.Union([Type.String({ maxLength: 200 }), Type.Integer()]), { maxItems: 4 })),
});

export const OverlayCondition = closed({
  /** Read from the source; `@` works as in the row. */
  path: OverlayPath,
  is: oneOf(['present', 'absent', 'equals', 'notEquals', 'in', 'startsWith']),
  values: Type.Optional(Type.Array(Type.String({ maxLength: 200 }), { maxItems: 100 })),
});

/** target ← one of path, constant, template; then cross-reference; then functions in order. */
export const OverlayRow = closed({
  target: OverlayPath,
  path: Type.Optional(OverlayPath),
  /** Read `path` from what the standard map produced instead of from the source document. */
  from: Type.Optional(oneOf(['source', 'target'])),
  constant: Type.Optional(Type.Union([Type.String({ maxLength: 500 }), Type.Integer(), Type.Boolean()])),
  /** Text with `{path}` inserts, e.g. `{beg.purchaseOrderNumber}-{beg.releaseNumber}`. */
  template: Type.Optional(Type.String({ maxLength: 500 })),
  /** Remove the target instead of setting it. */
  remove: Type.Optional(Type.Boolean()),
  /** Table of the cross-reference (type `value`) that translates the value; without an entry the row does nothing. */
  crossReference: Type.Optional(Type.String({ pattern: '^[a-z0-9-]{1,40}$' })),
  apply: Type.Optional(Type.Array(OverlayCall, { maxItems: 8 })),
  when: Type.Optional(Type.Array(OverlayCondition, { maxItems: 8 })),
  /** Run the row once per element of this array of the target, e.g. `lines`; source arrays go by the same index through `eachSource`. */
  each: Type.Optional(OverlayPath),
  eachSource: Type.Optional(OverlayPath),
});
export type OverlayRow = Static<typeof OverlayRow>;

export const Overlay = closed({
  /** Document whose map it deviates from: standard and type in lower case, e.g. `x12-850`, `edifact-orders`. */
  map: Type.String({ pattern: '^[a-z0-9-]{1,80}$' }),
  rows: Type.Array(OverlayRow, { maxItems: 200 }),
});
export type Overlay = Static<typeof Overlay>;
