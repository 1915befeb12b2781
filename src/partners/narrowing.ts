/** A partner's guide as rows that narrow the standard definition of a document that the partner sends. */
import { type Static, Type } from 'typebox';
import { findNarrowingProblems, lookup, lookupWith, narrowDefinition, type Standard } from '../edi/index.ts';
import { Code, closed, oneOf, Text } from '../model/index.ts';
import type { ErrorDetail } from '../platform/index.ts';

export const NarrowingRow = closed({
  /** Names of loops and ids of segments, `/` between them, `.` before an element position: `lines/PO1`, `BEG.04`. */
  path: Type.String({ pattern: '^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*(\\.[0-9]{1,2})?$', maxLength: 200 }),
  use: Type.Optional(oneOf(['required', 'optional', 'unused'])),
  /** Most occurrences of a segment or loop. */
  max: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
  /** In characters. */
  minLength: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
  maxLength: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
  /** The only codes taken. */
  codes: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 80 }), { minItems: 1, maxItems: 1_000 })),
  /** For the person who reads the guide. */
  note: Type.Optional(Text),
});
export type NarrowingRow = Static<typeof NarrowingRow>;

export const Narrowing = closed({
  /** Document type, e.g. 850 or ORDERS; one that is taken in under the agreement. */
  type: Code,
  /** Version of the definition, e.g. 004010 or D.96A; X12 documents match by their first six digits. */
  version: Code,
  rows: Type.Array(NarrowingRow, { maxItems: 500 }),
});
export type Narrowing = Static<typeof Narrowing>;

/** The narrowings of an agreement that cannot work, with pointers into it. */
export function narrowingProblems(
  standard: Standard,
  narrowings: readonly Narrowing[],
  inbound: readonly string[],
): ErrorDetail[] {
  return narrowings.flatMap(({ type, version, rows }, index): ErrorDetail[] => {
    const pointer = `/narrowings/${index}`;
    if (narrowings.findIndex((each) => each.type === type && each.version === version) !== index)
      return [{ pointer, code: 'REPEATED', message: `${type} in ${version} is narrowed already` }];
    if (!inbound.includes(type)) {
      const message = `${type} is not taken in under this agreement; only what the partner sends can be narrowed`;
      return [{ pointer: `${pointer}/type`, code: 'NOT_INBOUND', message }];
    }
    const definition = lookup(standard, version, type);
    if (definition === undefined) {
      const message = `We have no definition of ${type} in ${version}`;
      return [{ pointer: `${pointer}/version`, code: 'NO_DEFINITION', message }];
    }
    return findNarrowingProblems(definition, rows).map(({ row, message }) => ({
      pointer: `${pointer}/rows/${row}`,
      code: 'NARROWING_ROW',
      message,
    }));
  });
}

/** Definitions as the guides of the agreement `id` narrow them; the standard's where none does. */
export function narrowedLookup(standard: Standard, id: string, narrowings: readonly Narrowing[]): typeof lookup {
  return lookupWith(
    narrowings.flatMap(({ type, version, rows }) => {
      const base = lookup(standard, version, type);
      return base === undefined ? [] : [narrowDefinition(base, { id, standard, version, type, rows })];
    }),
  );
}
